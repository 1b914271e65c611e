// Decides what an AppProject permits: sources, destinations, kinds, and the namespaces of Applications.
import { createRequire } from 'node:module'
import { listAt, stringAt, valueAt } from '../model/build.ts'
import { matchGlob } from './glob.ts'
import { compileGoPattern } from './path-pattern.ts'
import { normalizeGitUrl } from './git-url.ts'

const requireHere = createRequire(import.meta.url)

const MAX_EXPRESSION = 1_000
/** The longest name of a namespace. */
const MAX_NAMESPACE = 63

const isDeny = (pattern: string): boolean => pattern.startsWith('!')

/** A pattern with `!` matches what it does not name. `*` alone crosses separators. */
function matchPattern(pattern: string, value: string, separators = ''): boolean {
  if (isDeny(pattern)) return !matchGlob(pattern.slice(1), value, separators)
  return pattern === '*' || matchGlob(pattern, value, separators)
}

const strings = (object: unknown, path: readonly (string | number)[]): readonly string[] =>
  listAt(object, path).filter((one): one is string => typeof one === 'string')

/** `AppProject.IsSourcePermitted`: a deny pattern that does not apply counts as a match of its own. */
export function isSourcePermitted(project: unknown, repoUrl: string): boolean {
  const url = normalizeGitUrl(repoUrl)
  let isMatched = false
  for (const written of strings(project, ['spec', 'sourceRepos'])) {
    const pattern = isDeny(written) ? `!${normalizeGitUrl(written.slice(1))}` : normalizeGitUrl(written)
    if (matchPattern(pattern, url, '/')) isMatched = true
    else if (isDeny(pattern)) return false
  }
  return isMatched
}

/** A cluster as Argo CD knows it: its address without a trailing slash, and its name. */
export interface Cluster {
  readonly server: string
  readonly name: string
  /** The project it is bound to, if any. */
  readonly project?: string | undefined
}

/** `AppProject.IsDestinationPermitted`. `clusters` are those of the installation. */
export function isDestinationPermitted(
  project: unknown,
  cluster: Cluster,
  namespace: string,
  clusters: readonly Cluster[],
): boolean {
  if (!isDestinationMatched(project, cluster, namespace)) return false
  if (valueAt(project, ['spec', 'permitOnlyProjectScopedClusters']) !== true) return true
  const name = stringAt(project, ['metadata', 'name'])
  return clusters.some(one => one.project === name && (one.server === cluster.server || one.name === cluster.name))
}

function isDestinationMatched(project: unknown, cluster: Cluster, namespace: string): boolean {
  let isMatched = false
  for (const item of listAt(project, ['spec', 'destinations'])) {
    const read = (field: string): string => stringAt(item, [field]) ?? ''
    const isName = cluster.name !== '' && matchPattern(read('name'), cluster.name)
    const isServer = cluster.server !== '' && matchPattern(read('server'), cluster.server)
    const isNamespace = matchPattern(read('namespace'), namespace)
    if ((isServer || isName) && isNamespace) isMatched = true
    else if ((!isName && isDeny(read('name'))) || (!isServer && isDeny(read('server')) && isNamespace)) return false
    else if (!isNamespace && isDeny(read('namespace')) && isServer) return false
  }
  return isMatched
}

/** `AppProject.IsGroupKindNamePermitted`: no cluster whitelist permits nothing, no namespace whitelist everything. */
export function isKindPermitted(
  project: unknown,
  { group, kind, name }: { readonly group: string; readonly kind: string; readonly name: string },
  isNamespaced: boolean,
): boolean {
  const scope = isNamespaced ? 'namespace' : 'cluster'
  const isListed = (list: readonly unknown[]): boolean =>
    list.some(item => {
      const matches = (field: string, value: string): boolean =>
        compileGoPattern(stringAt(item, [field]) ?? '')?.(value) ?? false
      if (!matches('kind', kind) || !matches('group', group)) return false
      return isNamespaced || !stringAt(item, ['name']) || matches('name', name)
    })
  const white = valueAt(project, ['spec', `${scope}ResourceWhitelist`])
  const isPermitted =
    isNamespaced && (white === undefined || white === null) ? true : Array.isArray(white) && isListed(white)
  return isPermitted && !isListed(listAt(project, ['spec', `${scope}ResourceBlacklist`]))
}

/**
 * Whether an expression of the .NET dialect that Argo CD uses matches anywhere. What RE2 knows is matched in linear time; what
 * looks around only without a repeated group, where the time stays small; undefined where neither tells.
 */
function matchExpression(expression: string, text: string): boolean | undefined {
  const { RE2JS } = requireHere('re2js') as typeof import('re2js')
  if (expression.length > MAX_EXPRESSION || text.length > MAX_NAMESPACE) return undefined
  try {
    return RE2JS.compile(expression, RE2JS.DOTALL).matcher(text).find()
  } catch {
    if (/\)[*+?{]/.test(expression) || (expression.match(/[*+{]/g) ?? []).length > 2) return undefined
  }
  try {
    return new RegExp(expression, 's').test(text)
  } catch {
    return isBroken(expression) ? false : undefined
  }
}

/** Brackets that are not closed are not an expression in any dialect: Argo CD then tries the pattern as a glob. */
function isBroken(expression: string): boolean {
  const bare = expression.replace(/\\[\s\S]/g, '')
  const outside = bare.replace(/\[\^?\]?[^\]]*\]/g, '')
  const count = (mark: string): number => outside.split(mark).length - 1
  return outside.includes('[') || count('(') !== count(')')
}

/** `AppProject.IsAppNamespacePermitted`: a pattern in slashes is an expression that may match anywhere. */
export function isApplicationNamespacePermitted(project: unknown, namespace: string, controller: string): boolean {
  if (namespace === '' || namespace === controller) return true
  return strings(project, ['spec', 'sourceNamespaces']).some(pattern => {
    if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')) {
      if (matchExpression(pattern.slice(1, -1), namespace) ?? true) return true
    }
    return matchGlob(pattern, namespace)
  })
}
