// The replacements of a kustomization, those an entry has itself or those of the file that it names; and which of them
// kustomize means when it refuses one.
import { posix } from 'node:path'
import { listAt, mappingAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { type Explanation, type Failure, spotIn } from './explanation.ts'
import { describeSource, findMistake, isMeant, isSource, nearSource } from './replacement-source.ts'
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
  find(replacement: unknown, match: readonly string[], failure: Failure): FieldPath | undefined
  say(match: readonly string[], replacement: unknown, failure: Failure): string
}

/** What kustomize says of replacements, and which field it means. Its text names neither the entry nor the file. */
const ROWS: readonly Row[] = [
  {
    pattern: /nothing selected by (\S+)/,
    find: (replacement, [, id = ''], failure) =>
      isSource(id, replacement) ? ['source', ...findMistake(replacement, failure)] : undefined,
    say: (_, replacement, failure) =>
      `replacements: no resource is ${describeSource(replacement)}${nearSource(replacement, failure)}`,
  },
  {
    pattern: /multiple matches for selector (\S+)/,
    find: (replacement, [, id = '']) => (isSource(id, replacement) ? ['source'] : undefined),
    say: (_, replacement) => `replacements: more than one resource is ${describeSource(replacement)}`,
  },
  {
    pattern: /fieldPath `(.*?)` is missing for replacement source (\S+)/,
    find: (replacement, [, fieldPath, id = '']) =>
      isSource(id, replacement) && valueAt(replacement, ['source', 'fieldPath']) === fieldPath
        ? ['source', 'fieldPath']
        : undefined,
    say: ([, fieldPath = ''], replacement, failure) => {
      const source = [...resourceDocuments(failure)].find(({ value }) => isMeant(value, replacement))?.value
      return `replacements: ${describeSource(replacement)} has no ${fieldPath}${source === undefined ? '' : nearField(source, fieldPath)}`
    },
  },
  {
    pattern: /unable to find (?:or create )?field "(.*?)" in replacement target(?:: (.*))?/,
    find: (replacement, [, fieldPath]) =>
      findTarget(replacement, target => {
        const position = listAt(target, ['fieldPaths']).indexOf(fieldPath)
        return position < 0 ? undefined : ['fieldPaths', position]
      }),
    say: ([, fieldPath, reason]) => `replacements: ${explainTarget(String(fieldPath), reason)}`,
  },
  {
    pattern: /options\.index (-?\d+) is out of bounds for value (.*)/,
    find: (replacement, [, index]) => findOption(replacement, options => String(options.index) === index && 'index'),
    say: ([, index, value]) => `replacements: ${value} has no part ${index}`,
  },
  {
    pattern: /delimiter option can only be used with scalar nodes/,
    find: replacement => findOption(replacement, options => options.delimiter !== undefined && 'delimiter'),
    say: () => 'replacements: a delimiter divides a string, and the field is not one',
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
  {
    pattern: /value and resource selectors are mutually exclusive/,
    find: replacement =>
      ['source', 'sourceValue'].every(field => valueAt(replacement, [field]) !== undefined)
        ? ['sourceValue']
        : undefined,
    say: () => 'replacements: this entry has a source and a sourceValue: it may have one of them',
  },
  {
    pattern: /unsupported replacement type encountered within replacement path/,
    find: replacement => (mappingAt(replacement, []) === undefined ? [] : undefined),
    say: () => 'replacements: the file must hold a replacement, or a list of them',
  },
  {
    pattern: /structured data/,
    find: replacement =>
      findTarget(replacement, target => (listAt(target, ['fieldPaths']).length > 0 ? ['fieldPaths', 0] : undefined)),
    say: () => 'replacements: the text in this field has no such field (it is read as JSON or YAML)',
  },
]

/** What stands in the way of a field of a target; `reason` are the words behind kustomize's colon. */
function explainTarget(fieldPath: string, reason: string | undefined): string {
  const [, index, count] = /index (\d+) specified but only (\d+) elements/.exec(reason ?? '') ?? []
  if (index !== undefined) {
    const items = count === '1' ? 'one item, number 0' : `${count} items, counted from 0`
    return `${fieldPath} asks for item ${index} of a list with ${items}`
  }
  const [, wanted, found] = /expected (\w+)Node but got (\w+)Node/.exec(reason ?? '') ?? []
  if (found === 'Sequence') return `${fieldPath} leads into a list: write [name=...] or the number of the item`
  if (found === 'Scalar') return `${fieldPath} leads into a value with nothing below it`
  if (wanted === 'Sequence') return `${fieldPath} asks for an item of what is not a list`
  return `a selected resource has no ${fieldPath}; options.create makes it`
}

/** The first field of a path that an object does not have, with the one that is near. */
function nearField(object: unknown, fieldPath: string): string {
  let value = object
  for (const segment of fieldPath.match(/\[[^\]]*\]|(?:\\.|[^.])+/g) ?? []) {
    const [, key = '', wanted] = /^\[(.*?)=(.*)\]$/.exec(segment) ?? []
    const isList = Array.isArray(value)
    const name = isList ? Number(segment) : segment.replaceAll('\\', '')
    const next =
      isList && key ? (value as unknown[]).find(one => valueAt(one, [key]) === wanted) : valueAt(value, [name])
    if (next === undefined) {
      const names = isList
        ? (value as unknown[]).map(one => String(valueAt(one, [key || 'name'])))
        : Object.keys(mappingAt(value, []) ?? {})
      const near = closest(wanted ?? segment, names)
      return near === undefined ? '' : `; did you mean ${near}?`
    }
    value = next
  }
  return ''
}

/** Of an entry that names a file the words of the file are asked: what it has besides the path is asked here. */
const BOTH: Explanation = {
  pattern: /cannot specify both path and inline replacement/,
  find(_, { reach }) {
    for (const kustomization of reach) {
      const entries = listAt(kustomization.value, ['replacements'])
      const fields = ['source', 'sourceValue', 'targets'] as const
      for (const [index, entry] of entries.entries()) {
        const field = fields.find(one => valueAt(entry, [one]) !== undefined)
        if (field && valueAt(entry, ['path']) !== undefined)
          return spotIn(kustomization, ['replacements', index, field])
      }
    }
    return undefined
  },
  say: () => 'replacements: this entry names a file, and a replacement of its own: it may have one of them',
}

const OF_FIELDS: readonly Explanation[] = ROWS.map(({ pattern, find, say }) => ({
  pattern,
  find(match, failure) {
    for (const kustomization of failure.reach) {
      for (const { value, rangeOf } of allReplacementsOf(kustomization, failure.sources)) {
        const fieldPath = find(value, match, failure)
        if (fieldPath) return { range: rangeOf(fieldPath), fieldPath, note: say(match, value, failure) }
      }
    }
    return undefined
  },
  say: (_, { note = '' }) => note,
}))

export const REPLACEMENT_ERRORS: readonly Explanation[] = [BOTH, ...OF_FIELDS]

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
