// Which builds look like an environment that nobody declared: a copied overlay, of which the contract says nothing yet.
import { posix } from 'node:path'

export interface Candidate {
  readonly folder: string
  /** What it is made of. */
  readonly files: ReadonlySet<string>
}

/** Folders beside those of two declared environments that are made of what both of these share. */
export function findUndeclared(
  declared: readonly (Candidate & { readonly environment: { readonly name: string } })[],
  others: readonly Candidate[],
): readonly string[] {
  const found: string[] = []
  const byParent = Map.groupBy(declared, ({ folder }) => posix.dirname(folder))
  for (const { folder, files } of others) {
    const beside = byParent.get(posix.dirname(folder)) ?? []
    const sharing = (file: string): number =>
      new Set(beside.filter(one => one.files.has(file)).map(({ environment }) => environment.name)).size
    if ([...files].some(file => sharing(file) >= 2)) found.push(folder)
  }
  return found.sort()
}
