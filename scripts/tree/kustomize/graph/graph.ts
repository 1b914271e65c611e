// Reads who reads which file, and refuses what must never reach kustomize: it fetches, runs or leaves the root by itself.
import { posix } from 'node:path'
import { type Fault, type FieldPath, faultAt, fileOf, type NotExamined } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { LIMITS } from '../../source/limits.ts'
import { SourceFile } from '../../source/source-file.ts'
import { KUSTOMIZATION_NAMES, type Sources } from '../../source/sources.ts'
import { isTemplate } from '../../source/template.ts'
import { findNode } from '../../source/yaml/position.ts'
import { type Content, countMost, describeTextFault, screenOnce } from './contents.ts'
import { follow, type Habits, isIn, isTemplateFolder } from './follow.ts'
import {
  COPIED_FIRST,
  EMPTIED,
  type FileRead,
  type FolderRead,
  type Graph,
  type Kustomization,
  WRITTEN_FIRST,
} from './kustomization.ts'
import { checkKustomization, foldKeys, KUSTOMIZATION_FIELDS } from './kustomization-schema.ts'
import { listPluginCharts } from './plugins.ts'
import { EXCESS_OF_KEYS, listReferences } from './references.ts'
import { refuseCycles, refuseExplosions, refusePluginFolders } from './refusals.ts'

/** Builds the graph from the folders that hold a kustomization file. Folders reached only by reference join it. */
export function buildGraph(sources: Sources, folders: Iterable<string>, habits: Habits = {}): Graph {
  const { isUnrestricted = () => false } = habits
  const kustomizations = new Map<string, Kustomization>()
  const referenced = new Set<string>()
  const queue = [...folders]
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (kustomizations.has(folder)) continue
    const kustomization = readKustomization(sources, folder, habits)
    if (!kustomization) continue
    kustomizations.set(folder, kustomization)
    for (const { path } of kustomization.folders) {
      referenced.add(path)
      queue.push(path)
    }
  }
  refuseCycles(kustomizations)
  const reach = (start: string): readonly Kustomization[] => {
    const seen = new Set<string>()
    const order: Kustomization[] = []
    const pending = [start]
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      const kustomization = kustomizations.get(folder)
      if (!kustomization || seen.has(folder)) continue
      seen.add(folder)
      order.push(kustomization)
      pending.push(...kustomization.folders.map(({ path }) => path).reverse())
    }
    return order
  }
  refuseExplosions(kustomizations, referenced, reach)
  refusePluginFolders(kustomizations, sources, reach)
  return { kustomizations, referenced, isUnrestricted, reach: remember(reach) }
}

/** `# - web.yaml`: an entry that somebody took out. */
const COMMENTED = /^[ \t]*#[ \t]*-[ \t]+\S/m

/** Every step asks again for each root; what reaches far is walked anew, since a tree may be all of that. */
function remember(reach: Graph['reach']): Graph['reach'] {
  const known = new Map<string, readonly Kustomization[]>()
  return folder => {
    const found = known.get(folder) ?? reach(folder)
    if (found.length <= MOST_REMEMBERED) known.set(folder, found)
    return found
  }
}

const MOST_REMEMBERED = 100

/** What a kustomization says is the same whoever reads it: two versions of a tree share most of their files. */
const described = new WeakMap<object, ReturnType<typeof describe>>()

type TextOf = (fieldPath: FieldPath) => string | undefined

function describeOnce(document: unknown, textOf: TextOf): ReturnType<typeof describe> {
  if (typeof document !== 'object' || document === null) return describe(document, textOf)
  const known = described.get(document) ?? describe(document, textOf)
  described.set(document, known)
  return known
}

function describe(document: unknown, textOf: TextOf) {
  const written = [...checkKustomization(document, textOf)]
  const inOtherCase = written.filter(({ accepted }) => accepted)
  const value = inOtherCase.length > 0 ? foldKeys(document) : document
  const faults = value === document ? written : [...checkKustomization(value, textOf)]
  const isMapping = typeof document === 'object' && document !== null && !Array.isArray(document)
  const references = isMapping ? [...listReferences(value as Readonly<Record<string, Value>>)] : []
  const isRefused = ({ path }: (typeof written)[number]): boolean =>
    faults.some(fault => fault.accepted && fault.path.join('/') === path.join('/'))
  return { value, faults, inOtherCase: inOtherCase.filter(one => !isRefused(one)), references }
}

/** Reads and screens one kustomization; undefined when the folder holds none. */
function readKustomization(sources: Sources, folder: string, habits: Habits): Kustomization | undefined {
  const { isUnrestricted = () => false } = habits
  const present = KUSTOMIZATION_NAMES.map(name => posix.join(folder, name)).filter(
    path => sources.resolve(path).kind !== 'missing',
  )
  const [path, second] = present
  if (path === undefined) return undefined
  const file = sources.read(path)
  const faults: Fault[] = []
  const notExamined: NotExamined[] = []
  const nothing = { value: {}, files: [], folders: [], documents: 0, mostDocuments: 0, blemishes: [] } as const
  const empty = { folder, kind: 'Kustomization', ...nothing, ownFaults: faults, faults, notExamined } as const
  if (!(file instanceof SourceFile)) {
    faults.push(faultAt('refused-input', `${path}: ${file.reason}`, fileOf(path).range))
    return { ...empty, file: new SourceFile(path, new Uint8Array()) }
  }
  const add = (ruleId: string, message: string, fieldPath: FieldPath, ...values: readonly string[]): void => {
    faults.push(faultAt(ruleId, message, file.rangeOf(0, fieldPath), fieldPath, values))
  }
  const own = sources.resolve(path)
  const real = own.kind === 'file' ? (own.target ?? path) : path
  if (!isIn(real, folder) && !isUnrestricted(folder)) {
    const message = `${path} is a link to ${real}, which is not in or below ${folder}: kustomize refuses such files`
    add('kustomize-build', message, [])
    return { ...empty, file }
  }
  if (second !== undefined) {
    add('kustomize-build', `${path} and ${second} stand in one folder; kustomize takes one`, [], second)
  }
  const parsed = file.parse('kubectl')
  if (parsed.fault) {
    const fault = describeTextFault(file, parsed.fault)
    faults.push(isTemplate(file.text) ? { ...fault, values: [...fault.values, WRITTEN_FIRST] } : fault)
    return { ...empty, file }
  }
  const documents = parsed.documents.filter(document => document !== null)
  const stranger = documents.map(describeStranger).find(one => one !== undefined)
  if (stranger !== undefined) {
    const message = `${posix.basename(path)} is a file name that kustomize keeps for itself, and this is ${stranger}`
    add('kustomize-build', message, ['apiVersion'])
    return { ...empty, file }
  }
  if (documents.length !== 1) {
    const message = documents.length ? 'a kustomization file has one document' : 'the kustomization is empty'
    add('kustomize-build', message, [])
    return { ...empty, file }
  }
  for (const blemish of parsed.blemishes ?? []) faults.push(describeTextFault(file, blemish))
  let isSound = true
  const textOf: TextOf = fieldPath => {
    const tree = file.trees.find(one => one !== undefined)
    return tree && findNode(tree, fieldPath).value.text
  }
  const { value: document, faults: written, inOtherCase, references } = describeOnce(documents[0], textOf)
  for (const fault of written) {
    add(fault.accepted ? 'refused-input' : 'kustomize-build', fault.message, fault.path)
    isSound = false
  }
  const blemishes = inOtherCase.map(({ message, path: fieldPath }): Fault => {
    const fault = faultAt('kustomize-build', message, file.rangeOf(0, fieldPath), fieldPath)
    return { ...fault, severity: 'warning' }
  })
  if (!isSound && (typeof document !== 'object' || Array.isArray(document))) return { ...empty, file }
  const value = document as Readonly<Record<string, Value>>
  // kustomize says so of the first one alone.
  if (
    isSound &&
    value.kind !== 'Component' &&
    Object.entries(value).every(([key, one]) => one === null || key === 'apiVersion' || key === 'kind')
  )
    add('kustomize-build', `${posix.basename(path)} is empty`, [], ...(COMMENTED.test(file.text) ? [EMPTIED] : []))
  const kind = value.kind === 'Component' ? 'Component' : 'Kustomization'
  const files: FileRead[] = []
  const folders: FolderRead[] = []
  const contents: Content[] = []
  for (const reference of references) {
    if (reference.refusal) {
      const { refusal, fieldPath, elsewhere } = reference
      add(elsewhere ? 'remote-reference' : 'refused-input', refusal, fieldPath, reference.path)
      if (elsewhere) {
        const place = { range: file.rangeOf(0, fieldPath), fieldPath }
        notExamined.push({ place, reason: `${elsewhere}: what it brings is not here`, detail: reference.path })
      }
      continue
    }
    const found = follow(sources, folder, reference, habits)
    if ('fault' in found) {
      const later = found.isWrittenFirst
        ? [WRITTEN_FIRST]
        : found.isMisplaced && isTemplateFolder(folder)
          ? [COPIED_FIRST]
          : []
      const fault = faultAt(found.ruleId, found.fault, file.rangeOf(0, reference.fieldPath), reference.fieldPath, later)
      faults.push(found.isMissing ? { ...fault, lacks: 'path' } : fault)
      continue
    }
    const { entry } = found
    if (entry.kind === 'folder') {
      folders.push({ path: entry.path, reference })
      continue
    }
    files.push({ path: entry.path, reference })
    const source = sources.read(entry.path)
    if (!(source instanceof SourceFile)) {
      add('refused-input', `${entry.path}: ${source.reason}`, reference.fieldPath, entry.path)
    } else if (reference.content !== 'data') {
      contents.push({ source, content: reference.content })
      if (reference.content === 'plugin') notExamined.push(...listPluginCharts(source))
    }
    if (String(reference.fieldPath[2]).startsWith('env') && source instanceof SourceFile && hasManyLines(source))
      add('refused-input', EXCESS_OF_KEYS, reference.fieldPath, entry.path)
  }
  const screen = screenOnce(contents)
  return {
    ...{ folder, file, kind, value, files, folders, notExamined, ownFaults: faults },
    mostDocuments: countMost(contents),
    get faults() {
      const more = screen().faults
      return more.length ? [...faults, ...more] : faults
    },
    get blemishes() {
      return [...blemishes, ...screen().blemishes]
    },
    get documents() {
      return screen().documents
    },
  }
}

/** Of a file with a key on each line. */
function hasManyLines({ bytes }: SourceFile): boolean {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1))
    if (++lines > LIMITS.generatorKeys) return true
  return false
}

const OWN_FIELDS = KUSTOMIZATION_FIELDS.filter(field => !['apiVersion', 'kind', 'metadata'].includes(field))

/** An object of another program under the name of a kustomization file, as `a Kustomization of kustomize.toolkit.fluxcd.io`. */
function describeStranger(document: Value): string | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const { apiVersion, kind } = document as Readonly<Record<string, Value>>
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const [group = '', version] = apiVersion.split('/')
  const isOwn = version === undefined || group.startsWith('kustomize.config.') || group === 'config.kubernetes.io'
  if (isOwn || OWN_FIELDS.some(field => Object.hasOwn(document, field))) return undefined
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind} of ${group}`
}
