// Says whether a layer wrote a field, and where in the file it did: one function for each field of a kustomization.
import { posix } from 'node:path'
import { groupOf, mappingAt, type Resource, stringAt, valueAt } from '../model/build.ts'
import type { ChainLink, FieldPath, SourceRange } from '../model/finding.ts'
import type { Value } from '../model/resource.ts'
import { isInline } from './references.ts'
import { parseText } from '../source/parse.ts'
import { buildTrees, findNode, findPair, type Found, type Node, rangeOf } from '../source/position.ts'
import { SourceFile, type Sources } from '../source/sources.ts'
import type { Layer } from './layers.ts'
import { followPath } from './merge-path.ts'

export interface Written {
  readonly range: SourceRange
  readonly role: ChainLink['role']
  readonly rank: number
  /** The text of a scalar; undefined for mappings, lists and what a transformer computes. */
  readonly text?: string
}

export interface Target {
  readonly sources: Sources
  readonly resource: Resource
  readonly path: FieldPath
}

type Mapping = Readonly<Record<string, Value>>
type Writer = (layer: Layer, target: Target) => Generator<Written>

/** All places of one layer that wrote exactly this field. */
export function findWritten(layer: Layer, target: Target): readonly Written[] {
  const writer = WRITERS[layer.field]
  return writer ? [...writer(layer, target)] : []
}

const roleOf = (layer: Layer, role: ChainLink['role']): ChainLink['role'] =>
  layer.kustomization.kind === 'Component' ? 'component' : role

/** A field of the kustomization itself. */
function inKustomization(layer: Layer, path: FieldPath, role: ChainLink['role']): Written {
  return { range: layer.kustomization.file.rangeOf(0, path), role: roleOf(layer, role), rank: layer.rank }
}

function entryOf({ kustomization, field, index }: Layer): Mapping {
  const entry = valueAt(kustomization.value, [field, index])
  return typeof entry === 'object' && entry !== null ? (entry as Mapping) : {}
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
    const entry = entryOf(layer)
    const file = typeof entry.path === 'string' ? openFile(layer, entry.path, sources)?.file : undefined
    const lists: readonly (readonly [unknown, FieldPath])[] = file
      ? file.parse('kustomize').documents.map((document, index) => [document, [index]] as const)
      : [[entry, ['replacements', layer.index]]]
    for (const [value, prefix] of lists) {
      const replacements = Array.isArray(value)
        ? value.map((one, index) => [one, [index]] as const)
        : [[value, []] as const]
      for (const [replacement, inner] of replacements) {
        for (const [index, one] of asList(valueAt(replacement, ['targets'])).entries()) {
          if (!isSelected(mappingAt(one, ['select']), layer, resource)) continue
          for (const [position, text] of asList(valueAt(one, ['fieldPaths'])).entries()) {
            if (typeof text !== 'string' || !isFieldPath(text, resource.object, path)) continue
            const at: FieldPath = ['targets', index, 'fieldPaths', position]
            const range = file
              ? file.rangeOf(Number(prefix[0]), [...inner, ...at])
              : layer.kustomization.file.rangeOf(0, [...prefix, ...at])
            yield { range, role: roleOf(layer, 'transformer'), rank: layer.rank }
          }
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

/** The text of a patch and how its positions map to the file it stands in. */
interface PatchContent {
  readonly file: SourceFile
  readonly trees: readonly (Node | undefined)[]
  readonly documents: readonly Value[]
  rangeOf(found: Found): SourceRange
}

function openFile(layer: Layer, path: string, sources: Sources): PatchContent | undefined {
  const file = sources.read(posix.join(layer.kustomization.folder, path))
  if (!(file instanceof SourceFile)) return undefined
  const { documents } = file.parse('kustomize')
  return { file, trees: file.trees, documents, rangeOf: found => rangeOf(file.path, file.text, found) }
}

/** A patch written in the kustomization: positions of a literal block are those of its lines, of others the whole value. */
function openInline(layer: Layer, path: FieldPath): PatchContent | undefined {
  const { file } = layer.kustomization
  const tree = file.trees[0]
  const node = tree ? findNode(tree, path).value : undefined
  const text = node?.text
  if (node === undefined || text === undefined) return undefined
  const { documents, events, fault } = parseText(text, 'kustomize')
  if (fault) return undefined
  const whole = file.rangeOf(0, path)
  const block = file.text.slice(node.start, node.end)
  const firstLine = block.split('\n').find(line => line.trim() !== '') ?? ''
  const isBlock = text.includes('\n') && !/^["']/.test(block)
  const start = file.rangeAt(node.start)
  const lead = block.slice(0, block.indexOf(firstLine)).split('\n').length - 1
  const indent = firstLine.length - firstLine.trimStart().length + (lead === 0 ? start.column - 1 : 0)
  return {
    file,
    trees: buildTrees(text, events),
    documents,
    rangeOf(found) {
      if (!isBlock) return whole
      const inner = rangeOf(file.path, text, found)
      const line = start.line + lead + inner.line - 1
      const endLine = line + inner.endLine - inner.line
      return { ...inner, line, endLine, column: inner.column + indent, endColumn: inner.endColumn + indent }
    },
  }
}

function* writePatchEntry(layer: Layer, target: Target): Generator<Written> {
  const entry = entryOf(layer)
  const selector = mappingAt(entry, ['target'])
  if (selector && !isSelected(selector, layer, target.resource)) return
  const content =
    typeof entry.path === 'string'
      ? openFile(layer, entry.path, target.sources)
      : openInline(layer, [layer.field, layer.index, 'patch'])
  if (content) yield* writePatch(layer, content, selector, target)
}

function* writePatch(
  layer: Layer,
  content: PatchContent,
  selector: Readonly<Record<string, unknown>> | undefined,
  { resource, path }: Target,
): Generator<Written> {
  const at = (found: Found): Written => ({
    range: content.rangeOf(found),
    role: roleOf(layer, 'patch'),
    rank: layer.rank,
    ...(found.value.text === undefined ? {} : { text: found.value.text }),
  })
  for (const [index, document] of content.documents.entries()) {
    const tree = content.trees[index]
    if (!tree) continue
    if (Array.isArray(document)) {
      for (const [position, operation] of document.entries()) {
        const found = findOperation(tree.items?.[position], operation, resource, path)
        if (found) yield at(found)
      }
    } else if (selector || isBodyOf(document, layer, resource)) {
      const found = followPath(tree, resource.object, path, false)
      if (found.depth === path.length && path.length > 0) yield at(found)
    }
  }
}

/** A strategic merge patch without a target names its resource itself. */
function isBodyOf(document: Value, layer: Layer, resource: Resource): boolean {
  const kind = stringAt(document, ['kind'])
  const name = stringAt(document, ['metadata', 'name'])
  return kind === resource.kind && name !== undefined && layer.names.has(name)
}

/** Where one JSON patch operation wrote the field: in its value, or by removing it. */
function findOperation(
  node: Node | undefined,
  operation: Value,
  resource: Resource,
  path: FieldPath,
): Found | undefined {
  const kind = stringAt(operation, ['op'])
  const pointer = stringAt(operation, ['path'])
  if (!node || kind === undefined || pointer === undefined || kind === 'test') return undefined
  const segments = pointer
    .split('/')
    .slice(1)
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (segments.length > path.length) return undefined
  const fits = segments.every((segment, index) => {
    if (segment !== '-') return segment === String(path[index])
    const list = valueAt(resource.object, path.slice(0, index))
    return Array.isArray(list) && path[index] === list.length - 1
  })
  if (!fits) return undefined
  if (kind !== 'add' && kind !== 'replace') return findNode(node, ['path'])
  const rest = path.slice(segments.length)
  const value = findPair(node, 'value')
  if (!value) return undefined
  if (rest.length === 0) return { key: value.key, value: value.value, depth: 0 }
  const found = followPath(value.value, valueAt(resource.object, path.slice(0, segments.length)), rest, true)
  return found.depth === rest.length ? found : undefined
}

/** Whether a target selects the resource; patterns that could be slow are taken to match, for they only guide a position. */
function isSelected(
  selector: Readonly<Record<string, unknown>> | undefined,
  layer: Layer,
  resource: Resource,
): boolean {
  if (!selector) return false
  const { object } = resource
  const matches = (pattern: unknown, values: Iterable<string>): boolean => {
    if (typeof pattern !== 'string' || pattern === '') return true
    if (/\)[*+?{]/.test(pattern) || pattern.length > 300) return true
    try {
      const expression = new RegExp(`^(?:${pattern})$`)
      return [...values].some(value => expression.test(value))
    } catch {
      return false
    }
  }
  const version = object.apiVersion.split('/').at(-1) ?? ''
  return (
    matches(selector.group, [resource.group]) &&
    matches(selector.version, [version]) &&
    matches(selector.kind, [resource.kind]) &&
    matches(selector.name, layer.names) &&
    matchesLabels(selector.labelSelector, mappingAt(object, ['metadata', 'labels']))
  )
}

function matchesLabels(selector: unknown, labels: Readonly<Record<string, unknown>> | undefined): boolean {
  if (typeof selector !== 'string') return true
  return selector.split(',').every(term => {
    const [key, value] = term.split(/==?/).map(part => part.trim())
    return key === undefined || value === undefined || key.endsWith('!') || labels?.[key] === value
  })
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
