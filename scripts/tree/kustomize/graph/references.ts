// Lists every value of a kustomization that names a file or folder, and says which of them must never be followed.
import type { FieldPath } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { LIMITS } from '../../source/limits.ts'
import { parseText } from '../../source/yaml/parse.ts'
import type { Reference } from './kustomization.ts'
import { checkPlugin } from './plugins.ts'

type Mapping = Readonly<Record<string, Value>>

const isRemote = (path: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(path) ||
  /^(?:git::|git@|gh:|github\.com[/:]|bitbucket\.org[/:]|gitlab\.com[/:])/i.test(path) ||
  /[?&](?:ref|version|timeout|submodules)=/i.test(path) ||
  /^[\w.-]+@[\w.-]+:/.test(path) ||
  /\.git(?:\/|$|\?)/i.test(path)

/** An entry that is YAML text instead of a path, as kustomize decides it. */
export const isInline = (text: string): boolean => text.includes('\n') || /^\s*\{/.test(text)

/** Yields references in the order kustomize follows them. */
export function* listReferences(kustomization: Mapping): Generator<Reference> {
  for (const field of ['helmCharts', 'helmChartInflationGenerator']) {
    const value = kustomization[field]
    if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) {
      const refusal = `${field} inflates a chart, which is not rendered here`
      yield { ...refuse([field], refusal), path: nameChart(value), elsewhere: 'a chart' }
    }
  }
  for (const field of ['resources', 'bases', 'components'] as const) {
    for (const [index, path] of strings(kustomization[field])) {
      yield reference(path, [field, index], 'resource', { mayBeFolder: true, mayBeFile: field !== 'components' })
    }
  }
  for (const field of ['configurations', 'crds'] as const) {
    for (const [index, path] of strings(kustomization[field])) yield reference(path, [field, index], 'yaml')
  }
  const openapi = asMapping(kustomization.openapi)
  if (typeof openapi?.path === 'string') yield reference(openapi.path, ['openapi', 'path'], 'yaml')
  for (const field of ['configMapGenerator', 'secretGenerator'] as const) {
    for (const [index, generator] of mappings(kustomization[field])) {
      for (const list of ['files', 'envs'] as const) {
        for (const [item, text] of strings(generator[list])) {
          const path = list === 'files' && text.includes('=') ? text.slice(text.indexOf('=') + 1) : text
          yield reference(path, [field, index, list, item], 'data')
        }
      }
      const written = [...strings(generator.literals), ...strings(generator.files)].length
      if (written > LIMITS.generatorKeys) yield refuse([field, index], EXCESS_OF_KEYS)
      if (typeof generator.env === 'string') yield reference(generator.env, [field, index, 'env'], 'data')
    }
  }
  for (const [index, text] of strings(kustomization.patchesStrategicMerge)) {
    if (!isInline(text)) yield reference(text, ['patchesStrategicMerge', index], 'patch')
  }
  for (const field of ['patches', 'patchesJson6902'] as const) {
    for (const [index, patch] of mappings(kustomization[field])) {
      if (typeof patch.path === 'string') yield reference(patch.path, [field, index, 'path'], 'patch')
      const excess = typeof patch.patch === 'string' ? findExcessOf(patch.patch) : undefined
      if (excess !== undefined) yield refuse([field, index, 'patch'], excess)
    }
  }
  for (const [index, replacement] of mappings(kustomization.replacements)) {
    if (typeof replacement.path === 'string') yield reference(replacement.path, ['replacements', index, 'path'], 'yaml')
  }
  for (const field of ['generators', 'transformers', 'validators'] as const) {
    for (const [index, text] of strings(kustomization[field])) {
      if (isInline(text)) yield* refuseInline(text, [field, index])
      else yield reference(text, [field, index], 'plugin', { mayBeFolder: true, mayBeFile: true })
    }
  }
}

/** Why a generator is too much for kustomize. */
export const EXCESS_OF_KEYS = `more than ${LIMITS.generatorKeys} keys in one generator`

/** Why a patch is too much for kustomize. */
export function findExcessOf(patch: string): string | undefined {
  let count = 0
  for (const _ of patch.matchAll(/\bop["']?\s*:/g)) if (++count > LIMITS.patchOperations) break
  return count > LIMITS.patchOperations ? `more than ${LIMITS.patchOperations} operations in one patch` : undefined
}

function reference(
  path: string,
  fieldPath: FieldPath,
  content: Reference['content'],
  may: { mayBeFolder: boolean; mayBeFile: boolean } = { mayBeFolder: false, mayBeFile: true },
): Reference {
  const found = { path, fieldPath, content, ...may }
  if (!isRemote(path)) return found
  if (!isOrdinary(path)) {
    return { ...found, refusal: `${path} is remote, and git would take it for more than an address` }
  }
  return { ...found, refusal: `${path} is remote, and is never fetched here`, elsewhere: 'a URL' }
}

/** An address that git and HTTP clients take for nothing else: no helper program, no file, no option in a ref. */
function isOrdinary(path: string): boolean {
  if (/[\s;|&`$<>\\'"]/.test(path.replaceAll('&', ''))) return false
  const scheme = /^(?:git::)?([a-z][a-z0-9+.-]*):/i.exec(path)?.[1]?.toLowerCase()
  // `github.com:owner/name` is a host and a path, as ssh takes it.
  const isHost = scheme?.includes('.') === true && !/^[^/?]*:\/\//.test(path)
  if (scheme !== undefined && !isHost && !['http', 'https', 'ssh', 'git', 'gh'].includes(scheme)) return false
  const query = path.split('?')[1] ?? ''
  return query.split('&').every(pair => !/=\s*-|%/.test(pair)) && !/(?:^|[/:@])-/.test(path.split('?')[0] ?? '')
}

/** `name version of repo`, as far as that is written. */
function nameChart(charts: Value): string {
  const first = asMapping(Array.isArray(charts) ? charts[0] : charts)
  const chart = first?.name ?? first?.chartName
  const repository = first?.repo ?? first?.chartRepoUrl
  const more = Array.isArray(charts) && charts.length > 1 ? ` and ${charts.length - 1} more` : ''
  return `${typeof chart === 'string' ? chart : '?'}${typeof repository === 'string' ? ` of ${repository}` : ''}${more}`
}

function* refuseInline(text: string, fieldPath: FieldPath): Generator<Reference> {
  const { documents, fault } = parseText(text, 'kustomize')
  if (fault) yield refuse(fieldPath, `inline plugin configuration: ${fault.message}`)
  for (const document of documents) {
    for (const { message, chart } of checkPlugin(document))
      yield {
        ...refuse(fieldPath, message),
        ...(chart === undefined ? {} : { path: chart, elsewhere: 'a chart' as const }),
      }
  }
}

function refuse(fieldPath: FieldPath, refusal: string): Reference {
  return { path: '', fieldPath, content: 'data', mayBeFolder: false, mayBeFile: false, refusal }
}

function* strings(value: Value | undefined): Generator<[number, string]> {
  if (!Array.isArray(value)) return
  for (const [index, item] of value.entries()) if (typeof item === 'string') yield [index, item]
}

function* mappings(value: Value | undefined): Generator<[number, Mapping]> {
  if (!Array.isArray(value)) return
  for (const [index, item] of value.entries()) {
    const mapping = asMapping(item)
    if (mapping) yield [index, mapping]
  }
}

function asMapping(value: Value | undefined): Mapping | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : undefined
}
