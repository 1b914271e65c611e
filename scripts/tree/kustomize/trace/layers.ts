// Lists, in the order kustomize applies them, the steps that one rendered resource went through.
import { posix } from 'node:path'
import type { Resource } from '../../model/build.ts'
import type { Value } from '../../model/resource.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'

type Mapping = Readonly<Record<string, Value>>

/** One step; `rank` grows with each layer, and is 0 for what a resource or generator says by itself. */
export interface Layer {
  readonly rank: number
  readonly kustomization: Kustomization
  /** The field of the kustomization that is the step. */
  readonly field: string
  /** Which entry of a list field. */
  readonly index: number
  /** Names by which a patch may know the resource at this point. */
  readonly names: ReadonlySet<string>
}

/** kustomize's order of transformers (api/internal/target, configureBuiltinTransformers). */
const TRANSFORMERS = [
  'patchesStrategicMerge',
  'patches',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'labels',
  'commonAnnotations',
  'patchesJson6902',
  'replicas',
  'images',
  'replacements',
] as const

/** Collects the layers of a resource of a kustomize build, from its own file to the last transformer of the root. */
export function listLayers(graph: Graph, root: string, resource: Resource, sourceName: string): readonly Layer[] {
  const layers: Layer[] = []
  const names = new Set([sourceName, resource.name])
  let name = sourceName
  let rank = 0
  const push = (kustomization: Kustomization, field: string, index = 0, own = false): void => {
    layers.push({ rank: own ? 0 : rank, kustomization, field, index, names })
  }
  const entries = (value: Value | undefined): number => (Array.isArray(value) ? value.length : value ? 1 : 0)
  const walk = (folder: string, isPresent: boolean, trail: ReadonlySet<string>): boolean => {
    const kustomization = graph.kustomizations.get(folder)
    if (!kustomization || trail.has(folder)) return isPresent
    const inner = new Set([...trail, folder])
    let present = isPresent
    for (const { path, reference } of kustomization.folders) {
      if (reference.fieldPath[0] === 'components' || reference.content !== 'resource') continue
      present = walk(path, false, inner) || present
    }
    const { origin } = resource
    if (origin.kind === 'document') {
      const isOwn = kustomization.files.some(file => file.path === origin.file && file.reference.content === 'resource')
      if (isOwn) {
        present = true
        push(kustomization, 'resources', 0, true)
      }
    }
    for (const field of ['configMapGenerator', 'secretGenerator'] as const) {
      const wanted = field === 'configMapGenerator' ? 'ConfigMap' : 'Secret'
      if (resource.kind !== wanted || resource.group !== '') continue
      const isOwn = origin.kind === 'generator' && posix.normalize(origin.file) === kustomization.file.path
      for (const [index, entry] of generatorsOf(kustomization.value[field])) {
        if (entry.name !== sourceName || (!isOwn && !present)) continue
        present = true
        rank++
        push(kustomization, field, index, entry.behavior === undefined || entry.behavior === 'create')
      }
    }
    for (const { path, reference } of kustomization.folders) {
      if (reference.fieldPath[0] === 'components') present = walk(path, present, inner)
    }
    if (!present) return false
    for (const field of TRANSFORMERS) {
      const value = kustomization.value[field]
      if (value === undefined || value === null) continue
      if (field === 'namePrefix') name = `${String(value)}${name}`
      if (field === 'nameSuffix') name = `${name}${String(value)}`
      names.add(name)
      for (let index = 0; index < entries(value); index++) {
        rank++
        push(kustomization, field, index)
      }
    }
    return true
  }
  walk(root, false, new Set())
  return layers
}

function* generatorsOf(value: Value | undefined): Generator<[number, Mapping]> {
  if (!Array.isArray(value)) return
  for (const [index, entry] of value.entries()) {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) yield [index, entry as Mapping]
  }
}
