// A graph without the entries that keep a root from being rendered: what stands beside a chart or a URL is looked at all the same.
import type { Fault, FieldPath } from '../../model/place.ts'
import { isResourcePlace } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { valueAt } from '../../model/build.ts'
import type { Graph, Kustomization } from './kustomization.ts'
import { isInline } from './references.ts'

/** The graph of a root without its faulty entries; undefined where nothing of the root would be left. */
export function prune(graph: Graph, root: string): Graph | undefined {
  const reach = graph.reach(root)
  const hopeless = new Set(reach.filter(isHopeless).map(({ folder }) => folder))
  if (hopeless.has(root)) return undefined
  const kustomizations = new Map(graph.kustomizations)
  for (const kustomization of reach) {
    const paths = kustomization.faults.flatMap(fault => listCulprits(kustomization, fault))
    const lost = kustomization.folders
      .filter(({ path }) => hopeless.has(path))
      .map(({ reference }) => reference.fieldPath)
    const pruned = removeEntries(kustomization, [...paths, ...lost])
    kustomizations.set(kustomization.folder, { ...pruned, faults: [] })
  }
  return withKustomizations(graph, kustomizations)
}

/** The graph without the entry that made a build fail, and whose it was; undefined where that is not known. */
export function pruneFailure(
  graph: Graph,
  root: string,
  failure: PruneFailure,
): { readonly graph: Graph; readonly folder: string } | undefined {
  for (const kustomization of graph.reach(root)) {
    const paths = listPatchesFor(kustomization, failure)
    const named = paths.length ? paths : listCulprits(kustomization, failure.fault)
    if (named.length === 0) continue
    const kustomizations = new Map(graph.kustomizations)
    const { folder } = kustomization
    kustomizations.set(folder, removeEntries(kustomization, named))
    return { graph: withKustomizations(graph, kustomizations), folder }
  }
  return undefined
}

export interface PruneFailure {
  readonly fault: Fault
  /** kustomize's own words. */
  readonly text: string
  readonly sources: Sources
}

/** The graph with other kustomizations in the places of its own. */
export function withKustomizations(graph: Graph, kustomizations: ReadonlyMap<string, Kustomization>): Graph {
  return {
    ...graph,
    kustomizations,
    reach(start) {
      const order = new Map<string, Kustomization>()
      const pending = [start]
      for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
        const kustomization = kustomizations.get(folder)
        if (!kustomization || order.has(folder)) continue
        order.set(folder, kustomization)
        pending.push(...kustomization.folders.map(({ path }) => path).reverse())
      }
      return [...order.values()]
    },
  }
}

/** Nothing of it could be read, or what is wrong is not one of its entries. */
const isHopeless = ({ value, faults, ...kustomization }: Kustomization): boolean =>
  faults.length > 0 &&
  (Object.keys(value).length === 0 ||
    faults.some(fault => listCulprits({ value, faults, ...kustomization }, fault).length === 0))

/** The entries of a kustomization that a fault speaks of. */
function listCulprits({ file, files, value }: Kustomization, fault: Fault): readonly FieldPath[] {
  const [place] = fault.places
  if (isResourcePlace(place)) return []
  if (place.range.file === file.path) {
    const [field] = place.fieldPath
    return typeof field === 'string' && Object.hasOwn(value, field) ? [place.fieldPath] : []
  }
  return files.filter(({ path }) => path === place.range.file).map(({ reference }) => reference.fieldPath)
}

const UNMATCHED = /failed to find unique target for patch (\S+)/

/** Patches for an object that is not there, since what brings it was left out. */
function listPatchesFor({ value, files }: Kustomization, { text, sources }: PruneFailure): readonly FieldPath[] {
  const [, id] = UNMATCHED.exec(text) ?? []
  if (id === undefined) return []
  // As `Deployment.v1.apps/web.shop`: dots stand in names as well, so it is made of a patch and not taken apart.
  const isMeant = (document: unknown): boolean => {
    const { name, namespace } = Object(valueAt(document, ['metadata']))
    return id.startsWith(`${valueAt(document, ['kind'])}.`) && id.endsWith(`/${name}.${namespace || '[noNs]'}`)
  }
  const read = files.flatMap(({ path, reference }): readonly FieldPath[] => {
    const file = reference.content === 'patch' ? sources.read(path) : undefined
    return file instanceof SourceFile && file.parse('kustomize').documents.some(isMeant) ? [reference.fieldPath] : []
  })
  const inline = ['patches', 'patchesStrategicMerge'].flatMap(field => {
    const entries = value[field]
    if (!Array.isArray(entries)) return []
    return entries.flatMap((entry: Value, index): readonly FieldPath[] => {
      const patch = typeof entry === 'string' ? entry : valueAt(entry, ['patch'])
      if (typeof patch !== 'string' || (typeof entry === 'string' && !isInline(entry))) return []
      return parseText(patch, 'kustomize').documents.some(isMeant) ? [[field, index]] : []
    })
  })
  return [...read, ...inline]
}

/** Entries of lists are taken out; what a generator reads is taken out of the generator, all else as a whole. */
function removeEntries(kustomization: Kustomization, paths: readonly FieldPath[]): Kustomization {
  if (paths.length === 0) return kustomization
  const value = structuredClone(kustomization.value) as Record<string, Value>
  const gone = new Map<string, Set<number>>()
  for (const [field, index, list, item] of paths) {
    if (typeof field !== 'string') continue
    const entries = value[field]
    if (typeof index !== 'number' || !Array.isArray(entries)) {
      delete value[field]
    } else if (typeof item === 'number' && typeof list === 'string' && /Generator$/.test(field)) {
      const generator = entries[index] as Record<string, Value> | undefined
      // Emptied and not cut, since another path may count the same list.
      if (Array.isArray(generator?.[list])) (generator[list] as (Value | undefined)[])[item] = undefined
    } else gone.set(field, (gone.get(field) ?? new Set()).add(index))
  }
  for (const field of ['configMapGenerator', 'secretGenerator']) {
    for (const generator of Array.isArray(value[field]) ? value[field] : []) {
      for (const list of ['files', 'envs', 'literals']) {
        const entries = (generator as Record<string, Value> | null)?.[list]
        if (Array.isArray(entries)) {
          ;(generator as Record<string, Value>)[list] = entries.filter(entry => entry !== undefined)
        }
      }
    }
  }
  for (const [field, indexes] of gone) {
    value[field] = (value[field] as Value[]).filter((_, index) => !indexes.has(index))
  }
  const isKept = ({ reference: { fieldPath } }: { reference: { fieldPath: FieldPath } }): boolean =>
    !paths.some(path => path.every((segment, at) => segment === fieldPath[at]))
  const move = <Read extends { reference: { fieldPath: FieldPath } }>(read: Read): Read => {
    const [field, index, ...rest] = read.reference.fieldPath
    const before = [...(gone.get(String(field)) ?? [])].filter(one => one < Number(index)).length
    if (before === 0) return read
    const fieldPath = [field as string, Number(index) - before, ...rest]
    return { ...read, reference: { ...read.reference, fieldPath } }
  }
  const files = kustomization.files.filter(isKept).map(move)
  const folders = kustomization.folders.filter(isKept).map(move)
  return { ...kustomization, value, files, folders, leftOut: [...(kustomization.leftOut ?? []), paths] }
}
