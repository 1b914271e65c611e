// Images of an overlay, and the version label that says their tag.
import { isMap, isScalar, type YAMLMap } from 'yaml'
import {
  appendItem,
  formatScalar,
  insertPair,
  lineOf,
  listAt,
  mapsOf,
  type Plain,
  rangeOf,
  readYaml,
  removePair,
  replaceScalar,
  requireExactly,
  textAt,
} from '../yaml-text.ts'
import { addList, changeEntry, findDeciding, refuseShared } from './entries.ts'

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
