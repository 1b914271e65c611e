// What travels with an image: literals of generators, and whole entries, that are marked where they stand.
import { posix } from 'node:path'
import { isMap, isPair, isScalar, type Node, type Scalar, type YAMLSeq } from 'yaml'
import { Problem } from '../../command/problem.ts'
import type { Edits } from '../../tree/source/edit.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Environment } from '../environment.ts'
import { readText } from '../rendered.ts'
import { ORDER } from '../text/kustomization/entries.ts'
import { GENERATORS, listLiterals, removeLiteral, setLiteral, TRAVELS } from '../text/kustomization/literals.ts'
import {
  insertBlock,
  lineOf,
  listAt,
  type Plain,
  rangeOf,
  readItem,
  readYaml,
  removeItem,
  requireExactly,
  writeItem,
} from '../text/yaml-text.ts'

/** Lists of which a whole entry may travel. */
const LISTS = ['components', ...GENERATORS, 'patches'] as const

interface Item {
  readonly list: (typeof LISTS)[number]
  readonly index: number
  /** What makes it the same entry in another overlay: the folder, the name, the file or the target. */
  readonly identity: string
  readonly travels: boolean
  readonly line: number
  readonly lines: readonly string[]
  readonly value: unknown
  /** Files of the overlay's own folder that it names, relative to it. */
  readonly files: readonly string[]
}

/** The edits that give the target what travels in the source, and take from it what travelled and does not any more. */
export function takeSettings(from: Sources, source: Environment, sources: Sources, target: Environment): Edits {
  const edits = new Map<string, Uint8Array | null>()
  const text = readText(from, source.file)
  const before = readText(sources, target.file)
  let edited = takeLiterals(source, text, target, before)
  const theirs = listItems(source, text)
  for (const item of theirs.filter(({ travels }) => travels)) {
    edited = takeItem(item, source, target, edited)
    for (const path of item.files) {
      const file = from.read(posix.join(source.folder, path))
      if (!(file instanceof SourceFile)) throw new Problem(`${source.folder}/${path} travels, and ${file.reason}`)
      edits.set(posix.join(target.folder, path), file.bytes)
    }
  }
  for (;;) {
    const gone = listItems(target, edited).find(
      ({ travels, list, identity }) => travels && !theirs.some(one => one.list === list && one.identity === identity),
    )
    if (!gone) break
    const yaml = readYaml(target.file, edited)
    const list = listAt(yaml, yaml.root, gone.list) as YAMLSeq
    edited = requireExactly(target.file, edited, removeItem(yaml, list, gone.index), root => ({
      ...root,
      [gone.list]: (root[gone.list] as readonly unknown[]).toSpliced(gone.index, 1),
    }))
  }
  if (edited !== before) edits.set(target.file, Buffer.from(edited))
  return new Map([...edits].filter(([path, content]) => !isThere(sources, path, content)))
}

function isThere(sources: Sources, path: string, content: Uint8Array | null): boolean {
  const file = sources.read(path)
  return file instanceof SourceFile && content !== null && Buffer.compare(file.bytes, content) === 0
}

/** The target's travelling literals become the source's: set where they are, and gone where the source has none. */
function takeLiterals(source: Environment, sourceText: string, target: Environment, targetText: string): string {
  const all = listLiterals(source.file, sourceText)
  let edited = targetText
  for (const literal of all.filter(({ travels }) => travels))
    edited = setLiteral(target.file, edited, literal, literal.value)
  for (const literal of listLiterals(target.file, edited)) {
    const isKept = all.some(
      ({ list, generator, key }) => list === literal.list && generator === literal.generator && key === literal.key,
    )
    if (literal.travels && !isKept) edited = removeLiteral(target.file, edited, literal)
  }
  return edited
}

function listItems({ folder, file }: Environment, text: string): readonly Item[] {
  const yaml = readYaml(file, text)
  const root = yaml.root.toJS(yaml.document) as Plain
  return LISTS.flatMap(name => {
    const list = listAt(yaml, yaml.root, name)
    if (!list || list.flow) return []
    return list.items.flatMap((node, index): readonly Item[] => {
      const value = (root[name] as readonly unknown[])[index]
      const mark = firstScalar(node as Node)
      const lines = readItem(yaml, list, index)
      const line = lineOf(text, rangeOf(node as Node)[0])
      const travels = TRAVELS.test(mark?.comment ?? '')
      const files = listPaths(value).filter(path => !path.startsWith('..') && name !== 'components')
      return [{ list: name, index, identity: identify(folder, value), travels, line, lines, value, files }]
    })
  })
}

/** What stands on the first line of an entry: the mark is behind it. */
function firstScalar(node: Node): Scalar | undefined {
  if (isScalar(node)) return node
  const first = isMap(node) ? node.items[0] : undefined
  return first && isPair(first) && isScalar(first.value) ? first.value : undefined
}

function identify(folder: string, value: unknown): string {
  if (typeof value === 'string') return posix.join(folder, value)
  const { name, path, target, patch } = value as Plain
  if (typeof name === 'string') return name
  if (typeof path === 'string') return path
  return JSON.stringify(target ?? String(patch).match(/^(?:kind|\s+name): .*$/gm))
}

/** Paths that an entry names: of a patch, and of a generator's files. */
function listPaths(value: unknown): readonly string[] {
  const { path, files = [], envs = [], env } = (typeof value === 'object' ? value : {}) as Plain
  const named = [path, env, ...(files as readonly unknown[]), ...(envs as readonly unknown[])]
  return named.flatMap(one => (typeof one === 'string' && one ? [one.slice(one.indexOf('=') + 1)] : []))
}

function takeItem(item: Item, source: Environment, target: Environment, text: string): string {
  const yaml = readYaml(target.file, text)
  const list = listAt(yaml, yaml.root, item.list)
  if (list?.flow)
    throw new Problem(`${target.file}: write ${item.list} as a block, one entry a line: an entry travels into it`)
  const known = listItems(target, text).find(
    ({ list: name, identity }) => name === item.list && identity === item.identity,
  )
  const index = known?.index ?? list?.items.length ?? 0
  // Paths out of the folder lead to the same place from another one.
  const translate = (path: string): string =>
    path.startsWith('..') ? posix.relative(target.folder, posix.join(source.folder, path)) : path
  const outside = typeof item.value === 'string' ? [item.value] : listPaths(item.value)
  const rewrite = (line: string): string =>
    outside.reduce((rest, path) => (path.startsWith('..') ? rest.replace(path, () => translate(path)) : rest), line)
  const lines = item.lines.map(rewrite)
  if (known && known.lines.join('\n') === lines.join('\n')) return text
  const edited = list
    ? writeItem(yaml, list, index, lines)
    : insertBlock(
        yaml,
        item.list,
        lines.map(line => line && `  ${line}`),
        ORDER,
      )
  const value = JSON.parse(JSON.stringify(item.value), (_, one: unknown) =>
    typeof one === 'string' && outside.includes(one) ? translate(one) : one,
  ) as unknown
  return requireExactly(target.file, text, edited, root => ({
    ...root,
    [item.list]: ((root[item.list] ?? []) as readonly unknown[]).toSpliced(index, known ? 1 : 0, value),
  }))
}

/** A sentence for each mark of an overlay that nothing comes of. */
export function listUnheeded(sources: Sources, environment: Environment): readonly string[] {
  const text = readText(sources, environment.file)
  const heeded = new Set([
    ...listLiterals(environment.file, text).flatMap(({ travels, line }) => (travels ? [line] : [])),
    ...listItems(environment, text).flatMap(({ travels, line }) => (travels ? [line] : [])),
  ])
  return text.split('\n').flatMap((written, index) => {
    const [, comment] = /(?:^|\s)#(.*)$/.exec(written) ?? []
    if (
      comment === undefined ||
      !TRAVELS.test(comment) ||
      !/^\s*promote\s*(?:$|[,:;.])/.test(comment) ||
      heeded.has(index + 1)
    )
      return []
    return [
      `${environment.file}:${index + 1}: the mark "# promote" is not heeded here: it belongs on the line of a literal, or on the first line of an entry of ${LISTS.join(', ')}, in a list that has one entry a line`,
    ]
  })
}
