// Storage of the cluster. Source: PersistentVolume of core/v1; StorageClass, VolumeAttachment, CSIDriver, CSINode,
// CSIStorageCapacity and VolumeAttributesClass of storage.k8s.io/v1.
import { isWholeInMilli, readQuantity } from '../../../../tree/model/quantity.ts'
import { atLeast, duplicates, each, exactlyOneOf, inSpec, oneOf, range, required, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, warn, wrong } from '../fault.ts'
import {
  bytesOf,
  entriesOf,
  get,
  isEmpty,
  isSet,
  isTrue,
  itemsOf,
  lengthOf,
  type Node,
  pathOf,
  textOf,
  textsOf,
} from '../node.ts'
import { nodeSelector } from '../pod/scheduling.ts'
import { csiDriver } from '../pod/volumes/storage.ts'
import { checkType, PERSISTENT_TYPES } from '../pod/volumes/types.ts'
import { labelKey, labelSelector } from '../selector.ts'
import { dnsSubdomain, qualifiedName } from '../text.ts'
import { accessModes } from './claim.ts'

const MAX_PARAMETERS = 256 * 1024
const MAX_NODE_ID = 256

function* checkCapacity(spec: Node): Iterable<ApiFault> {
  const capacity = get(spec, 'capacity')
  const entries = entriesOf(capacity)
  if (entries.length === 0) yield missing(capacity, 'storage')
  else if (entries.length > 1 || entries[0]?.key !== 'storage')
    yield refuse(capacity, 'must have storage and nothing else')
  for (const entry of entries) {
    const nano = readQuantity(entry.value)
    if (nano !== undefined && nano <= 0n) yield wrong(entry, 'must be more than 0')
    if (nano !== undefined && !isWholeInMilli(nano)) yield warn(entry, 'has a fraction of a byte')
  }
}

/** Inside of an attachment only what the driver needs is written. */
const INLINE_FORBIDDEN = ['capacity', 'storageClassName']
/** Pointers: an empty one is set too. */
const INLINE_UNSET = ['claimRef', 'nodeAffinity']
const INLINE_VALUES = { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }

function* checkVolumeSpec(spec: Node, name: string, isInline: boolean): Iterable<ApiFault> {
  yield* accessModes(get(spec, 'accessModes'))
  if (isInline) {
    for (const field of INLINE_FORBIDDEN)
      if (!isEmpty(get(spec, field))) yield refuse(get(spec, field), 'must not be set inside of an attachment')
    for (const field of INLINE_UNSET)
      if (isSet(get(spec, field))) yield refuse(get(spec, field), 'must not be set inside of an attachment')
    for (const [field, only] of Object.entries(INLINE_VALUES))
      if (!['', only].includes(textOf(get(spec, field))))
        yield wrong(get(spec, field), `must be ${only} inside of an attachment`)
    if (!isSet(get(spec, 'csi'))) yield missing(get(spec, 'csi'), 'an attachment is of a CSI volume')
  } else {
    yield* checkCapacity(spec)
    yield* oneOf('Delete', 'Recycle', 'Retain')(get(spec, 'persistentVolumeReclaimPolicy'))
    yield* exactlyOneOf('Block', 'Filesystem')(get(spec, 'volumeMode'))
    yield* text(dnsSubdomain)(get(spec, 'storageClassName'))
    const affinity = get(spec, 'nodeAffinity')
    if (isSet(affinity)) {
      if (isSet(get(affinity, 'required'))) yield* nodeSelector(get(affinity, 'required'))
      else yield missing(get(affinity, 'required'), 'which nodes reach the volume')
    }
  }
  yield* checkType(spec, PERSISTENT_TYPES, 'flexVolume')
  if (!Object.keys(PERSISTENT_TYPES).some(type => isSet(get(spec, type))))
    yield missing(spec, 'a type such as csi, nfs or local')
  const [local, hostPath, policy] = [
    get(spec, 'local'),
    get(spec, 'hostPath', 'path'),
    get(spec, 'persistentVolumeReclaimPolicy'),
  ]
  if (isSet(local) && !isSet(get(spec, 'nodeAffinity', 'required')))
    yield missing(get(spec, 'nodeAffinity'), 'a local volume is of one node')
  if (textOf(policy) === 'Recycle' && /^\/+(\.?\/*)*$/.test(textOf(hostPath)) && textOf(hostPath) !== '')
    yield refuse(policy, 'must not be Recycle for the root of a host')
  const portal = `${name}:${textOf(get(spec, 'iscsi', 'targetPortal'))}`
  if (isSet(get(spec, 'iscsi', 'initiatorName')) && bytesOf(portal) > 64)
    yield refuse(get(spec, 'iscsi', 'targetPortal'), 'and the name must have at most 64 bytes together', {
      value: undefined,
      up: get(spec, 'iscsi'),
      key: 'targetportal',
    })
  const attributes = get(spec, 'volumeAttributesClassName')
  if (!isSet(attributes) || isInline) return
  if (textOf(attributes) === '') yield missing(attributes)
  else yield* text(dnsSubdomain)(attributes)
  if (!isSet(get(spec, 'csi'))) yield missing(get(spec, 'csi'), 'volumeAttributesClassName is of CSI volumes')
}

export const persistentVolume: Check = function* (object) {
  yield* checkVolumeSpec(get(object, 'spec'), textOf(get(object, 'metadata', 'name')), false)
  if (textOf(get(object, 'spec', 'persistentVolumeReclaimPolicy')) === 'Recycle')
    yield warn(get(object, 'spec', 'persistentVolumeReclaimPolicy'), 'is deprecated: use Delete or Retain')
}

const provisioner: Check = required(text(value => qualifiedName(value.toLowerCase())))

const parameters = (isRequired: boolean): Check =>
  function* (node) {
    const entries = entriesOf(node)
    if (entries.length > 512) yield refuse(node, 'must have at most 512 entries')
    let size = 0
    for (const entry of entries) {
      if (entry.key === '') yield refuse(entry, 'must not be an empty key', node)
      size += bytesOf(String(entry.key)) + bytesOf(textOf(entry))
    }
    if (size > MAX_PARAMETERS) yield refuse(node, `have ${size} bytes; ${MAX_PARAMETERS} are allowed`)
    if (isRequired && entries.length === 0) yield missing(node, 'at least one')
  }

const topologyTerm: Check = struct({}, function* (term) {
  const expressions = itemsOf(get(term, 'matchLabelExpressions'))
  for (const one of expressions) {
    const values = get(one, 'values')
    if (isEmpty(values)) yield missing(values, 'at least one')
    yield* duplicates(itemsOf(values), textOf, value => wrong(value, 'is a duplicate'))
    yield* labelKey(get(one, 'key'))
  }
  yield* duplicates(
    expressions.map(one => get(one, 'key')),
    textOf,
    key => wrong(key, 'is a duplicate'),
  )
})

export const storageClass: Check = function* (object) {
  yield* provisioner(get(object, 'provisioner'))
  yield* parameters(false)(get(object, 'parameters'))
  yield* oneOf('Delete', 'Retain')(get(object, 'reclaimPolicy'))
  yield* exactlyOneOf('Immediate', 'WaitForFirstConsumer')(get(object, 'volumeBindingMode'))
  const topologies = get(object, 'allowedTopologies')
  yield* each(topologyTerm)(topologies)
  for (const term of itemsOf(topologies))
    if (isEmpty(get(term, 'matchLabelExpressions'))) yield missing(get(term, 'matchLabelExpressions'), 'at least one')
  yield* duplicates(
    itemsOf(topologies),
    term =>
      JSON.stringify(
        Object.fromEntries(
          itemsOf(get(term, 'matchLabelExpressions')).map(one => [
            textOf(get(one, 'key')),
            [...textsOf(get(one, 'values'))].sort(),
          ]),
        ),
      ),
    term => refuse(get(term, 'matchLabelExpressions'), 'is a duplicate of another term'),
  )
}

export const volumeAttachment: Check = function* (object) {
  const spec = get(object, 'spec')
  yield* csiDriver(get(spec, 'attacher'))
  const nodeName = get(spec, 'nodeName')
  const problem = dnsSubdomain(textOf(nodeName))
  if (problem !== undefined) yield textOf(nodeName) === '' ? missing(nodeName) : wrong(nodeName, problem)
  const [inline, name] = [get(spec, 'source', 'inlineVolumeSpec'), get(spec, 'source', 'persistentVolumeName')]
  if (isSet(inline) === isSet(name))
    yield isSet(inline)
      ? refuse(get(spec, 'source'), 'must have one of inlineVolumeSpec and persistentVolumeName')
      : missing(get(spec, 'source'), 'inlineVolumeSpec or persistentVolumeName')
  else if (isSet(name)) {
    if (textOf(name) === '') yield missing(name)
    else {
      const bad = dnsSubdomain(textOf(name))
      if (bad !== undefined)
        yield { ...wrong(name, bad), at: pathOf(name), fieldPath: ['spec', 'source', 'persistentVolumeName'] }
    }
  } else yield* checkVolumeSpec(inline, '', true)
}

const tokenRequests: Check = function* (list) {
  yield* duplicates(
    itemsOf(list).map(item => get(item, 'audience')),
    textOf,
    audience => wrong(audience, 'is a duplicate'),
  )
  yield* each(struct({ expirationSeconds: range(600, 2 ** 32) }))(list)
}

export const csiDriverObject: Check = inSpec(
  struct(
    {
      fsGroupPolicy: exactlyOneOf('File', 'None', 'ReadWriteOnceWithFSType'),
      tokenRequests,
      nodeAllocatableUpdatePeriodSeconds: atLeast(10),
    },
    function* (spec) {
      const modes = get(spec, 'volumeLifecycleModes')
      for (const mode of itemsOf(modes))
        if (!['Persistent', 'Ephemeral'].includes(textOf(mode))) yield choose(mode, ['Persistent', 'Ephemeral'], modes)
      const inSecrets = get(spec, 'serviceAccountTokenInSecrets')
      const requests = get(spec, 'tokenRequests')
      if (isSet(inSecrets) && isEmpty(requests)) yield refuse(inSecrets, 'must not be set without tokenRequests')
      if (lengthOf(requests) > 0 && !isTrue(inSecrets))
        yield warn(requests, 'hand tokens over in the volume context: set serviceAccountTokenInSecrets to true')
    },
  ),
)

export const csiNode: Check = function* (object) {
  const drivers = get(object, 'spec', 'drivers')
  for (const driver of itemsOf(drivers)) {
    yield* csiDriver(get(driver, 'name'))
    const nodeId = get(driver, 'nodeID')
    if (textOf(nodeId) === '') yield missing(nodeId)
    if (bytesOf(textOf(nodeId)) > MAX_NODE_ID) yield refuse(nodeId, `must have at most ${MAX_NODE_ID} bytes`)
    yield* atLeast(0)(get(driver, 'allocatable', 'count'))
    const keys = itemsOf(get(driver, 'topologyKeys'))
    for (const key of keys) {
      const problem = qualifiedName(textOf(key))
      if (problem !== undefined) yield wrong(key, problem, driver)
    }
    yield* duplicates(keys, textOf, key => wrong(key, 'is a duplicate', driver))
  }
  yield* duplicates(
    itemsOf(drivers).map(driver => get(driver, 'name')),
    textOf,
    name => wrong(name, 'is a duplicate'),
  )
}

export const storageCapacity: Check = function* (object) {
  yield* labelSelector(get(object, 'nodeTopology'))
  const name = get(object, 'storageClassName')
  const problem = dnsSubdomain(textOf(name))
  if (problem !== undefined) yield textOf(name) === '' ? missing(name) : wrong(name, problem)
  const capacity = get(object, 'capacity')
  if ((readQuantity(capacity.value) ?? 0n) < 0n) yield wrong(capacity, 'must not be negative')
}

export const volumeAttributesClass: Check = function* (object) {
  yield* provisioner(get(object, 'driverName'))
  yield* parameters(true)(get(object, 'parameters'))
}
