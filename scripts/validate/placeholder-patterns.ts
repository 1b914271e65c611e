// What stands in the place of a value that comes later: one row a way of writing it, with an example and a near miss.

/** Where it is one: what fills it in, or what else has to be so. */
export type Use =
  /** What a program fills in, anywhere. */
  | 'variable'
  /** What nobody means as it is, where a name or a value may be anything. */
  | 'word'
  /** The same, only where what is written is a name. */
  | 'noun'
  /** Where another type is wanted, or the certificates of an authority, which are longer. */
  | 'shout'
  /** What a template or the reader of a manual fills in, in what is written in a file. */
  | 'blank'
  /** What a kustomization fills in, in the files that it lists. */
  | 'var'
  /** What no object is called, in a file that is copied and filled in. */
  | 'snake'
  /** What a plugin of Argo CD fetches. */
  | 'vault'
  /** In the name of a field: what fills it in makes the name, or leaves the line out. */
  | 'field'
  /** In a key that may be anything but is none. */
  | 'key'

interface Placeholder {
  readonly name: string
  readonly use: Use
  readonly pattern: RegExp
  readonly example: string
  readonly nearMiss: string
}

const row = (use: Use, name: string, pattern: RegExp, example: string, nearMiss: string): Placeholder => ({
  use,
  name,
  pattern,
  example,
  nearMiss,
})

const DOLLAR = '$'
const COMMANDS = 'cat|echo|printf|date|base64|openssl|kubectl|oc|git|aws|gcloud|az|jq|head|uuidgen'
const NOUNS = 'NAME|NAMESPACE|DOMAIN|HOST|HOSTNAME|PORT|CLUSTER|PROJECT|USERNAME'

export const PLACEHOLDERS: readonly Placeholder[] = [
  row(
    'variable',
    'of Flux, clusterctl, Maven',
    /\$\{\s*[A-Za-z_]\w*(?:\.\w+)*\s*(?:[:=?+-][^}]*)?\}/,
    `web-${DOLLAR}{part.name:=a}`,
    `${DOLLAR}{1}`,
  ),
  row('variable', 'of Octopus', /#\{[A-Za-z][\w.[\]-]*\}/, '#{Web.Ready}', '# {Web.Ready}'),

  row('word', 'capitals', /(?<![\w-])(?!CRON_TZ\b)[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]/, 'SERVICE_ACCOUNT', 'CRON_TZ=UTC'),
  row('word', 'yours', /(?<=-)YOUR_[A-Z0-9_]*[A-Z0-9]/, 'web-YOUR_ID', 'web-OUR_ID'),
  row(
    'word',
    'end in capitals',
    new RegExp(`(?<=[a-z0-9]-)(?:TIMESTAMP|DATE|VERSION|HASH|SUFFIX|X{3,}|${NOUNS})\\b`),
    'wipe-HOSTNAME',
    'HOSTNAME',
  ),
  row('word', 'order', /\b(?:REPLACE|CHANGE|INSERT|FILL)-?ME\d*\b/, 'web-REPLACE-ME', 'REPLACEMENT'),
  row('word', 'placeholder', /\bPLACEHOLDER\b/, 'web-PLACEHOLDER', 'placeholder'),
  row('word', 'placeholder of', /[a-z]Placeholder\b/, 'NamespacePlaceholder', 'Placeholder'),
  row(
    'word',
    'remark',
    /\b(?:replaced|overridden|patched|filled in) (?:by|with) [a-z]/,
    'replaced by kustomize',
    'replaced-by kustomize',
  ),

  row('noun', 'variable of a shell', /^\$[A-Z][A-Z0-9_]*$/, '$HOST', 'web-$HOST'),
  row('noun', 'sentence', /^[A-Z]{2,}(?: [A-Z]+)+$/, 'FILLED BY THE OPERATOR', 'Filled by the operator'),
  row(
    'noun',
    'noun',
    new RegExp(`(?<![\\w$-]|[A-Z][./])(?:(?:MY|YOUR|CLUSTER|RELEASE)[-_]?)?(?:${NOUNS})(?!\\w|-(?![a-z]))`),
    'www.MYDOMAIN.com',
    'SUBDOMAIN',
  ),

  // What YAML takes for yes and no is none.
  row('shout', 'capitals', /^(?!(?:TRUE|FALSE|YES|NO|ON|OFF|NULL)$)[A-Z][A-Z0-9_]{2,}$/, 'PORT', 'YES'),

  row('blank', 'path', /(?:^|\/)path\/to\//, 'dir/path/to/web', 'dir/path/web'),
  row('blank', 'command', new RegExp(`\\$\\((?:${COMMANDS})\\b[^()]*\\)`), '$(cat ready | base64 -w0)', '$(ready a)'),
  row('blank', 'empty braces', /[\w-]\{\}$/, 'ready-{}', '{}'),
  row('blank', 'underscores', /^__[A-Z][A-Z0-9_]*__$/, '__READY__', '__ready__'),
  row('blank', 'braces', /\{\{.*?\}\}/, '{{ ready }}', '{ ready }'),
  row('blank', 'dollars', /\$\$\w+\$\$/, '$$ready$$', '$ready$'),
  row('blank', 'parentheses', /\(\$[A-Za-z][\w.]*\)/, '($test.ready)', '(test.ready)'),
  row('blank', 'brackets', /<[^<>=]+>/, '<ready>', 'a < b'),
  row('blank', 'signs', /@[A-Z]\w*@/, '@READY@', '@ready@'),
  row('blank', 'per cent', /%[A-Z]\w*%/, '%READY%', '%ready%'),
  row('blank', 'order', /^replace[-_]me$/, 'replace_me', 'do_replace_me'),
  row('blank', 'single underscores', /^_[a-z]+_$/, '_replaced_', '_replaced'),
  row('blank', 'small variable', /^\$[a-z]+_\w+$/, '$web_ready', '$ready'),
  row('blank', 'function', /^\(\w+\(.*\$.*$/, "(join('-', [$name]))", "(join('-', [name]))"),
  row('blank', 'dots', /^\.{3,}$/, '...', '..'),
  row('blank', 'ellipsis', /^\u2026$/, '\u2026', 'a\u2026'),
  row('blank', 'stars', /^\*\*[^*]+\*\*$/, '**ready or not**', '*.ready'),
  row('blank', 'note', /^(?:#[ \t][^\n]*(?:\n|$))+$/, '# what stands here', '#ready'),

  row('var', 'var', /\$\([A-Za-z_][\w.-]*\)/, '$(NAME)', '$(a b)'),
  row('snake', 'small name', /^[a-z]+(?:_[a-z0-9]+)+$/, 'service_name', 'Service_name'),
  row('vault', 'path', /<path:[^<>]+#[^<>]+>/, '<path:kv/data/web#key>', '<path:kv/data/web>'),
  row('field', 'braces', /\{\{.*?\}\}/, '{{comment}}selector', '{comment}selector'),
  row('field', 'underscores', /^___[A-Za-z]+___/, '___comment___selector', 'NAME_selector'),
  row('key', 'capitals', /^[A-Z]{2,}(?:_[A-Z]+)+$/, 'FILLED_BY_A_PROGRAM', 'filled_by_hand'),
]

/** What in a text is such a way of writing, by the first use that has one. */
export const findByUse = (text: string, uses: readonly Use[]): string | undefined =>
  uses
    .flatMap(use => PLACEHOLDERS.filter(one => one.use === use))
    .map(({ pattern }) => pattern.exec(text)?.[0])
    .find(one => one !== undefined)
