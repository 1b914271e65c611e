// What is wrong with the files that a kustomization reads. It is looked for once somebody asks: of a tree with many builds
// a diff renders few.
import { type Fault, faultAt, type FieldPath } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { LIMITS } from '../../source/limits.ts'
import type { SourceFile } from '../../source/source-file.ts'
import { isLocked, isTemplate } from '../../source/template.ts'
import type { TextFault } from '../../source/yaml/parse.ts'
import { type Reference, WRITTEN_FIRST } from './kustomization.ts'
import { checkPlugins } from './plugins.ts'
import { findExcessOf } from './references.ts'

/** A file that is YAML for kustomize. */
export interface Content {
  readonly source: SourceFile
  readonly content: Exclude<Reference['content'], 'data'>
}

interface Screened {
  readonly faults: readonly Fault[]
  /** What does not stand in the way of a build. */
  readonly blemishes: readonly Fault[]
  readonly documents: number
}

/** Parses them the first time that it is called. */
export function screenOnce(contents: readonly Content[]): () => Screened {
  let screened: Screened | undefined
  return () => {
    screened ??= screen(contents)
    return screened
  }
}

function screen(contents: readonly Content[]): Screened {
  const faults: Fault[] = []
  const blemishes: Fault[] = []
  let documents = 0
  for (const { source, content } of contents) {
    const parsed = source.parse('kustomize')
    for (const blemish of parsed.blemishes ?? []) blemishes.push(describeTextFault(source, blemish))
    if (parsed.fault) faults.push(describeUnread(source, parsed.fault))
    else if (content === 'resource') {
      documents += parsed.documents.length
      faults.push(...checkResources(source))
    } else if (content === 'patch') {
      // Of fewer bytes than that there is nothing to count.
      const excess = source.size > LIMITS.patchOperations ? findExcessOf(source.text) : undefined
      if (excess !== undefined) faults.push(faultAt('refused-input', excess, source.rangeOf(0, [])))
    } else if (content === 'plugin') faults.push(...checkPlugins(source), ...checkResources(source))
  }
  return { faults, blemishes, documents }
}

/** A document begins at the start, or behind a line that ends or begins one. */
export const countMost = (contents: readonly Content[]): number =>
  contents.reduce((sum, { source, content }) => sum + (content === 'resource' ? countBoundaries(source) + 1 : 0), 0)

function countBoundaries(source: SourceFile): number {
  if (!source.holds('---') && !source.holds('...')) return 0
  return source.text.match(/^(?:---|\.\.\.)/gm)?.length ?? 0
}

/** What kustomize says of a document without kind or name, with the place it does not say. */
function* checkResources(source: SourceFile): Generator<Fault> {
  for (const [index, document] of source.parse('kustomize').documents.entries()) {
    for (const { message, fieldPath } of checkResource(document, []))
      yield faultAt('kustomize-build', message, source.rangeOf(index, fieldPath), fieldPath)
  }
}

interface Lack {
  readonly message: string
  readonly fieldPath: FieldPath
}

function* checkResource(document: Value, path: FieldPath): Generator<Lack> {
  const lack = (message: string, ...field: FieldPath): Lack => ({ message, fieldPath: [...path, ...field] })
  if (document === null) return
  if (typeof document !== 'object' || Array.isArray(document)) {
    yield lack('a resource must be a mapping')
    return
  }
  const { kind, metadata, items } = document as Readonly<Record<string, Value>>
  if (typeof kind !== 'string' || kind === '') yield lack('a resource needs a kind')
  else if (kind.endsWith('List') && items !== undefined && items !== null) {
    // kustomize takes it apart.
    if (!Array.isArray(items)) yield lack(`the items of a ${kind} must be a list`, 'items')
    else for (const [index, item] of items.entries()) yield* checkResource(item, [...path, 'items', index])
  } else if (!kind.endsWith('List') && !hasName(metadata)) {
    const isGenerated =
      typeof (metadata as { readonly generateName?: Value } | null | undefined)?.generateName === 'string'
    yield isGenerated
      ? lack(`the ${kind} has a generateName: kustomize needs a name`, 'metadata', 'generateName')
      : lack(`the ${kind} needs metadata.name`, 'metadata', 'name')
  }
}

function hasName(metadata: Value | undefined): boolean {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return false
  const { name } = metadata as Readonly<Record<string, Value>>
  return name !== undefined && name !== null && name !== '' && typeof name !== 'object'
}

/** What cannot be read: where a mark of a template is in the way, something writes the real file. */
function describeUnread(file: SourceFile, textFault: TextFault): Fault {
  const fault = describeTextFault(file, textFault)
  return isLocked(file.bytes) || isTemplate(linesAround(file.text, textFault.offset))
    ? { ...fault, values: [...fault.values, WRITTEN_FIRST] }
    : fault
}

/** The line of an offset with the one before and the one behind it. */
function linesAround(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n').slice(-2).join('\n')
  return before + text.slice(offset).split('\n', 2).join('\n')
}

export function describeTextFault(
  file: SourceFile,
  fault: { kind: 'syntax' | 'limit'; message: string; offset: number },
): Fault {
  const ruleId = fault.kind === 'syntax' ? 'yaml-syntax' : 'refused-input'
  return faultAt(ruleId, fault.message, file.rangeAt(fault.offset))
}
