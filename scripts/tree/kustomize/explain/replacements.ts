// The replacements of a kustomization, those an entry has itself or those of the file that it names; and which of them
// kustomize means when it refuses one.
import { posix } from 'node:path'
import { listAt, mappingAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import type { Explanation, Failure } from './explanation.ts'
import { resourceDocuments } from './written.ts'

export interface Replacement {
  readonly value: unknown
  /** Where a field of `value` stands. */
  rangeOf(path: FieldPath): SourceRange
}

export function* replacementsOf(kustomization: Kustomization, index: number, sources: Sources): Generator<Replacement> {
  const path: FieldPath = ['replacements', index]
  const entry = valueAt(kustomization.value, path)
  const name = valueAt(entry, ['path'])
  const file = typeof name === 'string' ? sources.read(posix.join(kustomization.folder, name)) : undefined
  if (!(file instanceof SourceFile)) {
    yield { value: entry, rangeOf: inner => kustomization.file.rangeOf(0, [...path, ...inner]) }
    return
  }
  for (const [document, content] of file.parse('kustomize').documents.entries()) {
    const values = Array.isArray(content)
      ? content.map((value, at) => ({ value, at: [at] }))
      : [{ value: content, at: [] }]
    for (const { value, at } of values) yield { value, rangeOf: inner => file.rangeOf(document, [...at, ...inner]) }
  }
}

export function* allReplacementsOf(kustomization: Kustomization, sources: Sources): Generator<Replacement> {
  for (const index of listAt(kustomization.value, ['replacements']).keys()) {
    yield* replacementsOf(kustomization, index, sources)
  }
}

interface Row {
  readonly pattern: RegExp
  find(replacement: unknown, match: readonly string[]): FieldPath | undefined
  say(match: readonly string[], replacement: unknown, failure: Failure): string
}

/** What kustomize says of replacements, and which field it means. Its text names neither the entry nor the file. */
const ROWS: readonly Row[] = [
  {
    pattern: /nothing selected by (\S+)/,
    find: (replacement, [, id = '']) =>
      `${id}:`.startsWith(`${idOf(replacement)}:`) ? sourceOf(replacement) : undefined,
    say: (_, replacement, failure) =>
      `replacements: no resource is ${describeSource(replacement)}${nearSource(replacement, failure)}`,
  },
  {
    pattern: /multiple matches for selector (\S+)/,
    find: (replacement, [, id]) => (idOf(replacement) === id ? ['source'] : undefined),
    say: (_, replacement) => `replacements: more than one resource is ${describeSource(replacement)}`,
  },
  {
    pattern: /fieldPath `(.*?)` is missing for replacement source (\S+)/,
    find: (replacement, [, fieldPath, id]) =>
      idOf(replacement) === id && valueAt(replacement, ['source', 'fieldPath']) === fieldPath
        ? ['source', 'fieldPath']
        : undefined,
    say: ([, fieldPath], replacement) => `replacements: ${describeSource(replacement)} has no ${fieldPath}`,
  },
  {
    pattern: /unable to find field "(.*?)" in replacement target/,
    find: (replacement, [, fieldPath]) =>
      findTarget(replacement, target => {
        const position = listAt(target, ['fieldPaths']).indexOf(fieldPath)
        return position < 0 ? undefined : ['fieldPaths', position]
      }),
    say: ([, fieldPath]) => `replacements: a selected resource has no ${fieldPath}; options.create makes it`,
  },
  {
    pattern: /options\.index (-?\d+) is out of bounds for value (.*)/,
    find: (replacement, [, index]) => findOption(replacement, options => String(options.index) === index && 'index'),
    say: ([, index, value]) => `replacements: ${value} has no part ${index}`,
  },
  {
    pattern: /delimiter option can only be used with scalar nodes/,
    find: replacement => findOption(replacement, options => options.delimiter !== undefined && 'delimiter'),
    say: () => 'replacements: a delimiter divides a text, and the field is none',
  },
  {
    pattern: /target must specify resources to select/,
    find: replacement =>
      findTarget(replacement, target => (mappingAt(target, ['select']) === undefined ? [] : undefined)),
    say: () => 'replacements: this target selects nothing; give it select',
  },
  {
    pattern: /replacements must specify a source and at least one target/,
    find(replacement) {
      const hasSource = ['source', 'sourceValue'].some(field => valueAt(replacement, [field]) !== undefined)
      return hasSource && listAt(replacement, ['targets']).length > 0 ? undefined : []
    },
    say: () => 'replacements: a source and at least one target are needed',
  },
]

export const REPLACEMENT_ERRORS: readonly Explanation[] = ROWS.map(({ pattern, find, say }) => ({
  pattern,
  find(match, failure) {
    for (const kustomization of failure.reach) {
      for (const { value, rangeOf } of allReplacementsOf(kustomization, failure.sources)) {
        const fieldPath = find(value, match)
        if (fieldPath) return { range: rangeOf(fieldPath), fieldPath, note: say(match, value, failure) }
      }
    }
    return undefined
  },
  say: (_, { note = '' }) => note,
}))

/** The name is what is mistyped, where there is one. */
const sourceOf = (replacement: unknown): FieldPath =>
  valueAt(replacement, ['source', 'name']) === undefined ? ['source'] : ['source', 'name']

/** As kustomize writes a source: `ConfigMap.[noVer].[noGrp]/web.[noNs]`. */
function idOf(replacement: unknown): string {
  const part = (field: string, absent: string) => valueAt(replacement, ['source', field]) ?? `[no${absent}]`
  const type = `${part('kind', 'Kind')}.${part('version', 'Ver')}.${part('group', 'Grp')}`
  return `${type}/${part('name', 'Name')}.${part('namespace', 'Ns')}`
}

function describeSource(replacement: unknown): string {
  const { kind = 'a resource', name, group, version, namespace } = mappingAt(replacement, ['source']) ?? {}
  const type = [group, version].filter(Boolean).join('/')
  return [kind, name, type && `(${type})`, namespace && `in ${namespace}`].filter(Boolean).join(' ')
}

function nearSource(replacement: unknown, failure: Failure): string {
  const { kind, name } = mappingAt(replacement, ['source']) ?? {}
  if (typeof name !== 'string') return ''
  const names = [...resourceDocuments(failure)]
    .filter(({ value }) => kind === undefined || valueAt(value, ['kind']) === kind)
    .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
  const generated = failure.reach.flatMap(({ value }) =>
    ['configMapGenerator', 'secretGenerator'].flatMap(field => listAt(value, [field])),
  )
  const near = closest(name, [...names, ...generated.map(one => String(valueAt(one, ['name'])))])
  return near === undefined || near === name ? '' : `; did you mean ${near}?`
}

function findTarget(replacement: unknown, find: (target: unknown) => FieldPath | undefined): FieldPath | undefined {
  for (const [index, target] of listAt(replacement, ['targets']).entries()) {
    const path = find(target)
    if (path) return ['targets', index, ...path]
  }
  return undefined
}

function findOption(
  replacement: unknown,
  find: (options: Readonly<Record<string, unknown>>) => string | false,
): FieldPath | undefined {
  const inOptions = (owner: unknown): FieldPath | undefined => {
    const options = mappingAt(owner, ['options'])
    const key = options && find(options)
    return key ? ['options', key] : undefined
  }
  const inSource = inOptions(valueAt(replacement, ['source']))
  return inSource ? ['source', ...inSource] : findTarget(replacement, inOptions)
}
