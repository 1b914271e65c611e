// What a pod shares with the node that it runs on.
import { listAt, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { Found, Practice } from './practice.ts'
import type { PodView } from './pod-view.ts'

/** Sockets of container runtimes: who may write to one starts any container, as root. */
const SOCKET =
  /^\/(?:var\/)?run\/(?:docker|podman\/podman|containerd\/containerd|crio\/crio|cri-dockerd|k3s\/containerd\/containerd)\.sock$/
const SENSITIVE = /^\/(?:|(?:boot|dev|etc|lib|proc|root|sys|usr)|etc\/kubernetes(?:\/pki)?)$/

function* findMounts(pod: PodView, isMeant: (path: string) => boolean, say: (isReadOnly: boolean) => string) {
  for (const [index, volume] of listAt(pod.spec, ['volumes']).entries()) {
    const written = stringAt(volume, ['hostPath', 'path'])
    const path = written?.replace(/\/+/g, '/').replace(/(.)\/$/, '$1')
    if (path === undefined || !isMeant(path)) continue
    const name = stringAt(volume, ['name'])
    const mounts = pod.containers.flatMap(({ name: user, value }) =>
      listAt(value, ['volumeMounts'])
        .filter(mount => stringAt(mount, ['name']) === name)
        .map(mount => ({ user, isReadOnly: valueAt(mount, ['readOnly']) === true })),
    )
    // A volume that nobody mounts opens nothing.
    const first = mounts.find(({ isReadOnly }) => !isReadOnly) ?? mounts[0]
    if (!first) continue
    const message = `container ${first.user} has ${path} of the node: ${say(first.isReadOnly)}`
    yield { path: [...pod.specPath, 'volumes', index, 'hostPath', 'path'], message, values: [path] } satisfies Found
  }
}

const shares = (field: string, say: string): ((pod: PodView) => Iterable<Found>) =>
  function* ({ spec, specPath }) {
    if (valueAt(spec, [field]) === true) yield { path: [...specPath, field], message: `the pod ${say}`, values: [] }
  }

const common = { sparesNodeAgents: true, of: 'pods' } as const
const OF_NAMESPACES = [{ rule: 'pod-security', about: ['hostNamespaces'] }]
const OF_VOLUMES = [{ rule: 'pod-security', about: ['hostPathVolumes', 'restrictedVolumes'] }]

export const HOST: readonly Practice[] = [
  {
    ...common,
    id: 'host-network',
    preset: 'strict',
    summary: 'A pod uses the network of its node.',
    why: 'No NetworkPolicy applies to it, it reaches what listens on the node alone, and its ports can be taken once a node.',
    remediation: 'Delete hostNetwork: true, and reach the pod by a Service.',
    source: 'kube-linter host-network, polaris hostNetworkSet',
    toldBy: OF_NAMESPACES,
    find: shares(
      'hostNetwork',
      'uses the network of its node: no NetworkPolicy holds it, and it reaches what listens on the node alone; delete hostNetwork',
    ),
  },
  {
    ...common,
    id: 'host-pid',
    summary: 'A pod sees the processes of its node.',
    why: 'It reads their arguments and environment, tokens among them, and may end them.',
    remediation: 'Delete hostPID: true; containers of one pod can share processes by shareProcessNamespace.',
    source: 'kube-linter host-pid, polaris hostPIDSet',
    toldBy: OF_NAMESPACES,
    find: shares(
      'hostPID',
      'sees the processes of its node: it reads their environment, with tokens in it; delete hostPID',
    ),
  },
  {
    ...common,
    id: 'host-ipc',
    summary: 'A pod shares memory with the processes of its node.',
    why: 'It reads and changes what programs on the node keep in shared memory.',
    remediation: 'Delete hostIPC: true; containers of one pod share memory anyway.',
    source: 'kube-linter host-ipc, polaris hostIPCSet',
    toldBy: OF_NAMESPACES,
    find: shares(
      'hostIPC',
      'shares memory with the processes of its node: it reads and changes what they keep there; delete hostIPC',
    ),
  },
  {
    ...common,
    id: 'docker-sock',
    summary: 'A container has the socket of the container runtime.',
    why: 'Whoever can write to it starts a privileged container on the node: the socket is root.',
    remediation: 'Delete the volume. Build images with a tool that needs no runtime; read metrics from the kubelet.',
    source: 'kube-linter docker-sock',
    toldBy: OF_VOLUMES,
    find: (pod: PodView) =>
      findMounts(
        pod,
        path => SOCKET.test(path),
        () => 'whoever takes it over starts any container there, as root; delete the volume',
      ),
  },
  {
    ...common,
    id: 'sensitive-host-mounts',
    summary: 'A container has a folder of the node that holds the system.',
    why: 'It reads keys of the node, or changes programs that the node runs.',
    remediation: 'Mount the one file or folder that is needed, or a volume that is not of the node.',
    source: 'kube-linter sensitive-host-mounts, polaris hostPathSet',
    toldBy: OF_VOLUMES,
    find: (pod: PodView) =>
      findMounts(
        pod,
        path => SENSITIVE.test(path),
        isReadOnly =>
          `it reads keys of the node${isReadOnly ? '' : ', or changes what runs there'}; mount the one folder that is needed`,
      ),
  },
]
