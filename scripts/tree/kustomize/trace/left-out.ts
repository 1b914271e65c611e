// Takes out of a traced kustomization what was taken out before its build was rendered in part.
import type { FieldPath } from '../../model/place.ts'
import { fieldOf, type Traced } from './value.ts'

/** Each round counts the entries as the rounds before it left them, as graph/prune.ts does. */
export function dropEntries(root: Traced, rounds: readonly (readonly FieldPath[])[]): void {
  for (const paths of rounds) dropRound(root, paths)
}

function dropRound(root: Traced, paths: readonly FieldPath[]): void {
  if (root.kind !== 'mapping') return
  const gone = new Set<Traced>()
  const lists = new Set<Traced>()
  for (const [field, index, list, item] of paths) {
    const entries = fieldOf(root, String(field))
    if (typeof index !== 'number' || entries?.kind !== 'sequence') {
      root.entries.delete(String(field))
      continue
    }
    const entry = entries.items[index]
    const isOfGenerator = typeof item === 'number' && typeof list === 'string' && /Generator$/.test(String(field))
    const owner = isOfGenerator ? fieldOf(entry, list) : entries
    const lost = isOfGenerator && owner?.kind === 'sequence' ? owner.items[item] : entry
    if (!owner || !lost) continue
    lists.add(owner)
    gone.add(lost)
  }
  for (const list of lists) if (list.kind === 'sequence') list.items = list.items.filter(item => !gone.has(item))
}
