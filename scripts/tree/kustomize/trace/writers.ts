// Says whether a layer wrote a field, and where in the file it did: one function for each field of a kustomization.
import { posix } from 'node:path'
import { groupOf, mappingAt, type Resource, stringAt, valueAt } from '../../model/build.ts'
import type { ChainLink, FieldPath } from '../../model/place.ts'
import { isInline } from '../graph/references.ts'
import { findNode, findPair, type Found, type Node, rangeOf } from '../../source/yaml/position.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Layer } from './layers.ts'
import { isSelected, openFile, openInline, writePatch, writePatchEntry } from './patch-writers.ts'
import { replacementsOf } from '../explain/replacements.ts'
import { entryOf, roleOf, type Target, type Written } from './written.ts'
import { followPath } from './merge-path.ts'

type Writer = (layer: Layer, target: Target) => Generator<Written>

/** All places of one layer that wrote exactly this field. */
export function findWritten(layer: Layer, target: Target): readonly Written[] {
  const writer = WRITERS[layer.field]
  return writer ? [...writer(layer, target)] : []
}

/** A field of the kustomization itself. */
function inKustomization(layer: Layer, path: FieldPath, role: ChainLink['role']): Written {
  return { range: layer.kustomization.file.rangeOf(0, path), role: roleOf(layer, role), rank: layer.rank }
}

const WRITERS: Readonly<Record<string, Writer>> = {
  *resources(layer, { sources, resource, path }) {
    if (resource.origin.kind !== 'document') return
    const file = sources.read(resource.origin.file)
    if (!(file instanceof SourceFile)) return
    const root = findDocument(file, resource)
    if (!root) return
    const found = followPath(root, resource.object, path, true)
    if (found.depth === path.length) yield written(file, found, roleOf(layer, 'resource'), layer.rank)
  },

  *configMapGenerator(layer, target) {
    yield* writeGenerator(layer, target)
  },
  *secretGenerator(layer, target) {
    yield* writeGenerator(layer, target)
  },

  *patchesStrategicMerge(layer, target) {
    const text = valueAt(layer.kustomization.value, ['patchesStrategicMerge', layer.index])
    if (typeof text !== 'string') return
    const path: FieldPath = ['patchesStrategicMerge', layer.index]
    const content = isInline(text) ? openInline(layer, path) : openFile(layer, text, target.sources)
    if (content) yield* writePatch(layer, content, undefined, target)
  },
  *patches(layer, target) {
    yield* writePatchEntry(layer, target)
  },
  *patchesJson6902(layer, target) {
    yield* writePatchEntry(layer, target)
  },

  *namespace(layer, { resource, path }) {
    const isName = resource.kind === 'Namespace' && resource.group === '' && isPath(path, ['metadata', 'name'])
    const isSubject = path[0] === 'subjects' && path[2] === 'namespace'
    if (isName || isSubject || isPath(path, ['metadata', 'namespace'])) {
      yield {
        ...inKustomization(layer, ['namespace'], 'transformer'),
        text: String(layer.kustomization.value.namespace),
      }
    }
  },
  *namePrefix(layer, { path }) {
    if (isPath(path, ['metadata', 'name'])) yield inKustomization(layer, ['namePrefix'], 'transformer')
  },
  *nameSuffix(layer, { path }) {
    if (isPath(path, ['metadata', 'name'])) yield inKustomization(layer, ['nameSuffix'], 'transformer')
  },
  *commonLabels(layer, { path }) {
    yield* writeLabels(layer, ['commonLabels'], path, true, true)
  },
  *labels(layer, { path }) {
    const entry = entryOf(layer)
    const includeSelectors = entry.includeSelectors === true
    const includeTemplates = includeSelectors || entry.includeTemplates === true
    yield* writeLabels(layer, ['labels', layer.index, 'pairs'], path, includeSelectors, includeTemplates)
  },
  *commonAnnotations(layer, { path }) {
    const key = path.at(-1)
    if (path.at(-2) !== 'annotations' || typeof key !== 'string') return
    const text = stringAt(layer.kustomization.value, ['commonAnnotations', key])
    if (text !== undefined) yield { ...inKustomization(layer, ['commonAnnotations', key], 'transformer'), text }
  },
  *replicas(layer, { path }) {
    const entry = entryOf(layer)
    if (!isPath(path, ['spec', 'replicas']) || !layer.names.has(String(entry.name))) return
    yield { ...inKustomization(layer, ['replicas', layer.index, 'count'], 'transformer'), text: String(entry.count) }
  },
  *images(layer, { resource, path }) {
    const entry = entryOf(layer)
    const image = valueAt(resource.object, path)
    if (path.at(-1) !== 'image' || typeof image !== 'string') return
    const name = entry.newName ?? entry.name
    if (
      typeof name !== 'string' ||
      !(image === name || /^[:@]/.test(image.slice(name.length))) ||
      !image.startsWith(name)
    )
      return
    const key = ['digest', 'newTag', 'newName', 'name'].find(field => entry[field] !== undefined) ?? 'name'
    yield { ...inKustomization(layer, ['images', layer.index, key], 'transformer'), text: image }
  },
  *replacements(layer, { sources, resource, path }) {
    for (const { value, rangeOf: place } of replacementsOf(layer.kustomization, layer.index, sources)) {
      for (const [index, target] of asList(valueAt(value, ['targets'])).entries()) {
        if (!isSelected(mappingAt(target, ['select']), layer, resource)) continue
        for (const [position, text] of asList(valueAt(target, ['fieldPaths'])).entries()) {
          if (typeof text !== 'string' || !isFieldPath(text, resource.object, path)) continue
          const range = place(['targets', index, 'fieldPaths', position])
          yield { range, role: roleOf(layer, 'transformer'), rank: layer.rank }
        }
      }
    }
  },
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const isPath = (path: FieldPath, wanted: FieldPath): boolean =>
  path.length === wanted.length && path.every((segment, index) => segment === wanted[index])

function written(file: SourceFile, found: Found, role: ChainLink['role'], rank: number): Written {
  const range = rangeOf(file.path, file.text, found)
  return { range, role, rank, ...(found.value.text === undefined ? {} : { text: found.value.text }) }
}

/** The document, or the item of a list, that a rendered resource began as. */
export function findDocument(file: SourceFile, resource: Resource): Node | undefined {
  const candidates = file.trees.flatMap(tree => {
    if (!tree) return []
    const items = findPair(tree, 'items')?.value.items
    return items && findPair(tree, 'kind')?.value.text?.endsWith('List') ? items : [tree]
  })
  const textOf = (node: Node, path: FieldPath): string | undefined => {
    const found = findNode(node, path)
    return found.depth === path.length ? found.value.text : undefined
  }
  const sameKind = candidates.filter(
    node => textOf(node, ['kind']) === resource.kind && groupOf(textOf(node, ['apiVersion']) ?? '') === resource.group,
  )
  const exact = sameKind.find(node => textOf(node, ['metadata', 'name']) === resource.name)
  if (exact || sameKind.length <= 1) return exact ?? sameKind[0] ?? candidates[0]
  const named = sameKind
    .map(node => ({ node, name: textOf(node, ['metadata', 'name']) ?? '' }))
    .filter(({ name }) => name !== '' && resource.name.includes(name))
    .sort((a, b) => b.name.length - a.name.length)
  return named[0]?.node ?? sameKind[0]
}

function* writeGenerator(layer: Layer, { path }: Target): Generator<Written> {
  const entry = entryOf(layer)
  const base: FieldPath = [layer.field, layer.index]
  const key = path.length === 2 && (path[0] === 'data' || path[0] === 'binaryData') ? String(path[1]) : undefined
  if (key === undefined) {
    if (path.length === 0 || path[0] === 'metadata' || path[0] === 'type')
      yield inKustomization(layer, [...base, 'name'], 'generator')
    return
  }
  for (const [index, literal] of asList(entry.literals).entries()) {
    if (typeof literal === 'string' && literal.startsWith(`${key}=`)) {
      yield inKustomization(layer, [...base, 'literals', index], 'generator')
    }
  }
  for (const [index, file] of asList(entry.files).entries()) {
    if (typeof file !== 'string') continue
    const name = file.includes('=') ? file.slice(0, file.indexOf('=')) : posix.basename(file)
    if (name === key) yield inKustomization(layer, [...base, 'files', index], 'generator')
  }
}

function* writeLabels(
  layer: Layer,
  base: FieldPath,
  path: FieldPath,
  includeSelectors: boolean,
  includeTemplates: boolean,
): Generator<Written> {
  const key = path.at(-1)
  const parent = path.at(-2)
  if (typeof key !== 'string') return
  const text = stringAt(layer.kustomization.value, [...base, key])
  if (text === undefined) return
  const isOwn = isPath(path, ['metadata', 'labels', key])
  const isTemplate = parent === 'labels' && !isOwn
  const isSelector = parent === 'matchLabels' || parent === 'selector'
  if (isOwn || (isTemplate && includeTemplates) || (isSelector && includeSelectors)) {
    yield { ...inKustomization(layer, [...base, key], 'transformer'), text }
  }
}

/** Compares kustomize's field path (`spec.containers.[name=app].image`, `*` for all) with a path of the object. */
function isFieldPath(text: string, object: unknown, path: FieldPath): boolean {
  const segments = (text.match(/(?:\[[^\]]*\]|\\.|[^.\\])+/g) ?? []).map(segment => segment.replaceAll('\\.', '.'))
  if (segments.length !== path.length) return false
  return segments.every((segment, index) => {
    if (segment === '*' || segment === String(path[index])) return true
    const [, key, value] = /^\[([^=]+)=(.*)\]$/.exec(segment) ?? []
    return key !== undefined && String(valueAt(object, [...path.slice(0, index + 1), key])) === value
  })
}
