// What a container may do beyond what it needs, as kube-linter, kube-score and polaris agree on it.
import { listAt, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isPlaceholder, parseImageReference } from '../../../tree/model/image-reference.ts'
import type { Found, Practice } from './practice.ts'
import { type ContainerView, isPrivileged, type PodView, securityOf } from './pod-view.ts'

const inContext = ({ path }: ContainerView, ...field: readonly string[]) => [...path, 'securityContext', ...field]

/** Pods of their own users have no root of the node in them. */
const hasOwnUsers = ({ spec }: PodView): boolean => valueAt(spec, ['hostUsers']) === false

function findTag(container: ContainerView): Found | undefined {
  const image = stringAt(container.value, ['image']) ?? ''
  if (image === '' || isPlaceholder(image)) return undefined
  const reference = parseImageReference(image)
  if ('fault' in reference || reference.digest !== undefined) return undefined
  const { tag, repository } = reference
  if (tag !== undefined && tag !== 'latest') return undefined
  const what = tag === undefined ? 'without a tag' : 'with the tag latest'
  return {
    path: [...container.path, 'image'],
    message: `container ${container.name} runs ${repository} ${what}: what runs changes without a commit, and no commit brings it back; write a version, as ${repository}:1.2.3`,
    values: [image],
  }
}

function mayRunAsRoot(container: ContainerView, pod: PodView): boolean {
  const user = securityOf(container, pod, 'runAsUser')
  if (user === 0) return true
  return securityOf(container, pod, 'runAsNonRoot') !== true && typeof user !== 'number'
}

/** One line for the pod mends it where no container says anything of its own. */
function* findRoot(pod: PodView): Generator<Found> {
  if (pod.isWindows || hasOwnUsers(pod)) return
  const bad = pod.containers.filter(container => mayRunAsRoot(container, pod))
  const say = 'as root: whoever breaks out of it is root on the node; write runAsNonRoot: true and a runAsUser'
  const names = bad.map(({ name }) => name)
  if (bad.length === pod.containers.length && !bad.some(saysUser)) {
    const who = `container${bad.length === 1 ? '' : 's'} ${names.join(', ')}`
    const field = userField(pod.spec)
    yield { path: [...pod.specPath, 'securityContext', field], message: `${who} may run ${say}`, values: names }
    return
  }
  for (const container of bad) {
    const message = `container ${container.name} may run ${say}`
    yield { path: inContext(container, userField(container.value)), message, values: [container.name] }
  }
}

const userField = (holder: unknown): string =>
  valueAt(holder, ['securityContext', 'runAsUser']) === 0 ? 'runAsUser' : 'runAsNonRoot'

const saysUser = ({ value }: ContainerView): boolean =>
  ['runAsUser', 'runAsNonRoot'].some(field => valueAt(value, ['securityContext', field]) !== undefined)

export const SECURITY: readonly Practice[] = [
  {
    id: 'latest-tag',
    preset: 'strict',
    summary: 'A container runs an image without a version.',
    why: 'What runs is then decided by the registry at the moment a pod starts: two pods differ, and a revert brings nothing back.',
    remediation: 'Write the tag of a release, or a digest.',
    source: 'kube-linter latest-tag, kube-score container-image-tag, polaris tagNotSpecified',
    of: 'containers',
    find: findTag,
  },
  {
    id: 'privileged-container',
    summary: 'A container is privileged.',
    why: 'It sees all devices and may do everything on the node: whoever takes over the container has the node and its other pods.',
    remediation: 'Delete privileged: true, and add the one capability that is needed.',
    source:
      'kube-linter privileged-container, kube-score container-security-context-privileged, polaris runAsPrivileged',
    toldBy: [{ rule: 'pod-security', about: ['privileged'] }],
    sparesNodeAgents: true,
    of: 'containers',
    find(container) {
      if (!isPrivileged(container)) return undefined
      const message = `container ${container.name} is privileged: whoever takes it over has the node; delete it, or add the one capability that is needed`
      return { path: inContext(container, 'privileged'), message, values: [] }
    },
  },
  {
    id: 'privilege-escalation-container',
    preset: 'strict',
    summary: 'A process of a container may gain more rights than it was started with.',
    why: 'A set-uid program in the image makes root of any user, which runAsNonRoot does not prevent.',
    remediation: 'Write allowPrivilegeEscalation: false.',
    source: 'kube-linter privilege-escalation-container, polaris privilegeEscalationAllowed',
    toldBy: [{ rule: 'pod-security', about: ['allowPrivilegeEscalation'] }],
    sparesNodeAgents: true,
    of: 'containers',
    find(container, pod) {
      const value = valueAt(container.value, ['securityContext', 'allowPrivilegeEscalation'])
      // A privileged container cannot do without it.
      if (value === false || pod.isWindows || isPrivileged(container)) return undefined
      const what = value === true ? 'allows' : 'does not forbid'
      const message = `container ${container.name} ${what} processes to gain rights: a set-uid program makes root of any user; write allowPrivilegeEscalation: false`
      return { path: inContext(container, 'allowPrivilegeEscalation'), message, values: [] }
    },
  },
  {
    id: 'run-as-non-root',
    preset: 'strict',
    summary: 'A container may run as root.',
    why: 'Root in a container is root on the node for whatever escapes from it: a mount, a socket, a fault of the kernel.',
    remediation: 'Write runAsNonRoot: true and a runAsUser that is a number.',
    source:
      'kube-linter run-as-non-root, kube-score container-security-context-user-group-id, polaris runAsRootAllowed',
    toldBy: [{ rule: 'pod-security', about: ['runAsNonRoot', 'runAsUser'] }],
    sparesNodeAgents: true,
    of: 'pods',
    find: findRoot,
  },
  {
    id: 'no-read-only-root-fs',
    preset: 'strict',
    summary: 'A container can write to its own image.',
    why: 'Whoever takes it over can put programs into it; and what is written there is lost with the pod, unseen.',
    remediation: 'Write readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.',
    source:
      'kube-linter no-read-only-root-fs, kube-score container-security-context-readonlyrootfilesystem, polaris notReadOnlyRootFilesystem',
    of: 'containers',
    find(container, pod) {
      if (pod.isWindows || valueAt(container.value, ['securityContext', 'readOnlyRootFilesystem']) === true)
        return undefined
      const message = `container ${container.name} can write to its root filesystem: an intruder can add programs; write readOnlyRootFilesystem: true, and mount an emptyDir where it writes`
      return { path: inContext(container, 'readOnlyRootFilesystem'), message, values: [] }
    },
  },
  {
    id: 'drop-all-capabilities',
    preset: 'strict',
    summary: 'A container keeps capabilities of the kernel that it was not given on purpose.',
    why: 'Of the dozen that a container has by default, some change owners of files or send raw packets; hardly any program needs one.',
    remediation: 'Write capabilities: { drop: [ALL] }, and add the one that is needed.',
    source: 'kube-linter drop-net-raw-capability, polaris insecureCapabilities, Pod Security restricted',
    toldBy: [{ rule: 'pod-security', about: ['capabilities_restricted'] }],
    sparesNodeAgents: true,
    of: 'containers',
    find(container, pod) {
      const dropped = listAt(container.value, ['securityContext', 'capabilities', 'drop'])
      const isDropped = dropped.some(one => String(one).toUpperCase() === 'ALL')
      if (isDropped || pod.isWindows || isPrivileged(container)) return undefined
      const message = `container ${container.name} keeps the capabilities of the runtime: raw packets and changes of owners are open to an intruder; write capabilities: { drop: [ALL] }`
      return { path: inContext(container, 'capabilities', 'drop'), message, values: [] }
    },
  },
]
