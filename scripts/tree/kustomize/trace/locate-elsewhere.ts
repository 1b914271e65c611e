// Where something was written that no step of kustomize made: a chart's template, an ApplicationSet, an Application's settings.
import { type Origin, type Resource, valueAt } from '../../model/build.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Unreadable } from '../../source/sources.ts'
import type { Located } from './locate.ts'

type Locate = (resource: Resource, path: FieldPath) => Located

/** Where an ApplicationSet writes a field of its Applications. */
export const inTemplate = (path: FieldPath): FieldPath => {
  const isOwn = path[0] === 'metadata' || path[0] === 'spec'
  return ['spec', 'template', ...(isOwn ? path : [])]
}

/** The key of a field where a template has it once; else the template, for a person to look. */
export function locateInTemplate(file: SourceFile | Unreadable, name: string, path: FieldPath): Located {
  const own = file instanceof SourceFile ? file : undefined
  const key = path.findLast(segment => typeof segment === 'string')
  const range = (own && key !== undefined && findKey(own, String(key))) || startOf(name)
  return { range, chain: [{ ...range, role: 'resource' }], rank: 0, proved: false, reason: 'a template wrote it' }
}

const keys = new WeakMap<SourceFile, Map<string, SourceRange | undefined>>()

/** A template of thousands of objects is asked for the same keys by all of them. */
function findKey(file: SourceFile, key: string): SourceRange | undefined {
  const known = keys.get(file) ?? new Map<string, SourceRange | undefined>()
  keys.set(file, known)
  if (!known.has(key)) known.set(key, searchKey(file, key))
  return known.get(key)
}

function searchKey(file: SourceFile, key: string): SourceRange | undefined {
  const escaped = key.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const found = file.text.matchAll(new RegExp(`^[ \\t]*(?:- )?["']?(?=${escaped}["']?[ \\t]*:)`, 'gm'))
  const only = found.next().value
  return only && found.next().done ? file.rangeAt(only.index + only[0].length) : undefined
}

/**
 * Where the settings cannot be followed: a field that the folder writes stands there, and what it does not have, the
 * settings of the Application wrote.
 */
export function locateUnderSettings(
  resource: Resource,
  path: FieldPath,
  { folder, by, fieldPath }: Extract<Origin, { kind: 'settings' }>,
  locate: Locate,
): Located {
  const below = locate({ ...resource, build: folder, origin: { kind: 'rendered', index: -1 } }, path)
  const value = valueAt(resource.object, path)
  const setting = settingFor(by, fieldPath, path, value)
  const reason = 'settings of an Application wrote it, and not all of them stand there'
  return setting ? { ...locate(by, setting), rank: below.rank + 1, proved: false, reason } : below
}

/** The setting that wrote a value: by what it changes, since the text alone may stand anywhere. */
function settingFor(by: Resource, at: FieldPath, path: FieldPath, value: unknown): FieldPath | undefined {
  const settings = valueAt(by.object, at)
  const last = path.at(-1)
  const holds = (field: string): boolean => valueAt(settings, [field]) !== undefined
  const text = String(value)
  if (last === 'image' && holds('images')) return [...at, 'images']
  if (last === 'replicas' && holds('replicas')) return [...at, 'replicas']
  if (last === 'namespace' && path.length === 2 && valueAt(settings, ['namespace']) === value)
    return [...at, 'namespace']
  if (last === 'name' && path.length === 2) {
    const prefix = valueAt(settings, ['namePrefix'])
    if (typeof prefix === 'string' && prefix !== '' && text.startsWith(prefix)) return [...at, 'namePrefix']
    const suffix = valueAt(settings, ['nameSuffix'])
    if (typeof suffix === 'string' && suffix !== '' && text.endsWith(suffix)) return [...at, 'nameSuffix']
  }
  for (const [kind, field] of [
    ['labels', 'commonLabels'],
    ['annotations', 'commonAnnotations'],
  ] as const) {
    const isPair = path.at(-2) === kind && last !== undefined
    if (isPair && valueAt(settings, [field, last]) !== undefined) return [...at, field, last]
  }
  return undefined
}

const startOf = (file: string): SourceRange => ({ file, line: 1, column: 1, endLine: 1, endColumn: 1 })
