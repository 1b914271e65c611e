// What pods and containers may do on their node. Source: PodSecurityContext and SecurityContext of core/v1.

import { all, anyText, duplicates, each, exactlyOneOf, range, shape } from '../check.ts'
import { type Check, type ApiFault, choose, missing, refuse, wrong } from '../fault.ts'
import { bytesOf, get, isSet, isTrue, itemsOf, type Node, textOf, textsOf } from '../node.ts'
import { dnsSubdomain, relativePath } from '../text.ts'

const MAX_ID = 2 ** 31 - 1
const id = range(0, MAX_ID)
const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** A profile of the node is named; the others have no name. */
function profile(checkName: (name: Node) => Iterable<ApiFault>): Check {
  return shape({}, function* (node) {
    const type = get(node, 'type')
    const name = get(node, 'localhostProfile')
    if (textOf(type) === '') yield missing(type, PROFILES.join(', '))
    else if (!PROFILES.includes(textOf(type))) yield choose(type, PROFILES)
    if (textOf(type) === 'Localhost') {
      if (isSet(name)) yield* checkName(name)
      else yield missing(name, 'type Localhost names a profile of the node')
    } else if (isSet(name)) yield refuse(name, 'must not be set: only type Localhost has a profile')
  })
}

const seccompProfile = profile(anyText(relativePath))

const appArmorProfile = profile(function* (name) {
  const text = textOf(name)
  if (text.trim() !== text) yield wrong(name, 'must not have spaces around it')
  else if (text === '') yield missing(name)
  if (bytesOf(text) > 4095) yield refuse(name, 'must have at most 4095 bytes')
})

const userName: Check = anyText(value => {
  if (value === '') return 'must not be empty'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(value)) return 'must not have control characters'
  const parts = value.split('\\')
  if (parts.length > 2) return 'must have at most one backslash'
  const user = parts.at(-1) as string
  const domain = parts.length === 2 ? (parts[0] as string) : undefined
  if (domain !== undefined) {
    if (domain.length >= 256) return 'must have a domain of less than 256 characters'
    const isNetBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/.test(domain)
    const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
    if (!isNetBios && !new RegExp(`^${label}(?:\\.${label})*$`).test(domain)) return 'must have a NetBIOS or DNS domain'
  }
  if (user === '') return 'must have a user after the backslash'
  if (user.length > 104) return 'must have a user of at most 104 characters'
  if (/^[. ]+$/.test(user)) return 'must not be only dots and spaces'
  return /["/\\:;|=,+*?<>@[\]]/.test(user) ? 'must not have any of "/\\:;|=,+*?<>@[]' : undefined
})

const windowsOptions: Check = shape({
  gmsaCredentialSpecName: anyText(dnsSubdomain),
  gmsaCredentialSpec: anyText(value =>
    value === '' ? 'must not be empty' : bytesOf(value) > 65536 ? 'must have at most 64 KiB' : undefined,
  ),
  runAsUserName: userName,
})

const sysctlName = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/

/** Those of the network or of IPC belong to the host where the pod shares it. */
function sysctlSpace(name: string): 'net' | 'ipc' | undefined {
  const dotted =
    name.indexOf('/') >= 0 && (name.indexOf('.') < 0 || name.indexOf('/') < name.indexOf('.'))
      ? name.replaceAll('/', '.')
      : name
  if (dotted.startsWith('net.')) return 'net'
  return /^(kernel\.(shm|msg)|fs\.mqueue\.)|^kernel\.sem$/.test(dotted) ? 'ipc' : undefined
}

function* checkSysctls(podSpec: Node): Iterable<ApiFault> {
  const items = itemsOf(get(podSpec, 'securityContext', 'sysctls')).map(item => get(item, 'name'))
  for (const name of items) {
    const text = textOf(name)
    if (text === '') yield missing(name)
    else if (bytesOf(text) > 253 || !sysctlName.test(text))
      yield wrong(name, 'must be the name of a sysctl, as kernel.shm_rmid_forced')
    if (sysctlSpace(text) === 'net' && isTrue(get(podSpec, 'hostNetwork')))
      yield wrong(name, 'must not be set with hostNetwork')
    if (sysctlSpace(text) === 'ipc' && isTrue(get(podSpec, 'hostIPC')))
      yield wrong(name, 'must not be set with hostIPC')
  }
  yield* duplicates(
    items.filter(name => textOf(name) !== ''),
    textOf,
    name => wrong(name, 'is a duplicate'),
  )
}

const podContext: Check = shape({
  fsGroup: id,
  runAsUser: id,
  runAsGroup: id,
  supplementalGroups: each(id),
  fsGroupChangePolicy: exactlyOneOf('OnRootMismatch', 'Always'),
  seccompProfile,
  appArmorProfile,
  windowsOptions,
  supplementalGroupsPolicy: exactlyOneOf('Merge', 'Strict'),
  seLinuxChangePolicy: exactlyOneOf('Recursive', 'MountOption'),
})

export const podSecurity: Check = all(
  podSpec => podContext(get(podSpec, 'securityContext')),
  checkSysctls,
  function* (podSpec) {
    const share = get(podSpec, 'shareProcessNamespace')
    if (isTrue(share) && isTrue(get(podSpec, 'hostPID')))
      yield refuse(share, 'must not be true with hostPID', {
        value: true,
        up: get(podSpec, 'securityContext'),
        key: 'shareProcessNamespace',
      })
  },
)

export function containerSecurity(podUsesHostUsers: boolean): Check {
  return shape(
    {
      runAsUser: id,
      runAsGroup: id,
      seccompProfile,
      appArmorProfile,
      windowsOptions,
      procMount: exactlyOneOf('Default', 'Unmasked'),
    },
    function* (node) {
      const procMount = get(node, 'procMount')
      if (podUsesHostUsers && textOf(procMount) === 'Unmasked')
        yield refuse(procMount, 'must be Default unless hostUsers of the pod is false')
      const escalation = get(node, 'allowPrivilegeEscalation')
      if (escalation.value !== false) return
      if (isTrue(get(node, 'privileged')))
        yield refuse(escalation, 'must not be false for a privileged container, which can escalate', node)
      if (textsOf(get(node, 'capabilities', 'add')).includes('CAP_SYS_ADMIN'))
        yield refuse(escalation, 'must not be false with the capability CAP_SYS_ADMIN', node)
    },
  )
}

const WINDOWS_POD = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace']
const WINDOWS_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const WINDOWS_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

/** What is of one operating system must not be set for the other. */
export function* checkSystem(podSpec: Node, containers: readonly Node[]): Iterable<ApiFault> {
  const os = get(podSpec, 'os')
  if (!isSet(os)) return
  const name = get(os, 'name')
  if (textOf(name) === '') yield missing(name, 'linux or windows')
  else if (textOf(name) === 'linux') {
    for (const holder of [podSpec, ...containers]) {
      const options = get(holder, 'securityContext', 'windowsOptions')
      if (isSet(options)) yield refuse(options, 'must not be set for a Linux pod')
    }
  } else if (textOf(name) === 'windows') {
    const isUsed = (node: Node): boolean =>
      isSet(node) && node.value !== false && !(Array.isArray(node.value) && node.value.length === 0)
    for (const field of WINDOWS_POD) {
      const node = get(podSpec, field)
      const isPointer = field === 'hostUsers' || field === 'shareProcessNamespace'
      if (isPointer ? isSet(node) : isUsed(node)) yield refuse(node, 'must not be set for a Windows pod')
    }
    const context = (holder: Node, fields: readonly string[]): ApiFault[] =>
      fields
        .map(field => get(holder, 'securityContext', field))
        .filter(node => (node.key === 'sysctls' ? isUsed(node) : isSet(node)))
        .map(node => refuse(node, 'must not be set for a Windows pod'))
    yield* context(podSpec, WINDOWS_CONTEXT)
    for (const container of containers) yield* context(container, WINDOWS_CONTAINER)
  } else yield choose(name, ['linux', 'windows'], os)
}

/** Containers of Windows that run on the host: all of a pod or none. */
export function* checkHostProcess(podSpec: Node, containers: readonly Node[]): Iterable<ApiFault> {
  const ofPod = get(podSpec, 'securityContext', 'windowsOptions', 'hostProcess')
  let count = 0
  for (const container of containers) {
    const own = get(container, 'securityContext', 'windowsOptions', 'hostProcess')
    if (isSet(ofPod) && isSet(own) && ofPod.value !== own.value)
      yield refuse(own, 'must be the same as that of the pod')
    if (isTrue(own) || (!isSet(own) && isTrue(ofPod))) count++
  }
  if (count === 0) return
  if (count !== containers.length) yield refuse(podSpec, 'must have hostProcess for all containers or for none')
  if (!isTrue(get(podSpec, 'hostNetwork')))
    yield refuse(get(podSpec, 'hostNetwork'), 'must be true where containers are host processes')
}

const FORBIDDEN_WITHOUT_HOST_USERS = [
  ['hostNetwork', 'hostNetwork'],
  ['hostPID', 'HostPID'],
  ['hostIPC', 'HostIPC'],
] as const

/** A pod with users of its own does not share the host's other spaces. */
export function* checkOwnUsers(podSpec: Node, containers: readonly Node[]): Iterable<ApiFault> {
  if (get(podSpec, 'hostUsers').value !== false) return
  for (const [field, name] of FORBIDDEN_WITHOUT_HOST_USERS) {
    const node = get(podSpec, field)
    if (isTrue(node))
      yield refuse(node, 'must not be true where hostUsers is false', name === field ? node : { ...node, key: name })
  }
  for (const container of containers) {
    const devices = get(container, 'volumeDevices')
    if (itemsOf(devices).length > 0) yield refuse(devices, 'must not be set where hostUsers is false')
  }
}
