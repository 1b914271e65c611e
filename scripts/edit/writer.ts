// Finds the line that decides a field of a build, and changes what stands there.
import { Problem } from '../command/problem.ts'
import { createLocator } from '../tree/kustomize/trace/locate.ts'
import { groupOf, renderedResource, valueAt } from '../tree/model/build.ts'
import type { FieldPath, SourceRange } from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { type Edits, layOver } from '../tree/source/edit.ts'
import { buildGraph } from '../tree/kustomize/graph/graph.ts'
import { listFiles } from '../tree/read-tree.ts'
import { posix } from 'node:path'
import { isKustomizationName, type Sources } from '../tree/source/sources.ts'
import type { Environment } from './environment.ts'
import { readText, renderBuilds, renderFolders } from './rendered.ts'
import { parseText } from '../tree/source/yaml/parse.ts'
import { formatScalar } from './text/yaml-text.ts'

/** A field of one object of an environment. */
export interface Leaf {
  readonly object: KubernetesObject
  readonly fieldPath: FieldPath
}

export interface Writer {
  readonly range: SourceRange
  /** Whether it is the object's own manifest: what holds where nobody says otherwise. */
  readonly isManifest: boolean
  /** As `overlays/prod/kustomization.yaml:24`. */
  readonly place: string
  /** Other builds that read the file. */
  readonly others: readonly string[]
  /** Lines that wrote the field before it, and decide nothing. */
  readonly overruled: readonly string[]
}

/** Who wrote each field; undefined for one that nothing in the tree writes. */
export async function findWriters(
  sources: Sources,
  environment: Environment,
  leaves: readonly Leaf[],
): Promise<readonly (Writer | undefined)[]> {
  const { folder } = environment
  if (leaves.length === 0) return []
  const renderings = await renderFolders(sources, [folder])
  const locate = createLocator(renderings)
  const objects = renderings.built.get(folder) ?? []
  const readers = findReaders(sources)
  const manifests = new Set(
    [...renderings.tree.graph.kustomizations.values()].flatMap(({ files }) =>
      files.flatMap(({ path, reference }) => (reference.content === 'resource' ? [path] : [])),
    ),
  )
  return leaves.map(({ object, fieldPath }) => {
    const index = objects.findIndex(other => nameOf(other) === nameOf(object))
    const found = objects[index]
    if (!found || valueAt(found, fieldPath) === undefined) return undefined
    const { range, chain } = locate(renderedResource(folder, found, index), fieldPath)
    const place = `${range.file}:${range.line}`
    const earlier = chain.map(one => `${one.file}:${one.line}`).filter(one => one !== place)
    const others = readers(range.file).filter(other => other !== folder)
    return { range, isManifest: manifests.has(range.file), place, others, overruled: [...new Set(earlier)] }
  })
}

/** Two objects of one build, or of two renderings of it, are the same. */
export const nameOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  JSON.stringify([groupOf(apiVersion ?? ''), kind, metadata?.namespace, metadata?.name])

/** The builds that read a file. Renders nothing. */
export function findReaders(sources: Sources): (path: string) => readonly string[] {
  const files = sources.list([]).filter(path => isKustomizationName(posix.basename(path)))
  const graph = buildGraph(sources, new Set(files.map(path => posix.dirname(path))))
  const builds = [...graph.kustomizations.values()].filter(({ kind }) => kind === 'Kustomization')
  // What another build is made of is not deployed by itself.
  const roots = builds.map(({ folder }) => folder).filter(folder => !graph.referenced.has(folder))
  const read = roots.map(folder => [folder, listFiles(graph, folder)] as const)
  return path => read.flatMap(([folder, paths]) => (paths.has(path) ? [folder] : []))
}

/** The text with another value at the place of a writer. Throws where what stands there is not the value that is rendered. */
export function replaceAt(sources: Sources, { range, place }: Writer, old: unknown, value: string | number): string {
  const text = readText(sources, range.file)
  const [start, end] = [offsetOf(text, range.line, range.column), offsetOf(text, range.endLine, range.endColumn)]
  const pair = text.slice(start, end)
  // A key without a value, which is rendered as nothing or as 0.
  const [bare] = /^[\w./-]+[ \t]*:(?=[ \t]*(?:#|\r?\n|$))/.exec(text.slice(start)) ?? []
  if (bare !== undefined && !old)
    return `${text.slice(0, start)}${bare} ${formatScalar(value)}${text.slice(start + bare.length)}`
  const [, head = '', written = ''] =
    /^((?:(?:"[^"]*"|'[^']*')\s*:\s*|[\w./-]+\s*:\s+)?)(\S(?:[\s\S]*\S)?)\s*$/.exec(pair) ?? []
  const plain = written.replace(/^(["'])(.*)\1$/, '$2')
  if (plain !== String(old) && readScalar(written) !== old) {
    throw new Problem(
      `${place} says ${plain.slice(0, 80)}, and ${JSON.stringify(old)} is rendered: something decides after it`,
      {
        advice: ['find what does, change it by hand, or take it out'],
      },
    )
  }
  const next = /^"/.test(written) ? JSON.stringify(String(value)) : formatScalar(value)
  return text.slice(0, start) + head + next + text.slice(start + head.length + written.length)
}

/**
 * The text with a further pair in the mapping where a writer's pair stands: before it, or behind it. Undefined where no
 * such pair is written there (an operation of a patch).
 */
export function insertBeside(
  sources: Sources,
  { range }: Writer,
  sibling: string,
  pair: { readonly key: string; readonly value: number; readonly isBehind: boolean },
): string | undefined {
  const text = readText(sources, range.file)
  const [start, end] = [offsetOf(text, range.line, range.column), offsetOf(text, range.endLine, range.endColumn)]
  const key = `["']?${sibling}["']?[ \\t]*:`
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const [before = ''] = new RegExp(`${key}[ \\t]*$`).exec(text.slice(lineStart, start)) ?? []
  const at = start - before.length
  if (!new RegExp(`^${key}`).test(text.slice(at))) return undefined
  const written = `${pair.key}: ${pair.value}`
  const splice = (offset: number, added: string): string => text.slice(0, offset) + added + text.slice(offset)
  const indent = text.slice(lineStart, at)
  if (indent.trim()) return pair.isBehind ? splice(end, `, ${written}`) : splice(at, `${written}, `)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  // A comment above speaks of the pair that is there.
  const isTold = /^[ \t]*#[^\n]*\n$/.test(text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, lineStart))
  if (!pair.isBehind && !isTold) return splice(lineStart, `${indent}${written}${newline}`)
  const [rest = ''] = /^[^\r\n]*/.exec(text.slice(end)) ?? []
  return splice(end + rest.length, `${newline}${indent}${written}`)
}

/** What kustomize reads where this is written: `0x3`, `!!int 3`. */
function readScalar(written: string): unknown {
  const { fault, documents } = parseText(written, 'kustomize')
  return fault || documents.length !== 1 ? undefined : documents[0]
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0
  for (let count = 1; count < line; count++) at = text.indexOf('\n', at) + 1
  return at + column - 1
}

/** Throws unless, with the edits, other builds than the environment's render what they do now. */
export async function requireOthersUnchanged(sources: Sources, edits: Edits, { folder }: Environment): Promise<void> {
  const readers = findReaders(sources)
  const others = [...new Set([...edits.keys()].flatMap(path => readers(path)))].filter(other => other !== folder)
  if (others.length === 0) return
  const [before, after] = await Promise.all([
    renderBuilds(sources, others),
    renderBuilds(layOver(sources, edits), others),
  ])
  const changed = others.filter(other => before.get(other)?.text !== after.get(other)?.text)
  if (changed.length) throw new Problem(`this would change ${changed.join(', ')} too: edit it by hand`)
}
