// Volumes that a node or a storage system brings: what each of these types needs.
import { exactlyOneOf, range, required, shape, text } from '../../check.ts'
import { type Check, missing, refuse, wrong } from '../../fault.ts'
import { bytesOf, entriesOf, get, isSet, lengthOf, textOf } from '../../node.ts'
import { anyCaseSubdomain, both, dnsLabel, dnsSubdomain, withoutBackstep } from '../../text.ts'

export const hostPath: Check = shape({}, function* (node) {
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

export const partition = range(0, 255)

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

export const iscsi = (isPersistent: boolean): Check =>
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

export const fc: Check = shape({}, function* (node) {
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

export const flocker: Check = shape({}, function* (node) {
  const [name, uuid] = [get(node, 'datasetName'), get(node, 'datasetUUID')]
  if (textOf(name) === '' && textOf(uuid) === '') yield missing(node, 'datasetName or datasetUUID')
  if (textOf(name) !== '' && textOf(uuid) !== '') yield refuse(node, 'must have datasetName or datasetUUID, not both')
  if (textOf(name).includes('/')) yield wrong(name, 'must not have "/"')
})

export const quobyte: Check = shape({ volume: required() }, function* (node) {
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

export const flexOptions: Check = shape({ driver: required() }, function* (node) {
  for (const entry of entriesOf(get(node, 'options'))) {
    const domain = `.${String(entry.key).split('/')[0]?.toLowerCase()}`
    if (/\.(kubernetes|k8s)\.io$/.test(domain)) yield refuse(entry, 'must not be an option in the domain of Kubernetes')
  }
})

export const azureDisk: Check = shape(
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

export const nfs: Check = shape({ server: required() }, function* (node) {
  const path = get(node, 'path')
  if (textOf(path) === '') yield missing(path)
  else if (!textOf(path).startsWith('/')) yield wrong(path, 'must be an absolute path')
})

export const storageOs = (isPersistent: boolean): Check =>
  shape({
    volumeName: required(text(dnsLabel)),
    volumeNamespace: text(dnsLabel),
    secretRef: isPersistent ? shape({ name: required(), namespace: required() }) : shape({ name: required() }),
  })

export const scaleIo = shape({ gateway: required(), system: required(), volumeName: required() })

const driverName = both(value => (bytesOf(value) > 63 ? 'must have at most 63 bytes' : undefined), anyCaseSubdomain)

export const csiDriver: Check = required(text(driverName))

export const csi: Check = shape({ driver: csiDriver }, function* (node) {
  const reference = get(node, 'nodePublishSecretRef')
  if (!isSet(reference)) return
  const name = get(reference, 'name')
  const problem = textOf(name) === '' ? undefined : dnsSubdomain(textOf(name))
  if (textOf(name) === '') yield missing(name)
  else if (problem !== undefined) yield wrong(name, problem, { value: undefined, up: node, key: 'name' })
})
