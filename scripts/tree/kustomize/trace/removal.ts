// Finds the line that takes a field or an object away: the words of a patch without which it would be there.
import { posix } from 'node:path'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import { valueAt } from '../../model/build.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { isInline } from '../graph/references.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import { indexObjects, keyOfRendered } from './compare.ts'
import { Evaluator } from './evaluate.ts'
import type { TracedObject } from './object.ts'
import { readAgain, readFile, readInner } from './read.ts'
import { StepError } from './step.ts'
import { rangeOfSpan } from './text.ts'
import { fieldOf, isNull, itemsOf, type Origin, textAt, textInside, textOf, type Traced } from './value.ts'

/** What is gone: an object as it was, and the field of it; no field means the object as a whole. */
export interface Gone {
  readonly build: string
  /** As it was. */
  readonly object: KubernetesObject
  /** As it is called now, where it is still there. */
  readonly now: KubernetesObject | undefined
  readonly path: FieldPath
}

/** Patches of a build that are looked at. */
const MOST_PATCHES = 200
/** Builds that are carried out once more to be sure. */
const MOST_TRIED = 20

/** Undefined where nothing of the tree takes it away: then it is not written any more. */
export function createRemovalSearch({ sources, graph }: { readonly sources: Sources; readonly graph: Graph }) {
  const known = new Map<string, ReadonlyMap<string, TracedObject>>()
  const patches = new Map<string, readonly Patch[]>()
  const patchesOf = (build: string): readonly Patch[] => {
    const found = patches.get(build) ?? listPatches(graph.reach(build), sources)
    patches.set(build, found)
    return found
  }
  let tried = 0
  const carryOut = (build: string, { folder, fieldPath }: Patch): ReadonlyMap<string, TracedObject> => {
    const key = [build, folder, ...fieldPath].join('\n')
    let objects = known.get(key)
    if (!objects) {
      objects =
        ++tried > MOST_TRIED
          ? new Map()
          : evaluate(new Evaluator(sources, graph, { without: { folder, fieldPath } }), build)
      known.set(key, objects)
    }
    return objects
  }
  return ({ build, object, now, path }: Gone): SourceRange | undefined => {
    if (!graph.kustomizations.has(build)) return undefined
    for (const patch of patchesOf(build)) {
      const words = patch.documents.map(one => findWords(one, object, path)).find(one => one !== undefined)
      if (!words) continue
      const found = carryOut(build, patch).get(keyOfRendered(now ?? object))
      if (found && isThere(found.root, object, path)) return rangeOfSpan(words.at.text, words.at, true)
    }
    return undefined
  }
}

function evaluate(evaluator: Evaluator, build: string): ReadonlyMap<string, TracedObject> {
  try {
    return indexObjects(evaluator.evaluate(build).objects)
  } catch (error) {
    if (error instanceof StepError) return new Map()
    throw error
  }
}

interface Patch {
  readonly folder: string
  readonly fieldPath: FieldPath
  readonly documents: readonly Traced[]
}

function listPatches(reach: readonly Kustomization[], sources: Sources): readonly Patch[] {
  const found: Patch[] = []
  for (const kustomization of reach) {
    const root = readAgain(kustomization.file, 'patch', 0).find(one => one !== undefined)
    for (const field of ['patches', 'patchesStrategicMerge', 'patchesJson6902']) {
      for (const [index, entry] of itemsOf(root, field).entries()) {
        if (found.length >= MOST_PATCHES) return found
        const documents = readDocuments(entry, kustomization, sources)
        found.push({ folder: kustomization.folder, fieldPath: [field, index], documents })
      }
    }
  }
  return found
}

function readDocuments(entry: Traced, { folder }: Kustomization, sources: Sources): readonly Traced[] {
  const inline = entry.kind === 'scalar' ? entry : fieldOf(entry, 'patch')
  const text = textOf(inline)
  if (inline && text.trim() !== '' && (entry.kind !== 'scalar' || isInline(text))) {
    return readInner(textInside(inline), 'patch', 0).filter(one => one !== undefined)
  }
  const path = entry.kind === 'scalar' ? text : textAt(entry, 'path')
  const file = path === '' ? undefined : sources.read(posix.join(folder, path))
  return file instanceof SourceFile ? readFile(file, 'patch', 0).filter(one => one !== undefined) : []
}

/** Whether the object has the field, or in a list an item of the same name. */
function isThere(root: Traced, object: KubernetesObject, path: FieldPath): boolean {
  let node: Traced | undefined = root
  for (const [at, segment] of path.entries()) {
    if (node?.kind === 'sequence') {
      const item = valueAt(object, path.slice(0, at + 1))
      node = node.items.find(one => isOf(one, item)) ?? undefined
    } else node = fieldOf(node, String(segment))
    if (!node || isNull(node)) return false
  }
  return true
}

/** Names by which items of lists are told apart. */
const NAMES = ['name', 'containerPort', 'port', 'mountPath', 'devicePath', 'ip', 'key', 'topologyKey', 'type', 'uid']

/** Whether an item of a patch means an item: by all of the names that it says, and one at least. */
function isOf(node: Traced, item: unknown): boolean {
  if (node.kind === 'scalar') return node.text === String(item)
  const said = NAMES.filter(name => textAt(node, name) !== '')
  return said.length > 0 && said.every(name => textAt(node, name) === String(valueAt(item, [name])))
}

/** Where a document of a patch says that the field goes. */
function findWords(document: Traced, object: KubernetesObject, path: FieldPath): Origin | undefined {
  return document.kind === 'sequence' ? findOperation(document.items, path) : findInPatch(document, object, path)
}

function findOperation(operations: readonly Traced[], path: FieldPath): Origin | undefined {
  const found = operations.findLast(operation => {
    const from = textAt(operation, 'op') === 'move' ? 'from' : 'path'
    if (!['remove', 'replace', 'add', 'move'].includes(textAt(operation, 'op'))) return false
    const pointer = textAt(operation, from)
    const segments = pointer.split('/').slice(1)
    // An index may be another one by the time.
    return (
      segments.length > 0 &&
      segments.length <= path.length &&
      segments.every((segment, at) => {
        const own = path[at]
        return typeof own === 'number' ? /^(?:-?\d+|-)$/.test(segment) : readSegment(segment) === own
      })
    )
  })
  if (!found) return undefined
  const pointer = fieldOf(found, textAt(found, 'op') === 'move' ? 'from' : 'path')
  return pointer?.origin ?? found.origin
}

const readSegment = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~')

function findInPatch(document: Traced, object: KubernetesObject, path: FieldPath): Origin | undefined {
  let node = document
  for (let at = 0; at <= path.length; at++) {
    const directive = fieldOf(node, '$patch')
    if (directive && textOf(directive) !== 'merge') return directive.origin
    const segment = path[at]
    if (segment === undefined) return undefined
    if (node.kind === 'sequence') {
      const item = valueAt(object, path.slice(0, at + 1))
      const whole = node.items.find(one => textAt(one, '$patch') === 'replace')
      const next = node.items.find(one => isOf(one, item))
      // A list without names takes the place of the one that was there.
      if (!next) return (whole ? fieldOf(whole, '$patch') : undefined)?.origin ?? node.origin
      node = next
    } else {
      const entry = node.kind === 'mapping' ? node.entries.get(String(segment)) : undefined
      if (!entry) return undefined
      if (isNull(entry.value)) return entry.origin
      node = entry.value
    }
  }
  return undefined
}
