// One row a decision of the admission plugin: what a pod has, and which versions of which level refuse it for what.
import { expect, test } from 'vitest'
import { findViolations, LATEST_MINOR as LATEST, type Level, readVersion } from './checks.ts'

const SOUND = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}

type Row = readonly [
  what: string,
  context: object,
  spec: object,
  level: Level,
  minor: number,
  checks: readonly string[],
  annotations?: Record<string, string>,
]

const ROWS: readonly Row[] = [
  ['a sound container', {}, {}, 'restricted', LATEST, []],
  ['anything at all', { privileged: true }, { hostPID: true }, 'privileged', LATEST, []],
  ['privileged', { privileged: true }, {}, 'baseline', 0, ['privileged']],
  [
    'the namespaces of the host',
    {},
    { hostPID: true, hostIPC: true },
    'baseline',
    0,
    ['hostNamespaces', 'hostNamespaces'],
  ],
  ['a path of the host', {}, { volumes: [{ name: 'a', hostPath: {} }] }, 'baseline', 0, ['hostPathVolumes']],
  [
    'the same where the stricter check says it',
    {},
    { volumes: [{ name: 'a', hostPath: {} }] },
    'restricted',
    0,
    ['restrictedVolumes'],
  ],
  ['a volume of a server', {}, { volumes: [{ name: 'a', nfs: {} }] }, 'baseline', LATEST, []],
  ['the same', {}, { volumes: [{ name: 'a', nfs: {} }] }, 'restricted', LATEST, ['restrictedVolumes']],
  ['a volume that says no type', {}, { volumes: [{ name: 'a' }] }, 'restricted', LATEST, []],
  ['a default capability', { capabilities: { drop: ['ALL'], add: ['CHOWN'] } }, {}, 'baseline', LATEST, []],
  ['the same', { capabilities: { drop: ['ALL'], add: ['CHOWN'] } }, {}, 'restricted', 22, ['capabilities_restricted']],
  ['the same before there was a check', { capabilities: { add: ['CHOWN'] } }, {}, 'restricted', 21, []],
  ['capabilities on Windows', { capabilities: {} }, { os: { name: 'windows' } }, 'restricted', 25, []],
  [
    'the same before it was asked for',
    { capabilities: {} },
    { os: { name: 'windows' } },
    'restricted',
    24,
    ['capabilities_restricted'],
  ],
  [
    'a capability in another spelling',
    { capabilities: { add: ['chown'] } },
    {},
    'baseline',
    LATEST,
    ['capabilities_baseline'],
  ],
  ['no word of escalation', { allowPrivilegeEscalation: undefined }, {}, 'restricted', 8, ['allowPrivilegeEscalation']],
  ['the same before it was asked for', { allowPrivilegeEscalation: undefined }, {}, 'restricted', 7, []],
  ['no word of root', { runAsNonRoot: undefined }, {}, 'restricted', LATEST, ['runAsNonRoot']],
  [
    'a word of the pod',
    { runAsNonRoot: undefined },
    { securityContext: { runAsNonRoot: true } },
    'restricted',
    LATEST,
    [],
  ],
  [
    'a container that says otherwise',
    { runAsNonRoot: false },
    { securityContext: { runAsNonRoot: true } },
    'restricted',
    LATEST,
    ['runAsNonRoot'],
  ],
  ['users of its own', { runAsNonRoot: undefined }, { hostUsers: false }, 'restricted', 35, []],
  [
    'the same before they counted',
    { runAsNonRoot: undefined },
    { hostUsers: false },
    'restricted',
    34,
    ['runAsNonRoot'],
  ],
  ['root', { runAsUser: 0 }, {}, 'restricted', 23, ['runAsUser']],
  ['the same before it was asked for', { runAsUser: 0 }, {}, 'restricted', 22, []],
  ['no profile', { seccompProfile: undefined }, {}, 'restricted', 19, ['seccompProfile_restricted']],
  [
    'a profile of the pod',
    { seccompProfile: undefined },
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    'restricted',
    LATEST,
    [],
  ],
  ['an open profile', { seccompProfile: { type: 'Unconfined' } }, {}, 'baseline', 19, ['seccompProfile_baseline']],
  ['the same before it was a field', { seccompProfile: { type: 'Unconfined' } }, {}, 'baseline', 18, []],
  [
    'an annotation',
    {},
    {},
    'baseline',
    18,
    ['seccompProfile_baseline'],
    { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
  ],
  [
    'an annotation of a container',
    {},
    {},
    'baseline',
    0,
    ['appArmorProfile'],
    { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' },
  ],
  ['a field of AppArmor', { appArmorProfile: { type: 'Unconfined' } }, {}, 'baseline', 0, ['appArmorProfile']],
  ['a type of SELinux', { seLinuxOptions: { type: 'container_engine_t' } }, {}, 'baseline', 31, []],
  [
    'the same before it was one',
    { seLinuxOptions: { type: 'container_engine_t' } },
    {},
    'baseline',
    30,
    ['seLinuxOptions'],
  ],
  [
    'a user and a role of SELinux',
    { seLinuxOptions: { user: 'a', role: 'b' } },
    {},
    'baseline',
    0,
    ['seLinuxOptions', 'seLinuxOptions'],
  ],
  ['a proc mount', { procMount: 'Unmasked' }, { hostUsers: false }, 'baseline', 35, []],
  ['the same', { procMount: 'Unmasked' }, { hostUsers: false }, 'restricted', 35, ['procMount_restricted']],
  ['the same before', { procMount: 'Unmasked' }, { hostUsers: false }, 'baseline', 34, ['procMount']],
  ['a sysctl', {}, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] } }, 'baseline', 32, []],
  [
    'the same before it was safe',
    {},
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] } },
    'baseline',
    31,
    ['sysctls'],
  ],
  [
    'a sysctl of the next version',
    {},
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_notsent_lowat' }] } },
    'baseline',
    37,
    [],
  ],
  [
    'the same in the latest that the server knows',
    {},
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_notsent_lowat' }] } },
    'baseline',
    LATEST,
    ['sysctls'],
  ],
  ['a process of the host', { windowsOptions: { hostProcess: true } }, {}, 'baseline', 0, ['windowsHostProcess']],
]

test.each(ROWS.map(row => [row[0], row] as const))('%s', (_, [, context, spec, level, minor, checks, annotations]) => {
  const container = { name: 'main', securityContext: { ...SOUND, ...context } }
  const pod = { metadata: { annotations }, spec: { ...spec, containers: [container] } }
  expect(findViolations(level, minor, pod).map(({ check }) => check)).toEqual(checks)
})

test.each(['initContainers', 'ephemeralContainers'])('%s are containers', list => {
  const pod = { metadata: {}, spec: { containers: [], [list]: [{ name: 'a', securityContext: { privileged: true } }] } }
  expect(findViolations('baseline', LATEST, pod)).toEqual([
    { check: 'privileged', path: ['spec', list, 0, 'securityContext', 'privileged'], text: 'must not be true' },
  ])
})

test.each([
  [
    'ports',
    {
      ports: [
        { containerPort: 1, hostPort: 0 },
        { containerPort: 2, hostPort: 2 },
      ],
    },
    0,
    ['hostPorts'],
  ],
  ['a probe', { livenessProbe: { httpGet: { host: '10.0.0.1' } } }, 34, ['hostProbesAndHostLifecycle']],
  ['a probe before', { livenessProbe: { httpGet: { host: '10.0.0.1' } } }, 33, []],
  ['a hook', { lifecycle: { preStop: { tcpSocket: { host: 'a' } } } }, LATEST, ['hostProbesAndHostLifecycle']],
])('%s of a container', (_, container, minor, checks) => {
  const pod = { metadata: {}, spec: { containers: [container] } }
  expect(findViolations('baseline', minor, pod).map(({ check }) => check)).toEqual(checks)
})

test.each([
  [undefined, LATEST],
  ['latest', LATEST],
  ['v1.0', 0],
  ['v1.36', 36],
  ['1.36', undefined],
  ['v1.036', undefined],
  ['v2.0', undefined],
])('version %s', (text, minor) => {
  expect(readVersion(text)).toBe(minor)
})
