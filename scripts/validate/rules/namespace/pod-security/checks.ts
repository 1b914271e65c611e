// What Pod Security asks of a pod at each level and policy version, one check a row, as the admission plugin decides it.
// Source: k8s.io/pod-security-admission, package policy.
import type { FieldPath } from '../../../../tree/model/place.ts'
import {
  handlerHosts,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProcess,
  procMount,
  restrictedVolumes,
  SYSCTLS,
  SYSCTLS_27,
  SYSCTLS_29,
  SYSCTLS_32,
  SYSCTLS_37,
  sysctls,
} from './host.ts'
import { type Finder, inContainers, type PodView, unlessOwnUsers, unlessWindows } from './pod-view.ts'
import {
  addedCapabilities,
  appArmor,
  badSeccomp,
  CAPABILITIES,
  escalation,
  nonRoot,
  requiredSeccomp,
  restrictedCapabilities,
  rootUser,
  SELINUX_TYPES,
  seccompAnnotations,
  seLinux,
} from './privileges.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

export interface Violation {
  readonly check: string
  /** From the pod on: `spec`, `containers`, 0, ... */
  readonly path: FieldPath
  /** What the field must be, as the end of a sentence. */
  readonly text: string
}

interface Check {
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** The check of the other level that this one says more strictly. */
  readonly overrides?: string
  /** From which minor version on it is decided in which way, oldest first. */
  readonly since: readonly (readonly [minor: number, find: Finder])[]
}

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
