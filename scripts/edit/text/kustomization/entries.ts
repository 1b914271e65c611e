// Entries of the lists of a kustomization by their name, and where a new list goes.
import { Problem } from '../../../command/problem.ts'
import { insertBlock, type Plain, type YamlText } from '../yaml-text.ts'

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

export const refuseShared = (path: string, field: string): Problem =>
  new Problem(`${path}: ${field} is not written here but taken from elsewhere in the file (an alias): edit it by hand`)

/** Of several entries of one name the last decides, and the first that gives another name: after it none of them fits. */
export const findDeciding = <Entry extends { readonly name: string; readonly newName?: string | undefined }>(
  entries: readonly Entry[],
  name: string,
): Entry | undefined => {
  const named = entries.filter(entry => entry.name === name)
  return named.find(({ newName }) => newName !== undefined && newName !== name) ?? named.at(-1)
}

/** What a kustomization says once the fields of the named entry are these; undefined is a field that is not there. */
export function changeEntry(root: Plain, list: string, name: string, fields: Plain): Plain {
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

const dropUndefined = (fields: Plain): Plain =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

export function addList(yaml: YamlText, key: string, lines: readonly string[]): string {
  if (yaml.root.has(key)) throw new Problem(`${yaml.path}: ${key} is empty: fill it or remove it`)
  return insertBlock(yaml, key, [`  - ${lines[0]}`, ...lines.slice(1).map(line => `    ${line}`)], ORDER)
}
