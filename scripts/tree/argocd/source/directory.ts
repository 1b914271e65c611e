// Reads the manifests of a folder as Argo CD does when no tool renders it: which files count, and what of them is applied.
import { posix } from 'node:path'
import { stringAt, valueAt } from '../../model/build.ts'
import type { About, FaultKind, FieldPath } from '../../model/place.ts'
import type { KubernetesObject, Value } from '../../model/resource.ts'
import { isKustomizationName, type Sources } from '../../source/sources.ts'
import { SourceFile } from '../../source/source-file.ts'
import { matchGlob } from '../glob.ts'
import type { SourceFault, SourceObject } from './rendered.ts'

export interface DirectoryReading {
  readonly objects: readonly SourceObject[]
  readonly faults: readonly SourceFault[]
  /** Files that were chosen and are not read here. */
  readonly notRead: readonly string[]
  /** The kustomizations among the chosen files; without a kind they are passed over, with one they are applied. */
  readonly kustomizations: readonly { readonly path: string; readonly isApplied: boolean }[]
}

const MANIFEST = /\.(?:yaml|yml|json|jsonnet)$/
const MARKER = '+argocd:skip-file-rendering'

/** Files of a folder that the settings choose, by path. `files` are all of the tree. */
export function chooseFiles(files: readonly string[], folder: string, settings: unknown): readonly string[] {
  const prefix = folder === '.' ? '' : `${folder}/`
  const include = stringAt(settings, ['include']) ?? ''
  const exclude = stringAt(settings, ['exclude']) ?? ''
  const isRecursive = valueAt(settings, ['recurse']) === true
  const isOfAnyName = valueAt(settings, ['disableExtensionFilter']) === true
  return files.filter(path => {
    if (!path.startsWith(prefix)) return false
    const local = path.slice(prefix.length)
    if (!isRecursive && local.includes('/')) return false
    if (!isOfAnyName && !MANIFEST.test(local)) return false
    if (exclude !== '' && matchGlob(exclude, local)) return false
    return include === '' || matchGlob(include, local)
  })
}

/** The objects that were read before, by `nameDocument`: one document is one object. */
export type KnownObjects = ReadonlyMap<string, KubernetesObject>

export const nameDocument = (file: string, document: number, item?: number): string =>
  JSON.stringify([file, document, item])

/** Reads the chosen files. */
export function readDirectory(sources: Sources, paths: readonly string[], known: KnownObjects): DirectoryReading {
  const objects: SourceObject[] = []
  const faults: SourceFault[] = []
  const notRead: string[] = []
  const kustomizations: { path: string; isApplied: boolean }[] = []
  for (const path of paths) {
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) {
      notRead.push(path)
      continue
    }
    if (file.text.includes(MARKER)) continue
    if (path.endsWith('.jsonnet')) {
      notRead.push(path)
      continue
    }
    if (isKustomizationName(posix.basename(path))) {
      const { documents } = file.parse('kubectl')
      kustomizations.push({ path, isApplied: documents.some(one => stringAt(one, ['kind']) !== undefined) })
      continue
    }
    if (posix.basename(path).startsWith('.argocd-source')) continue
    const before = objects.length
    const fault = path.endsWith('.json') ? readJson(file, objects, known) : readYaml(file, objects, known)
    if (fault) faults.push(fault)
    else if (objects.length === before && hasContent(file)) {
      faults.push(about(file, 'warning', 'no-object', 'Argo CD finds no object in this file and passes over it'))
    }
  }
  return { objects, faults, notRead, kustomizations }
}

const about = (
  file: SourceFile,
  severity: SourceFault['severity'],
  kind: FaultKind,
  message: string,
  offset = 0,
): SourceFault => ({
  ruleId: severity === 'error' ? 'application-source' : 'application-without-manifests',
  message,
  values: [kind],
  severity,
  fieldPath: [],
  range: file.rangeAt(offset),
})

/** Comments and marks of documents are not content. */
const hasContent = ({ text }: SourceFile): boolean =>
  text.split('\n').some(line => line.trim() !== '' && !/^\s*#/.test(line) && !/^(?:---|\.\.\.)\s*$/.test(line))

/** A JSON file holds one object, strictly. */
function readJson(file: SourceFile, objects: SourceObject[], known: KnownObjects): SourceFault | undefined {
  let value: unknown
  try {
    value = JSON.parse(file.text)
  } catch {
    return about(
      file,
      'error',
      'not-json',
      'Argo CD takes one JSON object from a .json file, without comments, and this file is not one',
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return about(file, 'error', 'json-list', 'Argo CD takes one JSON object from a .json file, not a list')
  }
  if (typeof valueAt(value, ['kind']) !== 'string') {
    return about(
      file,
      'error',
      'json-without-kind',
      'a .json file without kind stops Argo CD: exclude it, or keep it elsewhere',
    )
  }
  return add(file, 0, value as Value, objects, known)
}

/** Of a file that is not YAML. */
export const NOT_YAML = 'not-yaml' satisfies FaultKind

/** Argo CD passes over what it cannot read, unless all three keys stand in the text. */
const isLikeManifest = ({ text }: SourceFile): boolean =>
  ['apiVersion:', 'kind:', 'metadata:'].every(key => text.includes(key))

function readYaml(file: SourceFile, objects: SourceObject[], known: KnownObjects): SourceFault | undefined {
  const parsed = file.parse('kubectl')
  if (parsed.fault) {
    if (!isLikeManifest(file))
      return about(file, 'warning', NOT_YAML, 'Argo CD cannot read this file and passes over it')
    return about(file, 'error', NOT_YAML, `Argo CD cannot read this file: ${parsed.fault.message}`, parsed.fault.offset)
  }
  const found: SourceObject[] = []
  for (const [document, value] of parsed.documents.entries()) {
    if (value === null) continue
    if (typeof valueAt(value, ['kind']) !== 'string') {
      // The reader stops at such a document: what follows is not read, what came before makes it an error.
      if (found.length === 0 && !isLikeManifest(file)) return undefined
      if (found.length === 0)
        return about(file, 'error', 'no-kind', 'Argo CD finds no kind in what looks like an object')
      const { line } = file.rangeOf(document, [])
      return {
        ...about(
          file,
          'error',
          'stops-here',
          `Argo CD stops at a document without kind (line ${line}) after other objects`,
        ),
        range: file.rangeOf(document, []),
      }
    }
    const fault = add(file, document, value, found, known)
    if (fault) return fault
  }
  objects.push(...found)
  return undefined
}

/** Of a list Argo CD applies the items, each of which needs a kind. */
function add(
  file: SourceFile,
  document: number,
  value: Value,
  objects: SourceObject[],
  known: KnownObjects,
): SourceFault | undefined {
  const push = (one: Value, item?: number): void => {
    const object = known.get(nameDocument(file.path, document, item)) ?? (one as unknown as KubernetesObject)
    // Without an apiVersion it is not an object; the reading of the file has said so.
    if (typeof object.apiVersion !== 'string') return
    const origin = { kind: 'document', file: file.path, document, ...(item === undefined ? {} : { item }) } as const
    objects.push({ object, origin })
  }
  const { kind, items } = value as { readonly kind: string; readonly items?: Value }
  if (kind.endsWith('List') && (Array.isArray(items) || items === null)) {
    for (const [item, one] of (items ?? []).entries()) {
      if (typeof stringAt(one, ['kind']) !== 'string') {
        const range = file.rangeOf(document, ['items', item])
        return {
          ...about(file, 'error', 'item-without-kind', 'Argo CD stops at an item of a list that has no kind'),
          range,
        }
      }
      push(one as Value, item)
    }
  } else push(value)
  return undefined
}

/** A fault of the Application itself. */
export const faultOfSource = (
  ruleId: SourceFault['ruleId'],
  severity: SourceFault['severity'],
  fieldPath: FieldPath,
  message: string,
  values: About,
): SourceFault => ({ ruleId, severity, fieldPath, message, values })
