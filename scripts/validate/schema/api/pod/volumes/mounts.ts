// What a container mounts: each mount and device is a volume of the pod, at a path of its own.
import { closest } from '../../../../../tree/model/closest.ts'
import { quote } from '../../../field-path.ts'
import { type ApiFault, choose, missing, refuse, withoutVolume, wrong } from '../../fault.ts'
import { get, isSet, itemsOf, type Node, textOf } from '../../node.ts'
import { relativePath, withoutBackstep } from '../../text.ts'

const MOUNT_PROPAGATION = ['Bidirectional', 'HostToContainer', 'None']

const RECURSIVE = ['Disabled', 'IfPossible', 'Enabled']

/** Mounts and devices of one container. */
export function* checkMounts(container: Node, volumes: ReadonlyMap<string, Node>): Iterable<ApiFault> {
  const list = get(container, 'volumeMounts')
  const devices = itemsOf(get(container, 'volumeDevices'))
  const deviceNames = new Set(devices.map(device => textOf(get(device, 'name'))))
  const devicePaths = new Set(devices.map(device => textOf(get(device, 'devicePath'))))
  const paths = new Set<string>()
  for (const mount of itemsOf(list)) {
    const [name, path] = [get(mount, 'name'), get(mount, 'mountPath')]
    if (textOf(name) === '') yield missing(name)
    if (!volumes.has(textOf(name)) && textOf(name) !== '') yield withoutVolume(unknownVolume(name, [...volumes.keys()]))
    if (textOf(path) === '') yield missing(path)
    else if (paths.has(textOf(path))) yield wrong(path, 'is a duplicate: one volume is mounted at a path')
    paths.add(textOf(path))
    if (deviceNames.has(textOf(name))) yield wrong(name, 'must not be in volumeDevices too')
    if (devicePaths.has(textOf(path))) yield wrong(path, 'must not be a path of volumeDevices too')
    // The server leaves the index out.
    const named = (field: string): Node => ({ value: undefined, up: list, key: field })
    for (const field of ['subPath', 'subPathExpr']) {
      const node = get(mount, field)
      const problem = textOf(node) === '' ? undefined : relativePath(textOf(node))
      if (problem !== undefined) yield wrong(node, problem, named(field))
    }
    if (textOf(get(mount, 'subPath')) !== '' && textOf(get(mount, 'subPathExpr')) !== '')
      yield refuse(get(mount, 'subPathExpr'), 'must not be set beside subPath')
    const propagation = get(mount, 'mountPropagation')
    if (isSet(propagation)) {
      if (!MOUNT_PROPAGATION.includes(textOf(propagation)))
        yield choose(propagation, MOUNT_PROPAGATION, named('mountPropagation'))
      else if (
        textOf(propagation) === 'Bidirectional' &&
        get(container, 'securityContext', 'privileged').value !== true
      )
        yield refuse(
          propagation,
          'must be None or HostToContainer in a container that is not privileged',
          named('mountPropagation'),
        )
    }
    const recursive = get(mount, 'recursiveReadOnly')
    if (!isSet(recursive) || textOf(recursive) === 'Disabled') continue
    if (!RECURSIVE.includes(textOf(recursive))) yield choose(recursive, RECURSIVE, named('recursiveReadOnly'))
    else {
      if (get(mount, 'readOnly').value !== true)
        yield refuse(recursive, 'needs readOnly: true', named('recursiveReadOnly'))
      if (isSet(propagation) && textOf(propagation) !== 'None')
        yield refuse(recursive, 'needs mountPropagation None', named('recursiveReadOnly'))
    }
  }
  yield* checkDevices(devices, itemsOf(list), volumes)
}

function unknownVolume(name: Node, names: readonly string[]): ApiFault {
  if (names.length === 0) return wrong(name, 'must be a volume of the pod, which has none')
  const near = closest(textOf(name), names)
  const hint = near === undefined ? '' : `: did you mean ${near}?`
  return refuse(
    name,
    `must be a volume of the pod (${names.slice(0, 12).join(', ')}), not ${quote(textOf(name))}${hint}`,
  )
}

function* checkDevices(
  devices: readonly Node[],
  mounts: readonly Node[],
  volumes: ReadonlyMap<string, Node>,
): Iterable<ApiFault> {
  const names = new Set<string>()
  const paths = new Set<string>()
  const mountNames = new Set(mounts.map(mount => textOf(get(mount, 'name'))))
  const mountPaths = new Set(mounts.map(mount => textOf(get(mount, 'mountPath'))))
  for (const device of devices) {
    const [name, path] = [get(device, 'name'), get(device, 'devicePath')]
    const volume = volumes.get(textOf(name))
    if (textOf(name) === '') yield missing(name)
    if (names.has(textOf(name))) yield wrong(name, 'is a duplicate')
    if (!volume) yield withoutVolume(unknownVolume(name, [...volumes.keys()]))
    else if (!isSet(get(volume, 'persistentVolumeClaim')) && !isSet(get(volume, 'ephemeral')))
      yield wrong(name, 'must be a volume of type persistentVolumeClaim or ephemeral')
    if (textOf(path) === '') yield missing(path)
    if (paths.has(textOf(path))) yield wrong(path, 'is a duplicate')
    if (textOf(path) !== '' && withoutBackstep(textOf(path)) !== undefined)
      yield wrong(path, 'must not have ".." in it')
    else paths.add(textOf(path))
    if (mountNames.has(textOf(name))) yield wrong(name, 'must not be in volumeMounts too')
    if (mountPaths.has(textOf(path))) yield wrong(path, 'must not be a path of volumeMounts too')
    if (textOf(name) !== '') names.add(textOf(name))
  }
}
