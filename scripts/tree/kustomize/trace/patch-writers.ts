// Says where a patch wrote a field: a strategic merge patch or JSON patch operations, in a file or in the kustomization.
import { posix } from 'node:path'
import { mappingAt, type Resource, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath, SourceRange } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { parseText } from '../../source/yaml/parse.ts'
import { readEvents } from '../../source/yaml/read-events.ts'
import { buildTrees, findNode, findPair, type Found, type Node, rangeOf } from '../../source/yaml/position.ts'
import type { Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Layer } from './layers.ts'
import { followPath } from './merge-path.ts'
import { entryOf, roleOf, type Target, type Written } from './written.ts'

/** The text of a patch and how its positions map to the file it stands in. */
interface PatchContent {
  readonly file: SourceFile
  readonly trees: readonly (Node | undefined)[]
  readonly documents: readonly Value[]
  rangeOf(found: Found): SourceRange
}

export function openFile(layer: Layer, path: string, sources: Sources): PatchContent | undefined {
  const file = sources.read(posix.join(layer.kustomization.folder, path))
  if (!(file instanceof SourceFile)) return undefined
  const { documents } = file.parse('kustomize')
  return { file, trees: file.trees, documents, rangeOf: found => rangeOf(file.path, file.text, found) }
}

/** A patch written in the kustomization: positions of a literal block are those of its lines, of others the whole value. */
export function openInline(layer: Layer, path: FieldPath): PatchContent | undefined {
  const { file } = layer.kustomization
  const tree = file.trees[0]
  const node = tree ? findNode(tree, path).value : undefined
  const text = node?.text
  if (node === undefined || text === undefined) return undefined
  const { documents, fault } = parseText(text, 'kustomize')
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
    trees: buildTrees(text, readEvents(text, 'kustomize')),
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

export function* writePatchEntry(layer: Layer, target: Target): Generator<Written> {
  const entry = entryOf(layer)
  const selector = mappingAt(entry, ['target'])
  if (selector && !isSelected(selector, layer, target.resource)) return
  const content =
    typeof entry.path === 'string'
      ? openFile(layer, entry.path, target.sources)
      : openInline(layer, [layer.field, layer.index, 'patch'])
  if (content) yield* writePatch(layer, content, selector, target)
}

export function* writePatch(
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
export function isSelected(
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
