// A manifest or patch beside others that a kustomization lists, and that nothing names: it looks deployed and is not.
import { posix } from 'node:path'
import { fileOf } from '../../../../tree/model/place.ts'
import type { Tree } from '../../../../tree/read-tree.ts'
import { SourceFile } from '../../../../tree/source/source-file.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'orphan-file',
  severity: 'warning',
  summary: 'A manifest or patch lies beside a kustomization, and nothing names it.',
  why: 'It looks as if it were deployed: whoever edits it waits for an effect that never comes.',
  remediation: 'List the file in the kustomization, or delete it.',
  source: 'kustomize reads what its kustomization lists, and nothing else of a folder',
  *check({ tree }) {
    const paths = new Set(
      tree.unlisted.map(({ file }) => file.path).filter(path => !SAMPLE.test(path) && isBelow(path, tree)),
    )
    if (paths.size === 0) return
    const isNamed = findNames(tree)
    const orphans = [...paths].filter(path => !isNamed(path)).sort()
    for (const [folder, [first, ...others]] of Map.groupBy(orphans, path => posix.dirname(path))) {
      if (first === undefined) continue
      const more = others.length === 0 ? '' : ` (and ${others.map(path => posix.basename(path)).join(', ')})`
      yield {
        message: `no kustomization lists ${posix.basename(first)}${more.length > 200 ? ` and ${others.length} more` : more}`,
        values: [folder],
        places: [fileOf(first)],
      }
    }
  },
})

/** Whether a kustomization stands in the folder, or in one above it; of one that cannot be read nobody knows what it lists. */
function isBelow(path: string, { graph }: Tree): boolean {
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    const kustomization = graph.kustomizations.get(folder)
    if (kustomization) return kustomization.faults.length === 0
    if (folder === '.') return false
  }
}

/** What is there to be copied or tried, and says so. */
const SAMPLE =
  /(?:^|[/_.-])(?:examples?|samples?|templates?|tests?|fixtures?|docs?|demos?|hack|optional|disabled|backup|bak|old|archived?)(?:[/_.-]|$)/i

/** Files in which people and programs name others. */
const TEXT =
  /(?:^|\/)(?:[^/]*\.(?:md|adoc|sh|bash|mk|py|js|ts|go|toml|hcl|tf|ya?ml|json)|[A-Z][A-Za-z]*file|Makefile[^/]*|justfile)$/

const MOST_FILES = 5_000

/** Whether a file is named anywhere, be it in a comment: somebody knows of it then. */
function findNames({ sources }: Tree): (path: string) => boolean {
  const texts: string[] = []
  for (const path of sources.list([]).slice(0, MOST_FILES)) {
    const file = TEXT.test(path) ? sources.read(path) : undefined
    if (file instanceof SourceFile) texts.push(file.text)
  }
  return path => {
    const name = posix.basename(path)
    return texts.some(text => text.includes(name))
  }
}
