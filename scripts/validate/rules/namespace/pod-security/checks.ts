// What Pod Security asks of a pod at each level and policy version, one check a row, as the admission plugin decides it.
// Source: k8s.io/pod-security-admission, package policy.
import { listAt, mappingAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** A pod as it is written: `metadata` and `spec`, of a Pod or of a template. */
export interface PodView {
  readonly metadata: unknown
  readonly spec: unknown
}

export interface Violation {
  readonly check: string
  /** From the pod on: `spec`, `containers`, 0, ... */
  readonly path: FieldPath
  /** What the field must be, as the end of a sentence. */
  readonly text: string
}

type Found = readonly [path: FieldPath, text: string]
type Finder = (pod: PodView) => readonly Found[]

interface Check {
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** The check of the other level that this one says more strictly. */
  readonly overrides?: string
  /** From which minor version on it is decided in which way, oldest first. */
  readonly since: readonly (readonly [minor: number, find: Finder])[]
}

interface Container {
  readonly path: FieldPath
  readonly value: unknown
}

function containersOf({ spec }: PodView): readonly Container[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap(list =>
    listAt(spec, [list]).map((value, index) => ({ path: ['spec', list, index], value })),
  )
}

const context = (holder: unknown, ...path: FieldPath): unknown => valueAt(holder, ['securityContext', ...path])

const inContext = (holder: FieldPath, ...path: FieldPath): FieldPath => [...holder, 'securityContext', ...path]

/** The pod's own security context and those of its containers. */
const holdersOf = (pod: PodView): readonly Container[] => [{ path: ['spec'], value: pod.spec }, ...containersOf(pod)]

const isWindows = ({ spec }: PodView): boolean => stringAt(spec, ['os', 'name']) === 'windows'
const hasOwnUsers = ({ spec }: PodView): boolean => valueAt(spec, ['hostUsers']) === false

const unlessWindows =
  (find: Finder): Finder =>
  pod =>
    isWindows(pod) ? [] : find(pod)
const unlessOwnUsers =
  (find: Finder): Finder =>
  pod =>
    hasOwnUsers(pod) ? [] : find(pod)

/** Containers whose field fails a test. */
const inContainers =
  (path: FieldPath, isBad: (value: unknown) => boolean, text: string): Finder =>
  pod =>
    containersOf(pod)
      .filter(({ value }) => isBad(context(value, ...path)))
      .map(container => [inContext(container.path, ...path), text])

const hostNamespaces: Finder = ({ spec }) =>
  ['hostNetwork', 'hostPID', 'hostIPC']
    .filter(field => valueAt(spec, [field]) === true)
    .map(field => [['spec', field], 'must not be true'])

const hostPathVolumes: Finder = ({ spec }) =>
  listAt(spec, ['volumes']).flatMap((volume, index) =>
    isThere(valueAt(volume, ['hostPath']))
      ? [[['spec', 'volumes', index, 'hostPath'], 'must not be used'] as const]
      : [],
  )

const VOLUME_TYPES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/** A volume without a type is an emptyDir. */
const restrictedVolumes: Finder = ({ spec }) =>
  listAt(spec, ['volumes']).flatMap((volume, index) => {
    const types = Object.entries(mappingAt(volume, []) ?? {}).filter(([key, value]) => key !== 'name' && isThere(value))
    const isFine = types.length === 0 || types.some(([type]) => VOLUME_TYPES.includes(type))
    return isFine
      ? []
      : [[['spec', 'volumes', index, types[0]?.[0] ?? 'name'], `must be one of ${VOLUME_TYPES.join(', ')}`] as const]
  })

const hostPorts: Finder = pod =>
  containersOf(pod).flatMap(({ path, value }) =>
    listAt(value, ['ports']).flatMap((port, index) => {
      const hostPort = valueAt(port, ['hostPort'])
      return isThere(hostPort) && hostPort !== 0
        ? [[[...path, 'ports', index, 'hostPort'], 'must not be set'] as const]
        : []
    }),
  )

const HANDLERS = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
]

const handlerHosts: Finder = pod =>
  containersOf(pod).flatMap(({ path, value }) =>
    HANDLERS.flatMap(handler =>
      ['httpGet', 'tcpSocket']
        .map(action => [...handler, action, 'host'])
        .filter(host => (stringAt(value, host) ?? '') !== '')
        .map(host => [[...path, ...host], 'must not be set: the node calls that host'] as const),
    ),
  )

const CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const addedCapabilities =
  (allowed: readonly string[]): Finder =>
  pod =>
    containersOf(pod).flatMap(({ path, value }) =>
      listAt(value, ['securityContext', 'capabilities', 'add']).flatMap((capability, index) =>
        allowed.includes(String(capability))
          ? []
          : [
              [
                inContext(path, 'capabilities', 'add', index),
                `must not be ${String(capability)}: allowed ${allowed.length === 1 ? 'is' : 'are'} ${allowed.join(', ')}`,
              ] as const,
            ],
      ),
    )

const droppedCapabilities: Finder = pod =>
  containersOf(pod)
    .filter(({ value }) => !listAt(value, ['securityContext', 'capabilities', 'drop']).includes('ALL'))
    .map(({ path }) => [inContext(path, 'capabilities', 'drop'), 'must have ALL'])

const restrictedCapabilities: Finder = pod => [
  ...droppedCapabilities(pod),
  ...addedCapabilities(['NET_BIND_SERVICE'])(pod),
]

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'

const appArmor: Finder = pod => [
  ...holdersOf(pod)
    .filter(
      ({ value }) =>
        isThere(context(value, 'appArmorProfile')) && !isProfile(context(value, 'appArmorProfile', 'type')),
    )
    .map(({ path }) => [inContext(path, 'appArmorProfile', 'type'), 'must be RuntimeDefault or Localhost'] as const),
  ...annotationsOf(pod)
    .filter(([key, value]) => key.startsWith(APPARMOR) && !/^(|runtime\/default|localhost\/.*)$/s.test(value))
    .map(([key]) => [['metadata', 'annotations', key], 'must be runtime/default or localhost/<profile>'] as const),
]

const isProfile = (type: unknown): boolean => type === 'RuntimeDefault' || type === 'Localhost'

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'

/** Before 1.19 profiles were annotations. */
const seccompAnnotations: Finder = pod => {
  const keys = new Set([
    SECCOMP_POD,
    ...containersOf(pod).map(({ value }) => `${SECCOMP_CONTAINER}${stringAt(value, ['name']) ?? ''}`),
  ])
  return annotationsOf(pod)
    .filter(([key, value]) => keys.has(key) && !/^(runtime\/default|docker\/default|localhost\/.*)$/s.test(value))
    .map(([key]) => [['metadata', 'annotations', key], 'must be runtime/default or localhost/<profile>'])
}

const badSeccomp: Finder = pod =>
  holdersOf(pod)
    .filter(
      ({ value }) => isThere(context(value, 'seccompProfile')) && !isProfile(context(value, 'seccompProfile', 'type')),
    )
    .map(({ path }) => [inContext(path, 'seccompProfile', 'type'), 'must be RuntimeDefault or Localhost'])

const requiredSeccomp: Finder = pod => {
  const bad = badSeccomp(pod)
  const ofPod = context(pod.spec, 'seccompProfile')
  if (bad.length > 0 || (isThere(ofPod) && isProfile(valueAt(ofPod, ['type'])))) return bad
  return containersOf(pod)
    .filter(({ value }) => !isThere(context(value, 'seccompProfile')))
    .map(({ path }) => [
      inContext(path, 'seccompProfile', 'type'),
      'must be RuntimeDefault or Localhost, here or for the pod',
    ])
}

const seLinux =
  (types: readonly string[]): Finder =>
  pod =>
    holdersOf(pod).flatMap(({ path, value }) => {
      const options = context(value, 'seLinuxOptions')
      const at = (field: string): FieldPath => inContext(path, 'seLinuxOptions', field)
      const type = stringAt(options, ['type']) ?? ''
      return [
        ...(types.includes(type) ? [] : [[at('type'), `must be one of ${types.filter(Boolean).join(', ')}`] as const]),
        ...['user', 'role']
          .filter(field => (stringAt(options, [field]) ?? '') !== '')
          .map(field => [at(field), 'must not be set'] as const),
      ]
    })

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t']

const sysctls =
  (allowed: readonly string[]): Finder =>
  ({ spec }) =>
    listAt(spec, ['securityContext', 'sysctls']).flatMap((sysctl, index) => {
      const name = stringAt(sysctl, ['name']) ?? ''
      return allowed.includes(name)
        ? []
        : [[['spec', 'securityContext', 'sysctls', index, 'name'], `must be one of ${allowed.join(', ')}`] as const]
    })

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports']
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']
/** Of the next version: for namespaces that name it, and not for those that say latest. */
const SYSCTLS_37 = [...SYSCTLS_32, 'net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat']

const hostProcess: Finder = pod =>
  holdersOf(pod)
    .filter(({ value }) => context(value, 'windowsOptions', 'hostProcess') === true)
    .map(({ path }) => [inContext(path, 'windowsOptions', 'hostProcess'), 'must not be true'])

const procMount = inContainers(['procMount'], value => isThere(value) && value !== 'Default', 'must be Default')

const nonRoot: Finder = pod => {
  const explicit = holdersOf(pod)
    .filter(({ value }) => context(value, 'runAsNonRoot') === false)
    .map(({ path }) => [inContext(path, 'runAsNonRoot'), 'must be true'] as const)
  if (explicit.length > 0 || context(pod.spec, 'runAsNonRoot') === true) return explicit
  return containersOf(pod)
    .filter(({ value }) => !isThere(context(value, 'runAsNonRoot')))
    .map(({ path }) => [inContext(path, 'runAsNonRoot'), 'must be true, here or for the pod'])
}

const rootUser: Finder = pod =>
  holdersOf(pod)
    .filter(({ value }) => context(value, 'runAsUser') === 0)
    .map(({ path }) => [inContext(path, 'runAsUser'), 'must not be 0'])

const escalation = inContainers(['allowPrivilegeEscalation'], value => value !== false, 'must be false')

const CHECKS: readonly Check[] = [
  {
    id: 'privileged',
    level: 'baseline',
    since: [[0, inContainers(['privileged'], value => value === true, 'must not be true')]],
  },
  { id: 'hostNamespaces', level: 'baseline', since: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', level: 'baseline', since: [[0, hostPathVolumes]] },
  { id: 'hostPorts', level: 'baseline', since: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', since: [[34, handlerHosts]] },
  { id: 'capabilities_baseline', level: 'baseline', since: [[0, addedCapabilities(CAPABILITIES)]] },
  { id: 'appArmorProfile', level: 'baseline', since: [[0, appArmor]] },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    since: [
      [0, seccompAnnotations],
      [19, badSeccomp],
    ],
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    since: [
      [0, seLinux(SELINUX_TYPES)],
      [31, seLinux([...SELINUX_TYPES, 'container_engine_t'])],
    ],
  },
  {
    id: 'procMount',
    level: 'baseline',
    since: [
      [0, procMount],
      [35, unlessOwnUsers(procMount)],
    ],
  },
  {
    id: 'sysctls',
    level: 'baseline',
    since: [
      [0, sysctls(SYSCTLS)],
      [27, sysctls(SYSCTLS_27)],
      [29, sysctls(SYSCTLS_29)],
      [32, sysctls(SYSCTLS_32)],
      [37, sysctls(SYSCTLS_37)],
    ],
  },
  { id: 'windowsHostProcess', level: 'baseline', since: [[0, hostProcess]] },
  { id: 'restrictedVolumes', level: 'restricted', overrides: 'hostPathVolumes', since: [[0, restrictedVolumes]] },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: [
      [8, escalation],
      [25, unlessWindows(escalation)],
    ],
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    since: [
      [0, nonRoot],
      [35, unlessOwnUsers(nonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    since: [
      [23, rootUser],
      [35, unlessOwnUsers(rootUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    overrides: 'seccompProfile_baseline',
    since: [
      [19, requiredSeccomp],
      [25, unlessWindows(requiredSeccomp)],
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    overrides: 'capabilities_baseline',
    since: [
      [22, restrictedCapabilities],
      [25, unlessWindows(restrictedCapabilities)],
    ],
  },
  { id: 'procMount_restricted', level: 'restricted', overrides: 'procMount', since: [[35, procMount]] },
]

/** All that a pod has against a level of a policy version: the minor number of Kubernetes 1. */
export function findViolations(level: Level, minor: number, pod: PodView): readonly Violation[] {
  if (level === 'privileged') return []
  const active = CHECKS.flatMap(check => {
    const find = check.since.findLast(([since]) => since <= minor)?.[1]
    return find && (level === 'restricted' || check.level === 'baseline') ? [{ ...check, find }] : []
  })
  const overridden = new Set(active.map(({ overrides }) => overrides))
  return active
    .filter(({ id }) => !overridden.has(id))
    .flatMap(({ id, find }) => find(pod).map(([path, text]) => ({ check: id, path, text })))
}

/** What `latest` is to the API server of Kubernetes 1.36: it does not know what later versions decide. */
export const LATEST_MINOR = 36

/** `latest` and `v1.N`; undefined where it cannot be read, which the server refuses of a Namespace. */
export function readVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === 'latest') return LATEST_MINOR
  const minor = /^v1\.(0|[1-9]\d{0,8})$/.exec(text)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

const annotationsOf = ({ metadata }: PodView): readonly (readonly [string, string])[] =>
  Object.entries(mappingAt(metadata, ['annotations']) ?? {}).map(([key, value]) => [key, String(value ?? '')])

const isThere = (value: unknown): boolean => value !== undefined && value !== null
