// A manifest or patch beside others that a kustomization lists, and that nothing names: it looks deployed and is not.
import { posix } from 'node:path'
import { escapePattern } from '../../../../tree/environments/names.ts'
import { type Build, stringAt } from '../../../../tree/model/build.ts'
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
  *check({ tree, builds }) {
    const beside = tree.unlisted.map(({ file }) => file.path).filter(path => isBelow(path, tree))
    const below = [...listLoose(builds), ...listOperations(tree)].filter(findWithin(tree))
    const paths = new Set([...beside, ...below].filter(path => !SAMPLE.test(path)))
    if (paths.size === 0) return
    const isNamed = findNames(tree)
    const isPlaced = new Set(beside)
    const orphans = [...paths].filter(path => !isNamed(path, !isPlaced.has(path))).sort()
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

/** Files of manifests that no Application syncs and no kustomization lists, and that deploy nothing themselves. */
function* listLoose(builds: readonly Build[]): Generator<string> {
  for (const { kind, resources } of builds) {
    if (kind !== 'directory') continue
    for (const { origin, group } of resources) {
      const isDeployer = group === 'argoproj.io' || group.endsWith('.fluxcd.io')
      if (origin.kind === 'document' && !isDeployer) yield origin.file
    }
  }
}

const OPERATION = /^\s*(?:-\s*|\[?\s*)\{?\s*["']?(?:op|path|value)["']?\s*:/
const isOperation = (value: unknown): boolean =>
  typeof stringAt(value, ['op']) === 'string' && stringAt(value, ['path'])?.startsWith('/') === true

/** Files of JSON patches that no kustomization names: they read like nothing else. */
function* listOperations(tree: Tree): Generator<string> {
  const { paths, graph } = tree
  // Whoever looks into a file for this does not examine it.
  const sources = tree.sources.fork()
  const read = new Set(
    [...graph.kustomizations.values()].flatMap(({ file, files }) => [file.path, ...files.map(({ path }) => path)]),
  )
  // Nor is there an operation where an object comes first.
  for (const { file, document } of [...tree.loose, ...tree.unlisted]) if (document === 0) read.add(file.path)
  for (const path of paths) {
    const file = /\.(?:ya?ml|json)$/.test(path) && !read.has(path) ? sources.read(path) : undefined
    if (!(file instanceof SourceFile) || !OPERATION.test(file.text)) continue
    const [document] = file.parse('kustomize').documents
    if (Array.isArray(document) && document.length > 0 && document.every(isOperation)) yield path
  }
}

/**
 * Says of a path whether a kustomization stands in a folder above that builds something, and lists folders by hand. At the
 * root of a tree with others beside it, nobody knows what else the folders are for.
 */
function findWithin({ graph }: Tree): (path: string) => boolean {
  const reached = new Set(graph.kustomizations.has('.') ? graph.reach('.').map(({ folder }) => folder) : [])
  const isAlone = reached.size > 0 && [...graph.kustomizations.keys()].every(folder => reached.has(folder))
  return path => {
    for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
      const kustomization = graph.kustomizations.get(folder)
      if (kustomization) return kustomization.faults.length === 0 && (folder !== '.' || isAlone)
      if (folder === '.') return false
    }
  }
}

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

/** Whether a file is named anywhere, be it in a comment: somebody knows of it then. Or a folder that it lies in. */
function findNames(tree: Tree): (path: string, asksFolder: boolean) => boolean {
  const { graph } = tree
  const sources = tree.sources.fork()
  const paths = sources
    .list([])
    .slice(0, MOST_FILES)
    .filter(path => TEXT.test(path))
  const texts: string[] = []
  // Most are named soon: no more of the tree is read than that takes.
  const isInSome = (matches: (text: string) => boolean): boolean =>
    paths.some((path, index) => {
      const text = texts[index] ?? textOf(sources.read(path))
      texts[index] = text
      return matches(text)
    })
  const isFolderNamed = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      if (graph.kustomizations.has(folder)) return false
      const [whole, base, parent] = [folder, posix.basename(folder), posix.dirname(folder)].map(escapePattern)
      const named = new RegExp(
        `(?:^|[\\s"'/:=,[(])(?:${whole}|${parent}/\\*|\\.{1,2}/(?:[^\\s"']*/)?${base})(?:["'/\\s,\\])]|$)`,
        'm',
      )
      if (isInSome(text => named.test(text))) return true
    }
    return false
  }
  return (path, asksFolder) => {
    const name = posix.basename(path)
    return isInSome(text => text.includes(name)) || (asksFolder && isFolderNamed(path))
  }
}

const textOf = (file: unknown): string => (file instanceof SourceFile ? file.text : '')
