// What day-2 commands change in an overlay: replica counts, images, and the literals that travel with an image.
import { isMap, isScalar, type Scalar, type YAMLMap } from 'yaml'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { Problem } from '../../command/problem.ts'
import {
  appendItem,
  formatScalar,
  insertBlock,
  insertPair,
  lineOf,
  listAt,
  mapsOf,
  rangeOf,
  readItem,
  readYaml,
  removeItem,
  removePair,
  replaceScalar,
  type Plain,
  replaceText,
  requireExactly,
  textAt,
  writeItem,
  type YamlText,
} from './yaml-text.ts'

/** The order that the overlays keep; a block that is new goes to its place in it. */
export const ORDER = [
  'apiVersion',
  'kind',
  'metadata',
  'namespace',
  'resources',
  'components',
  'labels',
  'images',
  'replicas',
  'configMapGenerator',
  'secretGenerator',
  'patches',
]

/** What has this comment on its line goes from environment to environment with the image. */
export const TRAVELS = /^\s*promote\b/

export interface Replicas {
  readonly name: string
  readonly count: number | undefined
}

/** Which image is run under a name; a field that is not written is undefined. */
export interface ImageChoice {
  readonly newName?: string | undefined
  readonly newTag?: string | undefined
  readonly digest?: string | undefined
}

export interface Image extends ImageChoice {
  readonly name: string
}

/** With its lines in the file, from 1. */
export interface ImageEntry extends Image {
  readonly line: number
  readonly endLine: number
}

export const GENERATORS = ['configMapGenerator', 'secretGenerator'] as const

export interface Literal {
  readonly list: (typeof GENERATORS)[number]
  readonly generator: string
  readonly key: string
  readonly value: string
  readonly travels: boolean
  /** Of the file, from 1. */
  readonly line: number
}

export function listReplicas(path: string, text: string): readonly Replicas[] {
  const yaml = readYaml(path, text)
  return mapsOf(listAt(yaml, yaml.root, 'replicas')).map(entry => {
    const count = entry.get('count')
    return { name: textAt(entry, 'name') ?? '', count: typeof count === 'number' ? count : undefined }
  })
}

/** Changes the count of an entry, or adds the entry. */
export function setReplicas(path: string, text: string, name: string, count: number): string {
  return requireExactly(path, text, writeReplicas(path, text, name, count), root =>
    changeEntry(root, 'replicas', name, { name, count }),
  )
}

function writeReplicas(path: string, text: string, name: string, count: number): string {
  const yaml = readYaml(path, text)
  const list = listAt(yaml, yaml.root, 'replicas')
  const entry = mapsOf(list).findLast(candidate => textAt(candidate, 'name') === name)
  const value = entry?.get('count', true)
  if (entry && isScalar(value)) return replaceScalar(yaml, value, count)
  if (entry && value !== undefined) throw refuseShared(path, 'count')
  if (entry) return insertPair(yaml, entry, 'count', count, 'name')
  const lines = [`name: ${formatScalar(name)}`, `count: ${count}`]
  return list ? appendItem(yaml, list, list.flow ? [`{${lines.join(', ')}}`] : lines) : addList(yaml, 'replicas', lines)
}

/** Adds a patch of one field below spec of one object, or the field to such a patch that stands last. */
export function addPatch(
  path: string,
  text: string,
  { object, name, field, value }: { object: KubernetesObject; name: string; field: string; value: number },
): string {
  const yaml = readYaml(path, text)
  const head = [
    `apiVersion: ${object.apiVersion}`,
    `kind: ${object.kind}`,
    'metadata:',
    `  name: ${formatScalar(name)}`,
  ]
  const start = [...head, 'spec:', ''].join('\n')
  const list = listAt(yaml, yaml.root, 'patches')
  const last = mapsOf(list).at(-1)
  const written = last?.items.length === 1 ? textAt(last, 'patch') : undefined
  const isKnown = written?.startsWith(start) === true && last === list?.items.at(-1)
  const patch = isKnown ? `${written.trimEnd()}\n  ${field}: ${value}` : `${start}  ${field}: ${value}`
  const lines = ['- patch: |-', ...patch.split('\n').map(line => `    ${line}`)]
  const index = (list?.items.length ?? 0) - (isKnown ? 1 : 0)
  const edited = list
    ? writeItem(yaml, list, index, isKnown ? [...readItem(yaml, list, index), `      ${field}: ${value}`] : lines)
    : insertBlock(
        yaml,
        'patches',
        lines.map(line => `  ${line}`),
        ORDER,
      )
  return requireExactly(path, text, edited, root => ({
    ...root,
    patches: [...((root.patches ?? []) as readonly Plain[]).slice(0, index), { patch }],
  }))
}

export function listImages(path: string, text: string): readonly ImageEntry[] {
  const yaml = readYaml(path, text)
  return mapsOf(listAt(yaml, yaml.root, 'images')).map(entry => ({
    name: textAt(entry, 'name') ?? '',
    newName: textAt(entry, 'newName'),
    newTag: textAt(entry, 'newTag'),
    digest: textAt(entry, 'digest'),
    line: lineOf(text, rangeOf(entry)[0]),
    endLine: lineOf(text, Math.max(rangeOf(entry)[1] - 1, 0)),
  }))
}

/** The label that says the version of what runs; outside of selectors, so that it may change. */
const VERSION = 'app.kubernetes.io/version'

/**
 * Makes the entry say exactly this choice: what is undefined in it is removed. A version label in `labels` that said the
 * tag before says it afterwards.
 */
export function setImage(path: string, text: string, name: string, choice: ImageChoice): string {
  const before = findDeciding(listImages(path, text), name)?.newTag
  const edited = requireExactly(path, text, writeImage(path, text, name, choice), root =>
    changeEntry(root, 'images', name, { name, newName: undefined, newTag: undefined, digest: undefined, ...choice }),
  )
  const { newTag } = choice
  return before === undefined || newTag === undefined ? edited : followTag(path, edited, before, newTag)
}

function followTag(path: string, text: string, before: string, tag: string): string {
  const yaml = readYaml(path, text)
  const entries = mapsOf(listAt(yaml, yaml.root, 'labels'))
  const labels = entries.map(entry => entry.get('pairs', true) as unknown)
  const index = labels.findIndex(pairs => isMap(pairs) && textAt(pairs, VERSION) === before)
  const pairs = labels[index]
  const value = isMap(pairs) ? (pairs.get(VERSION, true) as unknown) : undefined
  // A tag may be longer than a label.
  if (!isScalar(value) || before === tag || tag.length > 63) return text
  return requireExactly(path, text, replaceScalar(yaml, value, tag), root => ({
    ...root,
    labels: (root.labels as readonly Plain[]).map((entry, at) =>
      at === index ? { ...entry, pairs: { ...(entry.pairs as Plain), [VERSION]: tag } } : entry,
    ),
  }))
}

function writeImage(path: string, text: string, name: string, choice: ImageChoice): string {
  let current = text
  const fields = ['newName', 'newTag', 'digest'] as const
  if (!listImages(path, text).some(image => image.name === name)) {
    const yaml = readYaml(path, text)
    const list = listAt(yaml, yaml.root, 'images')
    const lines = [['name', name], ...fields.map(field => [field, choice[field]])].flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}: ${formatScalar(value)}`],
    )
    return list ? appendItem(yaml, list, list.flow ? [`{${lines.join(', ')}}`] : lines) : addList(yaml, 'images', lines)
  }
  for (const [index, field] of fields.entries()) {
    const yaml = readYaml(path, current)
    const entries = mapsOf(listAt(yaml, yaml.root, 'images'))
    const named = entries.map(image => ({
      image,
      name: textAt(image, 'name') ?? '',
      newName: textAt(image, 'newName'),
    }))
    const entry = findDeciding(named, name)?.image as YAMLMap
    const wanted = choice[field]
    const present = entry.get(field, true) as unknown
    if (wanted === undefined) current = removePair(yaml, entry, field)
    else if (present !== undefined && !isScalar(present)) throw refuseShared(path, field)
    else if (!isScalar(present)) {
      const after = ['name', ...fields.slice(0, index)].findLast(key => entry.has(key))
      current = insertPair(yaml, entry, field, wanted, after)
    } else if (String(present.source ?? present.value) !== wanted) current = replaceScalar(yaml, present, wanted)
  }
  return current
}

export function listLiterals(path: string, text: string): readonly Literal[] {
  const yaml = readYaml(path, text)
  return GENERATORS.flatMap(list =>
    mapsOf(listAt(yaml, yaml.root, list)).flatMap(generator =>
      scalarsOf(yaml, generator).map(scalar => {
        const [key, value] = splitLiteral(scalar)
        const travels = TRAVELS.test(scalar.comment ?? '')
        const line = lineOf(text, rangeOf(scalar)[0])
        return { list, generator: textAt(generator, 'name') ?? '', key, value, travels, line }
      }),
    ),
  )
}

type Place = Pick<Literal, 'list' | 'generator' | 'key'>

/** Sets one literal of a generator that the file has; the mark goes along, so that the next promotion takes it further. */
export function setLiteral(path: string, text: string, place: Place, value: string): string {
  return requireExactly(path, text, writeLiteral(path, text, place, value), root =>
    changeLiterals(root, place, `${place.key}=${value}`),
  )
}

function writeLiteral(path: string, text: string, place: Place, value: string): string {
  const { yaml, generator } = findGenerator(path, text, place)
  const list = listAt(yaml, generator, 'literals')
  if (!list) throw missing(path, place)
  const mark = list.flow ? '' : ' # promote'
  const literal = formatScalar(`${place.key}=${value}`)
  const scalar = scalarsOf(yaml, generator).find(item => splitLiteral(item)[0] === place.key)
  if (!scalar) return appendItem(yaml, list, [literal], mark)
  const isMarked = list.flow || TRAVELS.test(scalar.comment ?? '')
  if (splitLiteral(scalar)[1] === value && isMarked) return text
  if (isMarked || !scalar.comment) return replaceText(yaml, scalar, isMarked ? literal : `${literal}${mark}`)
  // The comment that stands there stays, behind the mark.
  return replaceText(yaml, scalar, literal, comment => comment.replace(/^[ \t]*#[ \t]*/, `${mark}, `))
}

export function removeLiteral(path: string, text: string, place: Place): string {
  return requireExactly(path, text, writeWithout(path, text, place), root => changeLiterals(root, place, undefined))
}

function writeWithout(path: string, text: string, place: Place): string {
  const { yaml, generator } = findGenerator(path, text, place)
  const list = listAt(yaml, generator, 'literals')
  const index = (list?.items ?? []).findIndex(item => isScalar(item) && splitLiteral(item)[0] === place.key)
  return list && index >= 0 ? removeItem(yaml, list, index) : text
}

function findGenerator(path: string, text: string, place: Place): { yaml: YamlText; generator: YAMLMap } {
  const yaml = readYaml(path, text)
  const generators = mapsOf(listAt(yaml, yaml.root, place.list))
  const generator = generators.find(item => textAt(item, 'name') === place.generator)
  if (!generator) throw missing(path, place)
  return { yaml, generator }
}

const missing = (path: string, { list, generator, key }: Place): Problem =>
  new Problem(`${key} travels, but ${path} has no ${list} "${generator}" with literals: add one by hand first`)

function scalarsOf(yaml: YamlText, generator: YAMLMap): Scalar[] {
  return (listAt(yaml, generator, 'literals')?.items ?? []).filter(item => isScalar(item))
}

function splitLiteral(scalar: Scalar): [string, string] {
  const text = String(scalar.source ?? scalar.value)
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const refuseShared = (path: string, field: string): Problem =>
  new Problem(`${path}: ${field} is not written here but taken from elsewhere in the file (an alias): edit it by hand`)

/** Of several entries of one name the last decides, and the first that gives another name: after it none of them fits. */
const findDeciding = <Entry extends { readonly name: string; readonly newName?: string | undefined }>(
  entries: readonly Entry[],
  name: string,
): Entry | undefined => {
  const named = entries.filter(entry => entry.name === name)
  return named.find(({ newName }) => newName !== undefined && newName !== name) ?? named.at(-1)
}

/** What a kustomization says once the fields of the named entry are these; undefined is a field that is not there. */
function changeEntry(root: Plain, list: string, name: string, fields: Plain): Plain {
  const entries = (root[list] ?? []) as readonly Plain[]
  const named = entries.map(entry => ({
    entry,
    name: String(entry?.name),
    newName: list === 'images' ? (entry?.newName as string | undefined) : undefined,
  }))
  const present = findDeciding(named, name)?.entry
  const changed = dropUndefined({ ...present, ...fields, ...(present && { name: present.name }) })
  return {
    ...root,
    [list]: present ? entries.map(entry => (entry === present ? changed : entry)) : [...entries, changed],
  }
}

function changeLiterals(root: Plain, { list, generator: name, key }: Place, literal: string | undefined): Plain {
  const generators = root[list] as readonly (Plain & { readonly literals: readonly unknown[] })[]
  const generator = generators.find(item => String(item.name) === name)
  const literals = generator?.literals ?? []
  const index = literals.findIndex(item => String(item) === key || String(item).startsWith(`${key}=`))
  const present = index < 0 ? literals.length : index
  const changed = {
    ...generator,
    literals: literals.toSpliced(present, 1, ...(literal === undefined ? [] : [literal])),
  }
  return { ...root, [list]: generators.map(item => (item === generator ? changed : item)) }
}

const dropUndefined = (fields: Plain): Plain =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

function addList(yaml: YamlText, key: string, lines: readonly string[]): string {
  if (yaml.root.has(key)) throw new Problem(`${yaml.path}: ${key} is empty: fill it or remove it`)
  return insertBlock(yaml, key, [`  - ${lines[0]}`, ...lines.slice(1).map(line => `    ${line}`)], ORDER)
}
