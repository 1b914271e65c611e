// Follows a field of a rendered object into the text that wrote it, where lists may be longer, shorter or in other order.
import type { FieldPath } from '../../model/place.ts'
import { findPair, type Found, type Node } from '../../source/yaml/position.ts'

/** The keys by which kustomize merges lists, by the field that holds the list; `name` for all others. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  ports: ['containerPort', 'port', 'name'],
  volumeMounts: ['mountPath', 'name'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  metrics: [],
}
const DEFAULT_KEYS = ['name', 'key', 'id'] as const

const target = (node: Node): Node => (node.kind === 'alias' ? (node.target ?? node) : node)

/**
 * Walks a path of the rendered object through the tree of a text. `byIndex` allows items without a merge key to be
 * matched by position, which holds for the file an object began in and not for a patch.
 */
export function followPath(root: Node, object: unknown, path: FieldPath, byIndex: boolean): Found {
  let found: Found = { key: undefined, value: root, depth: 0 }
  let value = object
  for (const [index, segment] of path.entries()) {
    const node = target(found.value)
    const parent = path[index - 1]
    value =
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[segment] : undefined
    if (node.kind === 'mapping') {
      const pair = findPair(node, String(segment))
      if (!pair) return found
      found = { key: pair.key, value: pair.value, depth: index + 1 }
    } else if (node.kind === 'sequence') {
      const item = findItem(node.items ?? [], value, Number(segment), String(parent ?? ''), byIndex)
      if (!item) return found
      found = { key: undefined, value: item, depth: index + 1 }
    } else return found
  }
  return found
}

function findItem(
  items: readonly Node[],
  wanted: unknown,
  index: number,
  list: string,
  byIndex: boolean,
): Node | undefined {
  const keys = MERGE_KEYS[list] ?? DEFAULT_KEYS
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    for (const key of keys) {
      const value = (wanted as Record<string, unknown>)[key]
      if (value === undefined) continue
      const same = items.filter(item => findPair(target(item), key)?.value.text === String(value))
      if (same.length === 1) return same[0]
      if (same.length > 1) return same.find(item => item === items[index]) ?? same[0]
    }
  } else if (wanted !== undefined) {
    const same = items.find(item => target(item).text === String(wanted))
    if (same) return same
  }
  return byIndex ? items[index] : undefined
}
