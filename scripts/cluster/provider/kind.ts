// kind: a cluster in containers, as the tests and CI use it.

import { requireDocker, requirePrograms } from '../shell.ts'
import {
  type ClusterSpec,
  hostFor,
  identifyContainer,
  nodePorts,
  portTaken,
  type Provider,
  requireMade,
  requireStarted,
} from './provider.ts'

/** A NodePort range is a setting of the API server; kubeadm writes it differently from 1.36 on. */
export function kindConfig({ hostPort }: Pick<ClusterSpec, 'hostPort'>): object {
  const range = `${nodePorts.first}-${nodePorts.first + nodePorts.count - 1}`
  const patch = (version: string, operation: object) => ({
    group: 'kubeadm.k8s.io',
    version,
    kind: 'ClusterConfiguration',
    patch: JSON.stringify([operation]),
  })
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kubeadmConfigPatchesJSON6902: [
      patch('v1beta4', {
        op: 'add',
        path: '/apiServer/extraArgs/-',
        value: { name: 'service-node-port-range', value: range },
      }),
      patch('v1beta3', { op: 'add', path: '/apiServer/extraArgs/service-node-port-range', value: range }),
    ],
    nodes: [
      {
        role: 'control-plane',
        extraPortMappings: Array.from({ length: nodePorts.count }, (_, index) => ({
          containerPort: nodePorts.first + index,
          hostPort: hostPort + index,
          listenAddress: '127.0.0.1',
        })),
      },
    ],
  }
}

export const kind: Provider = {
  name: 'kind',
  async require(run) {
    requirePrograms(['docker', 'kind', 'kubectl', 'git'])
    await requireDocker(run)
  },
  contextOf: cluster => `kind-${cluster}`,
  async exists(run, cluster) {
    return (await run('kind', ['get', 'clusters'])).split('\n').includes(cluster)
  },
  identify: (run, cluster) => identifyContainer(run, `${cluster}-control-plane`),
  async create(run, spec) {
    const image = spec.nodeImage === undefined ? [] : ['--image', spec.nodeImage]
    const args = [
      'create',
      'cluster',
      '--name',
      spec.name,
      '--kubeconfig',
      spec.kubeconfig,
      ...image,
      '--config',
      '-',
      '--wait',
      '90s',
    ]
    const timeout = 300_000
    const result = await run.ask('kind', args, { timeout, input: JSON.stringify(kindConfig(spec)) })
    requireMade(`kind could not create the cluster ${spec.name}`, result, timeout, adviseOnKind)
  },
  async resume(run, { name, kubeconfig }) {
    const nodes = (await run('kind', ['get', 'nodes', '--name', name])).split('\n').filter(Boolean)
    requireStarted(name, await run.ask('docker', ['start', ...nodes]))
    await run('kind', ['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig])
  },
  async load(run, cluster, references) {
    await run('kind', ['load', 'docker-image', '--name', cluster, ...references], { timeout: 300_000 })
  },
  async has(run, cluster, reference) {
    const nodes = (await run('kind', ['get', 'nodes', '--name', cluster])).split('\n').filter(Boolean)
    const full = reference.includes('/') ? reference : `docker.io/library/${reference}`
    const query = ['ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet', `name==${full}`]
    const answers = await Promise.all(nodes.map(node => run.ask('docker', ['exec', node, ...query])))
    return answers.every(({ ok, stdout }) => ok && stdout.trim() === full)
  },
  async remove(run, cluster, kubeconfig) {
    await run('kind', ['delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig], { timeout: 120_000 })
  },
  async gitHost(run) {
    const gateways = await run('docker', [
      'network',
      'inspect',
      'kind',
      '--format',
      '{{range .IPAM.Config}}{{.Gateway}} {{end}}',
    ])
    const gateway = gateways.split(/\s+/).find(address => /^\d+(\.\d+){3}$/.test(address))
    // Docker Desktop runs its networks in a virtual machine and gives this machine a name there.
    return hostFor(gateway, 'host.docker.internal')
  },
}

/** What kind's output tells about the usual causes. */
export function adviseOnKind(output: string): readonly string[] {
  if (portTaken.test(output)) {
    return ['Another program took a port in the meantime. Run this again: other ports are chosen.']
  }
  if (/too many open files|inotify/i.test(output)) {
    return [
      'Raise the inotify limits: https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files',
    ]
  }
  if (/no space left/i.test(output)) return ['The disk is full. `docker system df` shows what Docker holds.']
  if (/pull|manifest unknown|not found/i.test(output))
    return ['The node image could not be had. --node-image names another one.']
  return ['Run this again: what is half made is removed first.']
}
