// What a pod takes of its node: namespaces, paths, ports, processes, and kernel settings.
import { listAt, mappingAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { containersOf, context, type Finder, holdersOf, inContainers, inContext, isThere } from './pod-view.ts'

export const hostNamespaces: Finder = ({ spec }) =>
  ['hostNetwork', 'hostPID', 'hostIPC']
    .filter(field => valueAt(spec, [field]) === true)
    .map(field => [['spec', field], 'must not be true'])

export const hostPathVolumes: Finder = ({ spec }) =>
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
export const restrictedVolumes: Finder = ({ spec }) =>
  listAt(spec, ['volumes']).flatMap((volume, index) => {
    const types = Object.entries(mappingAt(volume, []) ?? {}).filter(([key, value]) => key !== 'name' && isThere(value))
    const isFine = types.length === 0 || types.some(([type]) => VOLUME_TYPES.includes(type))
    return isFine
      ? []
      : [[['spec', 'volumes', index, types[0]?.[0] ?? 'name'], `must be one of ${VOLUME_TYPES.join(', ')}`] as const]
  })

export const hostPorts: Finder = pod =>
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

export const handlerHosts: Finder = pod =>
  containersOf(pod).flatMap(({ path, value }) =>
    HANDLERS.flatMap(handler =>
      ['httpGet', 'tcpSocket']
        .map(action => [...handler, action, 'host'])
        .filter(host => (stringAt(value, host) ?? '') !== '')
        .map(host => [[...path, ...host], 'must not be set: the node calls that host'] as const),
    ),
  )

export const sysctls =
  (allowed: readonly string[]): Finder =>
  ({ spec }) =>
    listAt(spec, ['securityContext', 'sysctls']).flatMap((sysctl, index) => {
      const name = stringAt(sysctl, ['name']) ?? ''
      return allowed.includes(name)
        ? []
        : [[['spec', 'securityContext', 'sysctls', index, 'name'], `must be one of ${allowed.join(', ')}`] as const]
    })

export const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]

export const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports']

export const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]

export const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

/** Of the next version: for namespaces that name it, and not for those that say latest. */
export const SYSCTLS_37 = [...SYSCTLS_32, 'net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat']

export const hostProcess: Finder = pod =>
  holdersOf(pod)
    .filter(({ value }) => context(value, 'windowsOptions', 'hostProcess') === true)
    .map(({ path }) => [inContext(path, 'windowsOptions', 'hostProcess'), 'must not be true'])

export const procMount = inContainers(['procMount'], value => isThere(value) && value !== 'Default', 'must be Default')
