// Walks the paths that kustomize's transformers write: names separated by slashes, through lists of any length.
import { FIELD_SPECS } from './tables/field-specs.ts'
import { isSelectedKind, type KindSelector, splitApiVersion, type TracedObject, currentId } from './object.ts'
import { StepError } from './step.ts'
import { emptyMapping, type Entry, isNull, type Origin, replaceIn, scalar, textAt, type Traced } from './value.ts'

export interface FieldSpec extends KindSelector {
  readonly path: readonly string[]
  readonly create: boolean
}

/** `group/version Kind`, `version Kind` or `Kind`; a `*` is any version. */
export function readKind(text: string): KindSelector {
  const space = text.lastIndexOf(' ')
  const kind = text.slice(space + 1)
  if (space < 0) return { group: '', version: '', kind }
  const apiVersion = text.slice(0, space)
  const slash = apiVersion.lastIndexOf('/')
  const version = apiVersion.slice(slash + 1)
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: version === '*' ? '' : version, kind }
}

/** Splits a path at its slashes but those that a backslash keeps. */
export function splitPath(path: string, delimiter = '/'): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (let index = 0; index < path.length; index++) {
    const letter = path[index]
    if (letter === '\\' && path[index + 1] === delimiter) {
      part += delimiter
      index++
    } else if (letter === delimiter) {
      parts.push(part)
      part = ''
    } else part += letter
  }
  parts.push(part)
  return parts[0] === '' ? parts.slice(1) : parts
}

export function readSpecs(table: Readonly<Record<string, readonly string[]>>): readonly FieldSpec[] {
  return Object.entries(table).flatMap(([key, kinds]) => {
    const create = key.startsWith('+')
    const path = splitPath(create ? key.slice(1) : key)
    return (kinds.length ? kinds.map(readKind) : [{ group: '', version: '', kind: '' }]).map(kind => ({
      ...kind,
      path,
      create,
    }))
  })
}

export type SpecName = keyof typeof FIELD_SPECS

export const DEFAULT_SPECS = Object.fromEntries(
  Object.entries(FIELD_SPECS).map(([name, table]) => [name, readSpecs(table)]),
) as Readonly<Record<SpecName, readonly FieldSpec[]>>

/** A field spec of a kustomization, a configuration file or a plugin. */
export function readSpec(node: Traced): FieldSpec {
  const fromApiVersion = splitApiVersion(textAt(node, 'apiVersion'))
  return {
    group: textAt(node, 'group') || fromApiVersion.group,
    version: textAt(node, 'version') || (textAt(node, 'apiVersion') ? fromApiVersion.version : ''),
    kind: textAt(node, 'kind'),
    path: splitPath(textAt(node, 'path')),
    create: /^t/i.test(textAt(node, 'create')),
  }
}

const isSameSpec = (a: FieldSpec, b: FieldSpec): boolean =>
  a.group === b.group && a.version === b.version && a.kind === b.kind && samePath(a.path, b.path)
const samePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.join('\0').replaceAll('[]', '') === b.join('\0').replaceAll('[]', '')

/** Adds specs that are not there yet. */
export function mergeSpecs(known: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] {
  const merged = [...known]
  for (const spec of more) if (!merged.some(one => isSameSpec(one, spec))) merged.push(spec)
  return merged
}

export interface Walk {
  /** What to make at the end of a path that is to be created; undefined: nothing is made. */
  readonly make?: 'scalar' | 'mapping'
  readonly origin: Origin
  /** Called at the end of the path with the parent, so that the value can be replaced. */
  set(value: Traced, put: (made: Traced) => void): void
}

/** Calls `set` at every end of the spec's path in the object. */
export function walkSpec(object: TracedObject, spec: FieldSpec, walk: Walk): void {
  if (!isSelectedKind(currentId(object), spec)) return
  follow(object.root, spec.path, 0, spec.create, walk, () => {})
}

function follow(
  node: Traced,
  path: readonly string[],
  depth: number,
  create: boolean,
  walk: Walk,
  put: (made: Traced) => void,
): void {
  if (depth === path.length) {
    walk.set(node, put)
    return
  }
  if (isNull(node)) return
  if (node.kind === 'sequence') {
    for (const [index, item] of node.items.entries()) {
      follow(item, path, depth, create, walk, made => {
        node.items[index] = made
      })
    }
    return
  }
  if (node.kind === 'scalar') throw new StepError(`${path.join('/')} leads through a scalar`)
  const segment = path[depth] ?? ''
  const isList = segment.endsWith('[]')
  const name = isList ? segment.slice(0, -2) : segment
  const mayMake = create && walk.make !== undefined && !isList
  let entry = node.entries.get(name)
  const isLast = depth === path.length - 1
  if (!entry || (isNull(entry.value) && mayMake)) {
    if (!mayMake) {
      if (!entry) return
    } else {
      const value: Traced = isLast && walk.make === 'scalar' ? scalar('', walk.origin) : emptyMapping(walk.origin)
      entry = { value, origin: walk.origin }
      node.entries.set(name, entry)
    }
  }
  const found: Entry | undefined = entry
  if (!found) return
  follow(found.value, path, depth + 1, create, walk, made => replaceIn(found, made))
}
