// The volumes of a pod: names, types, and what has no effect any more.
import { text } from '../../check.ts'
import { type ApiFault, missing, refuse, warn, wrong } from '../../fault.ts'
import { bytesOf, get, isSet, itemsOf, type Node, textOf } from '../../node.ts'
import { dnsLabel, dnsSubdomain } from '../../text.ts'
import { checkType, POD_TYPES, TEMPLATE_TYPES } from './types.ts'

const GONE: Readonly<Record<string, string>> = {
  photonPersistentDisk: '1.16',
  gitRepo: '1.33',
  scaleIO: '1.22',
  flocker: '1.25',
  storageos: '1.25',
  quobyte: '1.25',
  glusterfs: '1.26',
  cephfs: '1.31',
  rbd: '1.31',
}

function* warnOfVolume(volume: Node): Iterable<ApiFault> {
  for (const [type, since] of Object.entries(GONE)) {
    if (isSet(get(volume, type)))
      yield warn(get(volume, type), `has had no effect since Kubernetes ${since}: use a CSI driver`)
  }
  const files = [
    ...itemsOf(get(volume, 'configMap', 'items')),
    ...itemsOf(get(volume, 'secret', 'items')),
    ...itemsOf(get(volume, 'downwardAPI', 'items')),
  ]
  yield* warnOfOverlaps(files.map(file => get(file, 'path')))
  const sources = itemsOf(get(volume, 'projected', 'sources')).flatMap(source => {
    const kind = ['configMap', 'secret', 'downwardAPI'].find(field => isSet(get(source, field, 'items')))
    if (kind !== undefined) return itemsOf(get(source, kind, 'items')).map(file => get(file, 'path'))
    return isSet(get(source, 'serviceAccountToken')) ? [get(source, 'serviceAccountToken', 'path')] : []
  })
  yield* warnOfOverlaps(sources)
}

function* warnOfOverlaps(paths: readonly Node[]): Iterable<ApiFault> {
  const seen: string[] = []
  for (const path of paths) {
    const text = textOf(path).replace(/\/+$/, '')
    if (text === '') continue
    if (seen.some(other => text === other || text.startsWith(`${other}/`) || other.startsWith(`${text}/`)))
      yield warn(path, 'overlaps with the path of another item: one hides the other')
    seen.push(text)
  }
}

export interface PodVolumes {
  readonly byName: ReadonlyMap<string, Node>
  readonly faults: readonly ApiFault[]
}

/** Volumes that have no fault, by name: only they can be mounted. */
export function readVolumes(list: Node, podName: string | undefined, isPod: boolean): PodVolumes {
  const byName = new Map<string, Node>()
  const faults: ApiFault[] = []
  const created = new Set(
    podName === undefined
      ? []
      : itemsOf(list)
          .filter(volume => isSet(get(volume, 'ephemeral')))
          .map(volume => `${podName}-${textOf(get(volume, 'name'))}`),
  )
  for (const volume of itemsOf(list)) {
    const name = get(volume, 'name')
    const found = [...checkType(volume, isPod ? POD_TYPES : TEMPLATE_TYPES)]
    const warnings = [...found.filter(({ severity }) => severity === 'warning'), ...warnOfVolume(volume)]
    const errors = found.filter(({ severity }) => severity === 'error')
    if (textOf(name) === '') errors.push(missing(name))
    else {
      errors.push(...text(dnsLabel)(name))
      if (byName.has(textOf(name))) errors.push(wrong(name, 'is a duplicate: a volume has a name of its own'))
    }
    const iscsiPortal = `${textOf(name)}:${textOf(get(volume, 'iscsi', 'targetPortal'))}`
    if (isSet(get(volume, 'iscsi', 'initiatorName')) && bytesOf(iscsiPortal) > 64)
      errors.push(refuse(name, 'and targetPortal must have at most 64 bytes together'))
    if (isSet(get(volume, 'ephemeral')) && podName !== undefined && textOf(name) !== '') {
      const problem = dnsSubdomain(`${podName}-${textOf(name)}`)
      if (problem !== undefined)
        errors.push(refuse(name, `makes the claim ${podName}-${textOf(name)}, whose name ${problem}`))
    }
    if (errors.length === 0) byName.set(textOf(name), volume)
    const claim = get(volume, 'persistentVolumeClaim', 'claimName')
    if (created.has(textOf(claim))) errors.push(wrong(claim, 'must not be a claim that an ephemeral volume makes'))
    faults.push(...errors, ...warnings)
  }
  return { byName, faults }
}
