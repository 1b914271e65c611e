// Volumes of pods and persistent volumes: one type each, and what each type needs.
// Source: Volume and VolumeSource of core/v1, and PersistentVolumeSource, which shares most of them.

import { all, anyText, each, exactlyOneOf, oneOf, range, required, setFields, shape, struct, text } from '../check.ts'
import { type ApiFault, asAbsence, type Check, choose, missing, NO_FAULTS, refuse, warn, wrong } from '../fault.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { quote } from '../../field-path.ts'
import { bytesOf, entriesOf, get, isSet, itemsOf, lengthOf, type Node, numberOf, textOf } from '../node.ts'
import { readQuantity } from '../../../../tree/model/quantity.ts'
import { anyCaseSubdomain, both, dnsLabel, dnsSubdomain, localPath, relativePath, withoutBackstep } from '../text.ts'
import { checkClaimTemplate } from '../kinds/claim.ts'
import { fileFieldRef, resourceFieldRef } from './environment.ts'

const mode: Check = node => {
  const value = numberOf(node)
  return value === undefined || (value >= 0 && value <= 0o777)
    ? NO_FAULTS
    : [wrong(node, 'must be file permissions from 0 to 0777, which is 511')]
}

const keyToPath = struct({ key: required(), path: required(text(localPath)), mode })
const keyedFiles = { items: each(keyToPath), defaultMode: mode }

const downwardFile: Check = struct(
  { path: required(text(localPath)), fieldRef: fileFieldRef, resourceFieldRef: resourceFieldRef(true), mode },
  node => {
    const set = setFields(node, ['fieldRef', 'resourceFieldRef'])
    if (set.length === 1) return NO_FAULTS
    return [
      set.length === 0
        ? missing(node, 'fieldRef or resourceFieldRef')
        : refuse(node, 'must have fieldRef or resourceFieldRef, not both'),
    ]
  },
)

/** The server leaves the index of these files out. */
function* unindexed(files: Node, check: Check, holder: Node): Iterable<ApiFault> {
  const depth = depthOf(holder)
  for (const file of itemsOf(files)) {
    for (const fault of check(file)) {
      const rest = (fault.at ?? fault.fieldPath).slice(depth + 2)
      yield { ...fault, at: fault.at ?? fault.fieldPath, fieldPath: [...fault.fieldPath.slice(0, depth), ...rest] }
    }
  }
}

function depthOf(node: Node): number {
  let depth = 0
  for (let at = node; at.up; at = at.up) depth++
  return depth
}

const downwardFiles: Check = node => unindexed(get(node, 'items'), downwardFile, node)

const PROJECTIONS = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
]
/** Their feature gates are off in 1.36: the server drops them unseen. */
const DROPPED_PROJECTIONS = new Set(['clusterTrustBundle', 'podCertificate'])

const projection: Check = struct(
  {
    secret: shape({ name: required(), items: each(keyToPath) }),
    configMap: shape({ name: required(), items: each(keyToPath) }),
    downwardAPI: downwardFiles,
    serviceAccountToken: shape({ expirationSeconds: range(600, 2 ** 32) }),
  },
  function* (node) {
    const token = get(node, 'serviceAccountToken')
    if (isSet(token)) {
      // The server calls it the path of the whole projection.
      const projected = node.up?.up ?? node
      const path = get(token, 'path')
      const named: Node = { value: undefined, up: projected, key: 'path' }
      const problem = textOf(path) === '' ? undefined : localPath(textOf(path))
      if (textOf(path) === '')
        yield { ...missing(path), at: missing(path).fieldPath, fieldPath: missing(named).fieldPath }
      else if (problem !== undefined) yield wrong(path, problem, named)
    }
    const set = setFields(node, PROJECTIONS).filter(field => !DROPPED_PROJECTIONS.has(field))
    if (set.length > 1) yield refuse(node, `must have one of ${set.join(' and ')}, not both`)
  },
)

function* checkPathsOnce(projected: Node): Iterable<ApiFault> {
  const seen = new Set<string>()
  for (const source of itemsOf(get(projected, 'sources'))) {
    for (const kind of ['secret', 'configMap', 'downwardAPI']) {
      for (const item of itemsOf(get(source, kind, 'items'))) {
        const path = get(item, 'path')
        if (textOf(path) === '') continue
        if (seen.has(textOf(path))) yield wrong(path, 'is a duplicate: two sources write the same file', projected)
        seen.add(textOf(path))
      }
    }
  }
}

const projected: Check = all(shape({ defaultMode: mode, sources: each(projection) }), checkPathsOnce, function* (node) {
  for (const source of itemsOf(get(node, 'sources')))
    if (setFields(source, PROJECTIONS).length === 0) yield warn(source, 'has no source and brings no file')
})

const hostPath: Check = shape({}, function* (node) {
  const path = get(node, 'path')
  if (textOf(path) === '') yield missing(path)
  else {
    yield* text(withoutBackstep)(path)
    yield* exactlyOneOf(
      '',
      'DirectoryOrCreate',
      'Directory',
      'FileOrCreate',
      'File',
      'Socket',
      'CharDevice',
      'BlockDevice',
    )(get(node, 'type'))
  }
})

const partition = range(0, 255)

const ISCSI_FORMS = {
  iqn: /^iqn\.\d{4}-\d{2}\.([a-z0-9.-]+\.)?[a-z0-9.-]+(:[^,;*&$|\s]+)?$/,
  eui: /^eui\.[0-9a-fA-F]{16}$/,
  naa: /^naa\.([0-9a-fA-F]{16}|[0-9a-fA-F]{32})$/,
}

function iqnProblem(value: string): string | undefined {
  const start = /^(iqn|eui|naa)/.exec(value)?.[1] as keyof typeof ISCSI_FORMS | undefined
  if (start === undefined) return 'must start with iqn, eui or naa'
  return ISCSI_FORMS[start].test(value)
    ? undefined
    : 'must have the form of an iSCSI name, as iqn.2016-04.com.example:storage'
}

const iscsi = (isPersistent: boolean): Check =>
  shape({ targetPortal: required(), iqn: required(text(iqnProblem)), lun: range(0, 255) }, function* (node) {
    const secretRef = get(node, 'secretRef')
    const usesChap = ['chapAuthDiscovery', 'chapAuthSession'].some(field => get(node, field).value === true)
    if (usesChap && !isSet(secretRef)) yield missing(secretRef, 'CHAP authentication reads it')
    if (isPersistent && isSet(secretRef) && textOf(get(secretRef, 'name')) === '') yield missing(get(secretRef, 'name'))
    const initiator = get(node, 'initiatorName')
    if (typeof initiator.value === 'string') {
      const problem = iqnProblem(initiator.value)
      if (problem !== undefined) yield wrong(initiator, problem, { ...initiator, key: 'initiatorname' })
    }
  })

const fc: Check = shape({}, function* (node) {
  const names = get(node, 'targetWWNs')
  const hasIds = lengthOf(get(node, 'wwids')) > 0
  if (lengthOf(names) === 0 && !hasIds) yield missing(names, 'targetWWNs or wwids')
  if (lengthOf(names) > 0 && hasIds) yield refuse(names, 'must not be set beside wwids')
  if (lengthOf(names) > 0) {
    const lun = get(node, 'lun')
    if (!isSet(lun)) yield missing(lun, 'targetWWNs need it')
    else yield* range(0, 255)(lun)
  }
})

const flocker: Check = shape({}, function* (node) {
  const [name, uuid] = [get(node, 'datasetName'), get(node, 'datasetUUID')]
  if (textOf(name) === '' && textOf(uuid) === '') yield missing(node, 'datasetName or datasetUUID')
  if (textOf(name) !== '' && textOf(uuid) !== '') yield refuse(node, 'must have datasetName or datasetUUID, not both')
  if (textOf(name).includes('/')) yield wrong(name, 'must not have "/"')
})

const quobyte: Check = shape({ volume: required() }, function* (node) {
  const registry = get(node, 'registry')
  const tenant = get(node, 'tenant')
  if (textOf(registry) === '') yield missing(registry, 'host:port')
  else if (bytesOf(textOf(tenant)) >= 65) yield refuse(tenant, 'must have at most 64 bytes')
  else if (
    !textOf(registry)
      .split(',')
      .every(pair => /^([^:[\]]*|\[[^\]]*\]):[^:[\]]*$/.test(pair))
  )
    yield wrong(registry, 'must be host:port, or several with commas between them')
})

const flexOptions: Check = shape({ driver: required() }, function* (node) {
  for (const entry of entriesOf(get(node, 'options'))) {
    const domain = `.${String(entry.key).split('/')[0]?.toLowerCase()}`
    if (/\.(kubernetes|k8s)\.io$/.test(domain)) yield refuse(entry, 'must not be an option in the domain of Kubernetes')
  }
})

const azureDisk: Check = shape(
  {
    diskName: required(),
    diskURI: required(),
    cachingMode: exactlyOneOf('None', 'ReadOnly', 'ReadWrite'),
    kind: exactlyOneOf('Dedicated', 'Managed', 'Shared'),
  },
  function* (node) {
    const [uri, kind] = [get(node, 'diskURI'), get(node, 'kind')]
    // The default is Shared.
    const start = textOf(kind) === 'Managed' ? '/subscriptions/' : 'https://'
    if (!textOf(uri).startsWith(start)) yield wrong(uri, `must start with ${start}`)
  },
)

const nfs: Check = shape({ server: required() }, function* (node) {
  const path = get(node, 'path')
  if (textOf(path) === '') yield missing(path)
  else if (!textOf(path).startsWith('/')) yield wrong(path, 'must be an absolute path')
})

const storageOs = (isPersistent: boolean): Check =>
  shape({
    volumeName: required(text(dnsLabel)),
    volumeNamespace: text(dnsLabel),
    secretRef: isPersistent ? shape({ name: required(), namespace: required() }) : shape({ name: required() }),
  })

const scaleIo = shape({ gateway: required(), system: required(), volumeName: required() })
const driverName = both(value => (bytesOf(value) > 63 ? 'must have at most 63 bytes' : undefined), anyCaseSubdomain)
export const csiDriver: Check = required(text(driverName))

const csi: Check = shape({ driver: csiDriver }, function* (node) {
  const reference = get(node, 'nodePublishSecretRef')
  if (!isSet(reference)) return
  const name = get(reference, 'name')
  const problem = textOf(name) === '' ? undefined : dnsSubdomain(textOf(name))
  if (textOf(name) === '') yield missing(name)
  else if (problem !== undefined) yield wrong(name, problem, { value: undefined, up: node, key: 'name' })
})

export const pullPolicy: Check = oneOf('Always', 'IfNotPresent', 'Never')

const claimTemplate: Check = shape({}, function* (node) {
  const template = get(node, 'volumeClaimTemplate')
  if (isSet(template)) yield* checkClaimTemplate(template)
  else yield missing(template)
})

const COMMON_TYPES: Readonly<Record<string, Check>> = {
  hostPath,
  gcePersistentDisk: shape({ pdName: required(), partition }),
  awsElasticBlockStore: shape({ volumeID: required(), partition }),
  nfs,
  flocker,
  quobyte,
  fc,
  azureDisk,
  vsphereVolume: shape({ volumePath: required() }),
  photonPersistentDisk: shape({ pdID: required() }),
  portworxVolume: shape({ volumeID: required() }),
  scaleIO: scaleIo,
  flexVolume: flexOptions,
}

const both2 = { name: required(), namespace: required() }

/** In the order in which the server looks: the first that is set is the volume's type, the others are too many. */
function inOrder(types: Readonly<Record<string, Check>>, order: string): Readonly<Record<string, Check>> {
  return Object.fromEntries(order.split(' ').map(type => [type, types[type] as Check]))
}

const PERSISTENT_ORDER =
  'hostPath gcePersistentDisk awsElasticBlockStore glusterfs flocker nfs rbd quobyte cephfs iscsi cinder fc flexVolume azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk scaleIO local storageos csi'
const POD_ORDER =
  'emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral image'

export const PERSISTENT_TYPES: Readonly<Record<string, Check>> = inOrder(
  {
    ...COMMON_TYPES,
    glusterfs: shape({
      endpoints: required(),
      path: required(),
      endpointsNamespace: anyText(value => (value === '' ? 'must be the name of a namespace' : dnsLabel(value))),
    }),
    rbd: shape({ monitors: required(), image: required() }),
    cephfs: shape({ monitors: required() }),
    iscsi: iscsi(true),
    cinder: shape({ volumeID: required(), secretRef: shape(both2) }),
    azureFile: shape({
      secretName: required(),
      shareName: required(),
      secretNamespace: node => (node.value === '' ? [missing(node)] : NO_FAULTS),
    }),
    local: shape({}, function* (node) {
      const path = get(node, 'path')
      if (textOf(path) === '') yield missing(path)
      else yield* text(withoutBackstep)(path)
    }),
    storageos: storageOs(true),
    csi: shape({
      driver: csiDriver,
      volumeHandle: required(),
      ...Object.fromEntries(
        ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'].map(
          field => [field, shape({ name: required(text(dnsSubdomain)), namespace: required(text(dnsLabel)) })],
        ),
      ),
    }),
  },
  PERSISTENT_ORDER,
)

/** `isPod`: of a template less is known. */
function podTypes(isPod: boolean): Readonly<Record<string, Check>> {
  return inOrder(
    {
      emptyDir: shape({
        sizeLimit: node => ((readQuantity(node.value) ?? 0n) < 0n ? [wrong(node, 'must not be negative')] : NO_FAULTS),
      }),
      ...COMMON_TYPES,
      gitRepo: shape({ repository: required(), directory: text(relativePath) }),
      secret: shape({ secretName: required(), ...keyedFiles }),
      iscsi: iscsi(false),
      glusterfs: shape({ endpoints: required(), path: required() }),
      persistentVolumeClaim: shape({ claimName: required() }),
      rbd: shape({ monitors: required(), image: required() }),
      cinder: shape({ volumeID: required(), secretRef: shape({ name: required() }) }),
      cephfs: shape({ monitors: required() }),
      downwardAPI: all(shape({ defaultMode: mode }), downwardFiles),
      configMap: shape({ name: required(), ...keyedFiles }),
      azureFile: shape({ secretName: required(), shareName: required() }),
      storageos: storageOs(false),
      projected,
      csi,
      ephemeral: claimTemplate,
      image: shape({ reference: isPod ? required() : () => NO_FAULTS, pullPolicy }),
    },
    POD_ORDER,
  )
}

const POD_TYPES = podTypes(true)
const TEMPLATE_TYPES = podTypes(false)
/** The server's own names for two of them are not those of the fields. */
const SERVER_NAMES: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' }
const SERVER_SECOND_NAMES: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

/** Exactly one of the types. */
export function* checkType(
  volume: Node,
  types: Readonly<Record<string, Check>>,
  /** The server does not say of this one that it is too many. */
  tolerated?: string,
): Iterable<ApiFault> {
  const [first, ...others] = setFields(volume, Object.keys(types))
  // Without a type a volume of a pod is an emptyDir; of others the caller says that one is missing.
  if (first === undefined) return
  const server = SERVER_NAMES[first]
  const depth = depthOf(volume)
  for (const fault of (types[first] as Check)(get(volume, first)))
    yield server === undefined
      ? fault
      : {
          ...fault,
          at: fault.fieldPath,
          fieldPath: [...fault.fieldPath.slice(0, depth), server, ...fault.fieldPath.slice(depth + 1)],
        }
  for (const other of others) {
    const node = get(volume, other)
    if (other === tolerated) {
      yield* (types[other] as Check)(node)
      continue
    }
    yield refuse(node, `must not be set beside ${first}: a volume has one type`, {
      ...node,
      key: SERVER_SECOND_NAMES[other] ?? other,
    })
  }
}

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
    if (!volumes.has(textOf(name)) && textOf(name) !== '') yield asAbsence(unknownVolume(name, [...volumes.keys()]))
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
    if (!volume) yield asAbsence(unknownVolume(name, [...volumes.keys()]))
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
