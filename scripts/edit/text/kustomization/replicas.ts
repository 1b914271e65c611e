// Replica counts of an overlay: its `replicas`, or a patch of one number.
import { isScalar } from 'yaml'
import type { KubernetesObject } from '../../../tree/model/resource.ts'
import {
  appendItem,
  formatScalar,
  insertBlock,
  insertPair,
  listAt,
  mapsOf,
  type Plain,
  readItem,
  readYaml,
  replaceScalar,
  requireExactly,
  textAt,
  writeItem,
} from '../yaml-text.ts'
import { addList, changeEntry, ORDER, refuseShared } from './entries.ts'

export interface Replicas {
  readonly name: string
  readonly count: number | undefined
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
