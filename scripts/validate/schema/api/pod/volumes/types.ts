// The types of volumes, of pods and of persistent volumes, which share most of them: each volume has one.
// Source: Volume and VolumeSource of core/v1, and PersistentVolumeSource.
import { readQuantity } from '../../../../../tree/model/quantity.ts'
import { all, anyText, oneOf, required, setFields, shape, text } from '../../check.ts'
import { type ApiFault, type Check, missing, NO_FAULTS, refuse, wrong } from '../../fault.ts'
import { checkClaimTemplate } from '../../kinds/claim.ts'
import { depthOf, get, isSet, type Node, textOf } from '../../node.ts'
import { dnsLabel, dnsSubdomain, relativePath, withoutBackstep } from '../../text.ts'
import { downwardFiles, keyedFiles, mode, projected } from './files.ts'
import {
  azureDisk,
  csi,
  csiDriver,
  fc,
  flexOptions,
  flocker,
  hostPath,
  iscsi,
  nfs,
  partition,
  quobyte,
  scaleIo,
  storageOs,
} from './storage.ts'

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

const inNamespace = { name: required(), namespace: required() }

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
    cinder: shape({ volumeID: required(), secretRef: shape(inNamespace) }),
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

export const POD_TYPES = podTypes(true)

export const TEMPLATE_TYPES = podTypes(false)

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
