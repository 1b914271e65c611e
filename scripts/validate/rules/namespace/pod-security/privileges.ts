// What the processes of a pod may do: capabilities, users, and the profiles that confine them.
import { listAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import {
  annotationsOf,
  containersOf,
  context,
  type Finder,
  holdersOf,
  inContainers,
  inContext,
  isThere,
} from './pod-view.ts'

export const CAPABILITIES = [
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

export const addedCapabilities =
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

export const restrictedCapabilities: Finder = pod => [
  ...droppedCapabilities(pod),
  ...addedCapabilities(['NET_BIND_SERVICE'])(pod),
]

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'

export const appArmor: Finder = pod => [
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
export const seccompAnnotations: Finder = pod => {
  const keys = new Set([
    SECCOMP_POD,
    ...containersOf(pod).map(({ value }) => `${SECCOMP_CONTAINER}${stringAt(value, ['name']) ?? ''}`),
  ])
  return annotationsOf(pod)
    .filter(([key, value]) => keys.has(key) && !/^(runtime\/default|docker\/default|localhost\/.*)$/s.test(value))
    .map(([key]) => [['metadata', 'annotations', key], 'must be runtime/default or localhost/<profile>'])
}

export const badSeccomp: Finder = pod =>
  holdersOf(pod)
    .filter(
      ({ value }) => isThere(context(value, 'seccompProfile')) && !isProfile(context(value, 'seccompProfile', 'type')),
    )
    .map(({ path }) => [inContext(path, 'seccompProfile', 'type'), 'must be RuntimeDefault or Localhost'])

export const requiredSeccomp: Finder = pod => {
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

export const seLinux =
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

export const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t']

export const nonRoot: Finder = pod => {
  const explicit = holdersOf(pod)
    .filter(({ value }) => context(value, 'runAsNonRoot') === false)
    .map(({ path }) => [inContext(path, 'runAsNonRoot'), 'must be true'] as const)
  if (explicit.length > 0 || context(pod.spec, 'runAsNonRoot') === true) return explicit
  return containersOf(pod)
    .filter(({ value }) => !isThere(context(value, 'runAsNonRoot')))
    .map(({ path }) => [inContext(path, 'runAsNonRoot'), 'must be true, here or for the pod'])
}

export const rootUser: Finder = pod =>
  holdersOf(pod)
    .filter(({ value }) => context(value, 'runAsUser') === 0)
    .map(({ path }) => [inContext(path, 'runAsUser'), 'must not be 0'])

export const escalation = inContainers(['allowPrivilegeEscalation'], value => value !== false, 'must be false')
