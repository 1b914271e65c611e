// Writes a first validation.yaml for somebody's repository: what was found, each thing with a comment, guesses commented out.
import { posix } from 'node:path'
import { Problem } from '../../command/problem.ts'
import { normalizeRepositoryUrl } from '../../tree/argocd/repository-url.ts'
import { CONFIGURATION } from '../../tree/environments/declared.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import { isKustomizationName, type Sources } from '../../tree/source/sources.ts'
import type { Change } from '../change.ts'
import { formatScalar } from '../text/yaml-text.ts'

/** What only a run of validate knows. */
export interface Survey {
  /** Kinds in use of which no definition is known, as `example.com/v1` and `Foo`, with how many objects. */
  readonly kinds: readonly { readonly apiVersion: string; readonly kind: string; readonly objects: string }[]
}

/** `remotes` are the URLs of the checkout. Throws a Problem where there is a configuration already. */
export function writeValidation(sources: Sources, remotes: readonly string[], { kinds }: Survey): Change {
  if (sources.resolve(CONFIGURATION).kind !== 'missing') {
    throw new Problem(`${CONFIGURATION} is there already: it is yours to edit`)
  }
  const paths = sources.list([])
  const text = [
    HEAD,
    describeUrls(findUrls(sources, paths), remotes),
    describeExclusions(paths),
    describeOptions(sources, paths),
    describeKinds(kinds),
    describeEnvironments(paths),
    TAIL,
  ]
    .filter(Boolean)
    .join('\n')
  return {
    edits: new Map([[CONFIGURATION, Buffer.from(text)]]),
    before: new Map(),
    after: new Map(),
    subject: `Configure validate by ${CONFIGURATION}`,
    branch: 'configure-validate',
  }
}

const HEAD = `# The configuration of \`validate\` for this repository. Without this file the defaults hold; what is commented out below
# was found here, or is an example, and decides nothing.
`

const TAIL = `# More rules: what is ordinary in this field, and could be better.
# preset: strict

# What is accepted, with its reason.
# suppressions:
#   - { rule: dangling-service, path: /legacy/, reason: the pods come with an operator, owner: team-a, expires: 2030-12-31 }
`

const MOST = 30

/** How many Applications name each URL of Git. */
function findUrls(sources: Sources, paths: readonly string[]): ReadonlyMap<string, number> {
  const urls = new Map<string, number>()
  for (const path of paths) {
    const file = /\.ya?ml$/.test(path) ? sources.read(path) : undefined
    if (!(file instanceof SourceFile) || file.fault || !file.text.includes('repoURL:')) continue
    const lines = file.text.split('\n')
    for (const [at, line] of lines.entries()) {
      const url = /^[ \t-]*repoURL:[ \t]*["']?([^"'\s#{}]+)/.exec(line)?.[1]
      if (url !== undefined && GIT_URL.test(url) && !hasChart(lines, at)) urls.set(url, (urls.get(url) ?? 0) + 1)
    }
  }
  return urls
}

/** What names images or charts by host and path is not an address of Git. */
const GIT_URL = /^(?:(?:https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:)/

const columnOf = (line: string): number => line.search(/[^ \t-]/)
const isItem = (line: string): boolean => /^[ \t]*-/.test(line)

/** Whether the mapping that the line stands in names a chart, or is the value of one, so that the URL is that of charts. */
function hasChart(lines: readonly string[], at: number): boolean {
  const column = columnOf(lines[at] ?? '')
  for (const step of [-1, 1]) {
    for (let next = at; ; next += step) {
      const line = lines[next]
      if (line === undefined) break
      const own = columnOf(line)
      if (step < 0 && own >= 0 && own < column && /^[ \t-]*charts?:[ \t]*$/.test(line)) return true
      if (own >= 0 && (own < column || (step > 0 && next !== at && own === column && isItem(line)))) break
      if (own === column && /^[ \t-]*chart:/.test(line)) return true
      if (step < 0 && own === column && isItem(line)) break
    }
  }
  return false
}

function describeUrls(found: ReadonlyMap<string, number>, remotes: readonly string[]): string {
  const own = new Set(remotes.map(normalizeRepositoryUrl))
  const others = [...found].filter(([url]) => !own.has(normalizeRepositoryUrl(url))).sort(([, a], [, b]) => b - a)
  const listed = others.slice(0, MOST).map(([url, count]) => `#   - ${formatScalar(url)} # named ${times(count)}`)
  const head =
    '# URLs that mean this tree: an Application of one of them is rendered from here, one of another is not examined.\n'
  if (remotes.length === 0) {
    const lines = listed.length ? listed : ['#   - https://github.com/acme/gitops.git']
    return `${head}# This folder has no remote; the URLs of the Applications:\n# repository:\n#  urls:\n${lines.join('\n')}\n`
  }
  const urls = [...new Set(remotes)].map(url => `    - ${formatScalar(url)}`).join('\n')
  const rest = listed.length
    ? `    # Named by Applications, and another repository unless you say otherwise:\n${listed.map(line => `    ${line.replace('#   -', '# -')}`).join('\n')}\n`
    : ''
  return `${head}repository:\n  urls:\n${urls}\n${rest}`
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

/** Folders that hold data of tests by their name. */
function describeExclusions(paths: readonly string[]): string {
  const folders = new Set(
    paths.flatMap(path => /^(?:.*\/)?(?:testdata|test-data|fixtures|__fixtures__)(?=\/.*\.ya?ml$)/.exec(path) ?? []),
  )
  const head = '# Folders without manifests of yours, as in .gitignore.\n# exclude:\n'
  const lines = [...folders].slice(0, MOST).map(folder => `#   - /${folder}/`)
  return `${head}${(lines.length ? lines : ['#   - /docs/']).join('\n')}\n`
}

function describeOptions(sources: Sources, paths: readonly string[]): string {
  const found = search(
    sources,
    paths,
    // Also as a block: `|` or `>-`, and the options in the next line.
    /^[ \t]*["']?(?:kustomize\.buildOptions|kustomizeBuildOptions)["']?:[ \t]*(?:[|>][+-]?[ \t]*\n[ \t]*)?(\S.*)$/gm,
  )
  const lines = found.slice(0, MOST).map(([path, , options]) => `#   ${path}: ${options?.trim()}`)
  if (lines.length === 0) return ''
  return `# Argo CD's options for kustomize are read where they stand, and need no line here:\n${lines.join('\n')}\n`
}

function describeKinds(kinds: Survey['kinds']): string {
  if (kinds.length === 0) return ''
  const shown = kinds.slice(0, MOST)
  const listed = shown.map(
    ({ apiVersion, kind, objects }) =>
      `#     - { apiVersion: ${formatScalar(apiVersion)}, kind: ${formatScalar(kind)} } # ${objects}`,
  )
  const more = kinds.length > MOST ? [`#     # and ${kinds.length - MOST} more`] : []
  return `# Kinds of which nothing is known: their fields are not checked. Files of CustomResourceDefinitions make them known;
# what you allow is no longer told as a doubt.
# schemas:
#   - crds/example.yaml
# unknownKinds:
#   allow:
${[...listed, ...more].join('\n')}
`
}

/** Words for environments, in the order in which a release usually meets them. */
const STAGES = [
  ...['dev', 'development', 'int', 'integration', 'test', 'qa', 'uat', 'stage', 'staging', 'preprod', 'pre-prod'],
  ...['live', 'prd', 'prod', 'production'],
]

function describeEnvironments(paths: readonly string[]): string {
  const folders = paths.filter(path => isKustomizationName(posix.basename(path))).map(path => posix.dirname(path))
  const besides = Map.groupBy(folders, folder => posix.dirname(folder))
  const isStage = (folder: string, name: string): boolean => `${posix.basename(folder)}-`.startsWith(`${name}-`)
  const stages = STAGES.flatMap(name => {
    // As `prod`, or one of several: `prod-eu`. `dev-team` is one only beside a folder of another environment.
    const own = folders.filter(
      folder =>
        posix.basename(folder) === name ||
        (isStage(folder, name) &&
          besides
            .get(posix.dirname(folder))
            ?.some(one => !isStage(one, name) && STAGES.some(other => isStage(one, other)))),
    )
    return own.length ? [{ name, builds: generalize(own) }] : []
  })
  if (stages.length < 2) return ''
  const lines = stages.map(
    ({ name, builds }) => `#     - name: ${name}\n#       builds: [${builds.map(formatScalar).join(', ')}]`,
  )
  return `# Environments, in the order in which a release goes through them: \`promote\`, \`scale\` and seven rules keep to it.
# environments:
#   order:
${lines.join('\n')}
`
}

/** Folders as patterns: of one depth and name, with a star where they differ before it. */
function generalize(folders: readonly string[]): readonly string[] {
  const byShape = Map.groupBy(folders, folder => `${folder.split('/').length} ${posix.basename(folder)}`)
  return [...byShape.values()].map(alike => {
    const split = alike.map(folder => folder.split('/'))
    return (split[0] ?? []).map((segment, at) => (split.every(one => one[at] === segment) ? segment : '*')).join('/')
  })
}

/** Each match as path, first and second group. */
function search(sources: Sources, paths: readonly string[], pattern: RegExp): readonly (readonly string[])[] {
  return paths.flatMap(path => {
    if (!/\.ya?ml$/.test(path)) return []
    const file = sources.read(path)
    if (!(file instanceof SourceFile) || file.fault) return []
    return [...file.text.matchAll(pattern)].map(([, first = '', second]) => [path, first, second ?? first])
  })
}
