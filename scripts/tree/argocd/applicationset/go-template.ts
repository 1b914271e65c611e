// Renders Go templates with the helm that is there: what Argo CD has beyond helm is written in helm's words first.
import type { Helm } from '../../helm/binary.ts'
import { renderChart } from '../../helm/template.ts'

/** One text and the parameters it is rendered with. */
export interface TemplateTask {
  readonly text: string
  readonly parameters: Readonly<Record<string, unknown>>
}

export type TemplateResult = { readonly texts: readonly string[] } | TemplateError

export interface TemplateError {
  readonly error: string
  /** The template that it is about, or the option that is not one. */
  readonly text?: string
  readonly option?: string
}

/** Renders each task; the first that fails is the error of all. */
export type RenderTemplates = (tasks: readonly TemplateTask[], options: readonly string[]) => Promise<TemplateResult>

/** Functions of helm that Argo CD does not have. */
const UNKNOWN_TO_ARGOCD = new Set(
  'env expandenv getHostByName include required lookup toToml fromToml mustToYaml mustToToml mustToJson toYamlPretty fromJsonArray'.split(
    ' ',
  ),
)
// Of sprig's, mustToJson is there.
UNKNOWN_TO_ARGOCD.delete('mustToJson')

/** As Argo CD defines them beside sprig: names fit for the API. */
const HELPERS = `{{- define "argocd.normalize" -}}{{ regexReplaceAll "[^-a-z0-9.]" (lower .) "-" | trunc 253 | trimAll "-." }}{{- end -}}
{{- define "argocd.slugify" -}}
{{- $size := 50 -}}{{- $smart := true -}}{{- $name := last . -}}
{{- if gt (len .) 1 -}}{{- $size = index . 0 -}}{{- end -}}
{{- if gt (len .) 2 -}}{{- $smart = index . 1 -}}{{- end -}}
{{- $slug := regexReplaceAll "[^a-z0-9-_]" (include "argocd.normalize" $name) "-" -}}
{{- $slug = regexReplaceAll "-+" $slug "-" | trimAll "-_" -}}
{{- if le (len $slug) (int $size) -}}{{ $slug }}
{{- else if not $smart -}}{{ trunc (int $size) $slug }}
{{- else if contains "-" (trunc (add1 $size | int) $slug) -}}{{ regexReplaceAll "-[^-]*$" (trunc (add1 $size | int) $slug) "" }}
{{- else -}}{{ trunc (int $size) $slug }}{{- end -}}
{{- end -}}`

const OPTIONS = ['missingkey=default', 'missingkey=invalid', 'missingkey=zero', 'missingkey=error']

/** A renderer with the rules of `goTemplate: true`. */
export function createRenderer(helm: Helm, cacheFolder?: string): RenderTemplates {
  return async (tasks, options) => {
    const unknown = options.find(option => !OPTIONS.includes(option))
    if (unknown !== undefined) return { error: `option ${unknown} is unknown`, option: unknown }
    const isStrict = options.at(-1) === 'missingkey=error'
    const plain = tasks.map(({ text }) => (text.includes('{{') ? undefined : text))
    const work = tasks.filter((_, index) => plain[index] === undefined)
    if (work.length === 0) return { texts: plain.map(text => text ?? '') }
    const texts = [...new Set(work.map(({ text }) => text))]
    const sets = [...new Set(work.map(({ parameters }) => parameters))]
    const files = new Map<string, string>([
      ['Chart.yaml', 'apiVersion: v2\nname: templates\nversion: 0.0.0\n'],
      ['templates/_helpers.tpl', HELPERS],
    ])
    for (const [index, text] of texts.entries()) {
      const written = translate(text, isStrict, `t${index}`)
      if ('error' in written) return { error: written.error, text }
      // A file of its own: a template may define others, and only at its top.
      files.set(`templates/_t${index}.tpl`, written.text)
    }
    const calls = work.map(
      ({ text, parameters }) =>
        `- {{ include "templates/templates/_t${texts.indexOf(text)}.tpl" (index $.Values.sets ${sets.indexOf(parameters)}) | b64enc | quote }}`,
    )
    const out = `apiVersion: v1\nkind: Texts\ntexts:\n${calls.join('\n')}\n`
    files.set('templates/out.yaml', out)
    const rendering = await renderChart(
      helm,
      { files, release: 'templates', values: [JSON.stringify({ sets })] },
      cacheFolder,
    )
    if (rendering.kind !== 'objects') return explainError(rendering.message, texts)
    const encoded = (rendering.objects[0]?.object as { texts?: string[] } | undefined)?.texts ?? []
    const rendered = encoded.map(text => Buffer.from(text, 'base64').toString('utf8'))
    let next = 0
    return { texts: plain.map(text => text ?? rendered[next++] ?? '') }
  }
}

/** helm names the file of a template; the person knows it by its text. */
function explainError(message: string, texts: readonly string[]): TemplateResult {
  const index = /_t(\d+)\.tpl|missing key: \S+ of t(\d+)/.exec(message)?.slice(1).find(Boolean)
  const text = index === undefined ? undefined : texts[Number(index)]
  const reason = message
    .trim()
    .split('\n')
    .at(-1)
    ?.trim()
    .replace(/^.*(?:error calling \w+: |at <.*>: |_t\d+\.tpl:\d+\)?: )(?=\S)/, '')
  const named = /missing key: (\S+)/.exec(message)?.[1]
  const error = named ? `there is no parameter ${named}` : (reason ?? message)
  return text === undefined ? { error } : { error, text }
}

/**
 * Rewrites the actions of a template: names that only Argo CD has become calls of the helpers, and with `isStrict` each
 * field is asked for before it is read. Nothing is evaluated here.
 */
export function translate(
  text: string,
  isStrict: boolean,
  name = '',
): { readonly text: string } | { readonly error: string } {
  let result = ''
  let at = 0
  for (;;) {
    const start = text.indexOf('{{', at)
    if (start < 0) return { text: result + text.slice(at) }
    result += text.slice(at, start)
    const comment = /^\{\{(?:- )?\/\*[\s\S]*?\*\/(?: -)?\}\}/.exec(text.slice(start))
    if (comment) {
      result += comment[0]
      at = start + comment[0].length
      continue
    }
    const action = readAction(text, start + 2)
    if (!action) return { error: 'an action is not closed' }
    const written = translateAction(action.tokens, isStrict, name)
    if (typeof written !== 'string') return written
    result += `{{${written}}}`
    at = action.end
  }
}

interface Token {
  readonly kind: 'field' | 'variable' | 'word' | 'other'
  readonly text: string
}

const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\$[A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*|(?:\.[A-Za-z_][A-Za-z0-9_]*)+|[0-9][A-Za-z0-9_.+]*|[\p{L}_][\p{L}\p{N}_]*|\s+|./suy

function readAction(text: string, start: number): { tokens: Token[]; end: number } | undefined {
  const tokens: Token[] = []
  let at = start
  while (at < text.length) {
    if (text.startsWith('}}', at)) return { tokens, end: at + 2 }
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)?.[0]
    if (!match) return undefined
    at += match.length
    tokens.push({ kind: kindOf(match), text: match })
  }
  return undefined
}

function kindOf(text: string): Token['kind'] {
  if (/^\.[A-Za-z_]/.test(text)) return 'field'
  if (text.startsWith('$')) return 'variable'
  return /^[\p{L}_]/u.test(text) ? 'word' : 'other'
}

function translateAction(
  tokens: readonly Token[],
  isStrict: boolean,
  name: string,
): string | { readonly error: string } {
  let result = ''
  // Nesting of the parentheses in which a call of slugify is open.
  const open: number[] = []
  let depth = 0
  const close = (): void => {
    if (open.at(-1) !== depth) return
    open.pop()
    result += ' | include "argocd.slugify"'
  }
  let before = ''
  for (const { kind, text } of tokens) {
    if (kind === 'word' && UNKNOWN_TO_ARGOCD.has(text)) return { error: `function ${text} is not defined` }
    if (text === '|' || text === ')') close()
    if (text === '(') depth++
    if (text === ')') depth--
    if (kind === 'word' && text === 'normalize') result += 'include "argocd.normalize"'
    else if (kind === 'word' && text === 'slugify') {
      open.push(depth)
      result += 'list'
    } else if (isStrict && before !== ')' && (kind === 'field' || (kind === 'variable' && text.includes('.')))) {
      result += guard(text, name)
    } else result += text
    before = text
  }
  close()
  return result
}

/** `.a.b` fails where a key is not there, and is else what it was. */
function guard(chain: string, template: string): string {
  const [root = '', ...names] = chain.split('.')
  const checks = names.map((name, index) => {
    const parent = index === 0 ? root || '.' : `${root}.${names.slice(0, index).join('.')}`
    return `(or (hasKey ${parent} "${name}") (fail "missing key: .${names.slice(0, index + 1).join('.')} of ${template}"))`
  })
  return `(and ${checks.join(' ')} ${chain})`
}
