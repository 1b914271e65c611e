// How much of what is deployed was looked at.
import type { Renderings } from '../../tree/engine.ts'
import { listFiles } from '../../tree/read-tree.ts'
import type { Coverage } from './finding.ts'

/** Files count for what is deployed from the tree itself: those that its roots read, and loose manifests. */
export function measureCoverage({ tree, built, partial, salvaged }: Renderings, roots: readonly string[]): Coverage {
  const loose = tree.loose.map(({ file }) => file.path)
  const rendered = roots.filter(root => built.has(root))
  const files = new Set(loose)
  for (const root of roots) for (const file of listFiles(tree.graph, root)) files.add(file)
  const examined = new Set(loose)
  // What was left out of a build was not read by it.
  for (const root of [...rendered, ...salvaged])
    for (const file of listFiles(partial.get(root) ?? tree.graph, root)) examined.add(file)
  return {
    roots: roots.length,
    rendered: rendered.length,
    partial: rendered.filter(root => partial.has(root)).length,
    files: files.size,
    examined: [...examined].filter(file => files.has(file)).length,
  }
}
