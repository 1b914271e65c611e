// Finds the line that wrote a field of a resource, through every layer that touched it. Runs only for findings.
import { type Origin, type Resource, valueAt } from '../../model/build.ts'
import type { ChainLink, FieldPath, SourceRange } from '../../model/place.ts'
import { findNode, rangeOf } from '../../source/yaml/position.ts'
import type { Sources, Unreadable } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Graph } from '../graph/kustomization.ts'
import { listLayers } from './layers.ts'
import { renderOrigins } from './origins.ts'
import type { Renderings, Settings } from '../../engine.ts'
import { findDocument, findWritten } from './writers.ts'
import type { Written } from './written.ts'

export interface Located {
  readonly range: SourceRange
  readonly chain: readonly ChainLink[]
  /** Grows with the layer that wrote the field; 0 for a resource's own file. */
  readonly rank: number
}

type WrittenOrigin = Extract<Origin, { kind: 'document' | 'generator' }>

export type Origins = ReadonlyMap<string, readonly (Origin | undefined)[]>

/** Locates fields of resources; asks kustomize only for the origins in the builds that are named. */
export async function openLocator(
  builds: readonly string[],
  options: Settings & { readonly renderings: Renderings },
): Promise<(resource: Resource, path: FieldPath) => Located> {
  const { kustomize, tree, partial } = options.renderings
  const wanted = { ...options, sources: tree.sources, graph: tree.graph }
  const origins = new Map<string, readonly (Origin | undefined)[]>()
  const whole = builds.filter(build => !partial.has(build))
  const add = async (roots: readonly string[], graph: Graph): Promise<void> => {
    if (!kustomize || roots.length === 0) return
    for (const [root, found] of await renderOrigins(roots, { ...wanted, graph, kustomize })) origins.set(root, found)
  }
  await add(whole, tree.graph)
  for (const build of builds) {
    const graph = partial.get(build)
    if (graph) await add([build], graph)
  }
  return createLocator(tree.sources, tree.graph, origins)
}

function createLocator(
  sources: Sources,
  graph: Graph,
  origins: Origins,
): (resource: Resource, path: FieldPath) => Located {
  const locate = (rendered: Resource, path: FieldPath): Located => {
    const { origin: made } = rendered
    if (made.kind === 'generated') return locate(made.by, inTemplate(path))
    if (made.kind === 'template') return locateInTemplate(sources.read(made.file), made.file, path)
    if (made.kind === 'settings') return locateUnderSettings(rendered, path, made, locate)
    const resource = { ...rendered, origin: resolveOrigin(rendered, { sources, graph, origins }) }
    const { origin } = resource
    const file = sources.read(origin.file)
    const own = file instanceof SourceFile ? file : undefined
    if (origin.kind === 'document' && origin.document !== undefined && own) {
      const prefix: FieldPath = origin.item === undefined ? [] : ['items', origin.item]
      const range = own.rangeOf(origin.document, [...prefix, ...path])
      return { range, chain: [link(range, 'resource')], rank: 0 }
    }
    const layers = listLayers(graph, resource.build, resource, nameInSource(own, resource))
    const search = (wanted: FieldPath): readonly Written[] =>
      layers.flatMap(layer => findWritten(layer, { sources, resource, path: wanted }))
    const found = search(path)
    if (found.length) return settle(found, valueAt(resource.object, path))
    // The field is not there: show what holds it, as far as that exists.
    for (let length = path.length - 1; length >= 0; length--) {
      const shorter = path.slice(0, length)
      const holders = length === 0 || valueAt(resource.object, shorter) !== undefined ? search(shorter) : []
      if (holders.length) return settle(holders, valueAt(resource.object, shorter))
    }
    const root = own ? findDocument(own, resource) : undefined
    const range = own && root ? rangeOf(own.path, own.text, findNode(root, ['metadata', 'name'])) : startOf(origin.file)
    return { range, chain: [link(range, origin.kind === 'generator' ? 'generator' : 'resource')], rank: 0 }
  }
  return locate
}

/** Where an ApplicationSet writes a field of its Applications. */
const inTemplate = (path: FieldPath): FieldPath => {
  const isOwn = path[0] === 'metadata' || path[0] === 'spec'
  return ['spec', 'template', ...(isOwn ? path : [])]
}

/** The key of a field where a template has it once; else the template, for a person to look. */
function locateInTemplate(file: SourceFile | Unreadable, name: string, path: FieldPath): Located {
  const own = file instanceof SourceFile ? file : undefined
  const key = path.findLast(segment => typeof segment === 'string')
  const range = (own && key !== undefined && findKey(own, String(key))) || startOf(name)
  return { range, chain: [link(range, 'resource')], rank: 0 }
}

function findKey(file: SourceFile, key: string): SourceRange | undefined {
  const escaped = key.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const found = [...file.text.matchAll(new RegExp(`^[ \\t]*(?:- )?["']?(?=${escaped}["']?[ \\t]*:)`, 'gm'))]
  const [only] = found
  return only && found.length === 1 ? file.rangeAt(only.index + only[0].length) : undefined
}

/** A field that the folder writes stands there; what it does not have, the settings of the Application wrote. */
function locateUnderSettings(
  resource: Resource,
  path: FieldPath,
  { folder, by, fieldPath }: Extract<Origin, { kind: 'settings' }>,
  locate: (resource: Resource, path: FieldPath) => Located,
): Located {
  const below = locate({ ...resource, build: folder, origin: { kind: 'rendered', index: -1 } }, path)
  const value = valueAt(resource.object, path)
  const setting = settingFor(by, fieldPath, path, value)
  return setting ? { ...locate(by, setting), rank: below.rank + 1 } : below
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

/** A scalar is what the last writer made it; a mapping or list is shown where it was first written. */
function settle(found: readonly Written[], value: unknown): Located {
  const isScalar = typeof value !== 'object' || value === null
  const exact = isScalar ? found.findLast(one => one.text === String(value)) : undefined
  const best = exact ?? (isScalar ? found.at(-1) : found[0])
  if (!best) throw new Error('a field without a writer was to be settled')
  return { range: best.range, chain: found.map(({ range, role }) => link(range, role)), rank: best.rank }
}

const link = ({ file, line, column }: SourceRange, role: ChainLink['role']): ChainLink => ({ file, line, column, role })

const startOf = (file: string): SourceRange => ({ file, line: 1, column: 1, endLine: 1, endColumn: 1 })

/** The name before prefixes, suffixes and hashes. */
function nameInSource(file: SourceFile | undefined, resource: Resource): string {
  if (resource.origin.kind === 'document') {
    const root = file ? findDocument(file, resource) : undefined
    const name = root ? findNode(root, ['metadata', 'name']) : undefined
    return name?.depth === 2 ? (name.value.text ?? resource.name) : resource.name
  }
  const field = resource.kind === 'Secret' ? 'secretGenerator' : 'configMapGenerator'
  const generators = valueAt(file?.parse('kubectl').documents[0], [field])
  const names = Array.isArray(generators) ? generators.map(one => String(valueAt(one, ['name']))) : []
  const fitting = names.filter(name => resource.name.includes(name)).sort((a, b) => b.length - a.length)
  return fitting[0] ?? resource.name
}

/**
 * Where a rendered resource began; its root's kustomization where that cannot be known. kustomize's own word is checked:
 * a strategic merge patch leaves its origin on what it patches.
 */
function resolveOrigin(
  resource: Resource,
  { sources, graph, origins }: { sources: Sources; graph: Graph; origins: Origins },
): WrittenOrigin {
  const { build, origin } = resource
  if (origin.kind === 'document' || origin.kind === 'generator') return origin
  if (origin.kind !== 'rendered') throw new Error(`what is ${origin.kind} has no origin of its own`)
  const reach = graph.reach(build)
  const said = origins.get(build)?.[origin.index]
  if (said?.kind === 'generator' && isGenerated(resource, sources.read(said.file))) return said
  let best: { file: string; name: string } | undefined
  for (const { files } of reach) {
    for (const { path, reference } of files) {
      const file = reference.content === 'resource' ? sources.read(path) : undefined
      const root = file instanceof SourceFile ? findDocument(file, resource) : undefined
      if (!root || findNode(root, ['kind']).value.text !== resource.kind) continue
      if (said?.kind === 'document' && said.file === path) return said
      const name = findNode(root, ['metadata', 'name']).value.text ?? ''
      if (resource.name.includes(name) && (!best || name.length > best.name.length)) best = { file: path, name }
    }
  }
  if (best) return { kind: 'document', file: best.file }
  return { kind: 'generator', file: graph.kustomizations.get(build)?.file.path ?? build }
}

function isGenerated({ group, kind, name }: Resource, file: SourceFile | Unreadable): boolean {
  if (group !== '' || !(file instanceof SourceFile)) return false
  const field = kind === 'ConfigMap' ? 'configMapGenerator' : kind === 'Secret' ? 'secretGenerator' : 'generators'
  const entries = valueAt(file.parse('kubectl').documents[0], [field])
  return Array.isArray(entries) && entries.some(one => name.includes(String(valueAt(one, ['name']))))
}
