// Makes, reaches and removes the cluster: one small object for each kind of cluster, all of the same shape.

import { networkInterfaces } from 'node:os'
import { lastLines, Problem, usageProblem } from './problem.ts'
import { findProgram, requireDocker, requirePrograms, type Run } from './shell.ts'
import type { ProviderName } from './state.ts'

/** NodePorts of the clusters made here: few, so that each of them can be mapped to a port of the host. */
export const nodePorts = { first: 30080, count: 10 } as const

export interface ClusterSpec {
  readonly name: string
  readonly kubeconfig: string
  /** The host port that the first NodePort is mapped to, on the loopback address. */
  readonly hostPort: number
  readonly nodeImage?: string
}

export interface GitHost {
  /** Where the server listens on this machine. */
  readonly listen: string
  /** What the pods call this machine. */
  readonly host: string
}

export interface Provider {
  readonly name: ProviderName
  /** Programs and engines that it needs; throws what is missing. */
  require(run: Run): Promise<void>
  contextOf(cluster: string): string
  exists(run: Run, cluster: string): Promise<boolean>
  create(run: Run, spec: ClusterSpec): Promise<void>
  /** Starts what was stopped (a reboot), and writes the kubeconfig again. */
  resume(run: Run, spec: ClusterSpec): Promise<void>
  load(run: Run, cluster: string, references: readonly string[]): Promise<void>
  /** Whether the cluster has the image; asking is cheaper than loading it again. */
  has(run: Run, cluster: string, reference: string): Promise<boolean>
  remove(run: Run, cluster: string, kubeconfig: string): Promise<void>
  /** How the pods of the cluster reach a server on this machine. */
  gitHost(run: Run, cluster: string): Promise<GitHost>
}

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

const kind: Provider = {
  name: 'kind',
  async require(run) {
    requirePrograms(['docker', 'kind', 'kubectl', 'git'])
    await requireDocker(run)
  },
  contextOf: cluster => `kind-${cluster}`,
  async exists(run, cluster) {
    return (await run('kind', ['get', 'clusters'])).split('\n').includes(cluster)
  },
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
    const result = await run.ask('kind', args, { timeout: 300_000, input: JSON.stringify(kindConfig(spec)) })
    if (result.ok) return
    throw new Problem(`kind could not create the cluster ${spec.name}`, {
      details: lastLines(result.stderr, 25),
      advice: adviseOnKind(result.stderr),
    })
  },
  async resume(run, { name, kubeconfig }) {
    const nodes = (await run('kind', ['get', 'nodes', '--name', name])).split('\n').filter(Boolean)
    await run('docker', ['start', ...nodes], { timeout: 60_000 })
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
  if (/port is already allocated|address already in use/i.test(output)) {
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

const minikube: Provider = {
  name: 'minikube',
  async require(run) {
    requirePrograms(['docker', 'minikube', 'kubectl', 'git'])
    await requireDocker(run)
  },
  contextOf: cluster => cluster,
  async exists(run, cluster) {
    // Exits with an error when there is no profile at all; the list is on stdout all the same.
    const { stdout } = await run.ask('minikube', ['profile', 'list', '--output', 'json'])
    return listProfiles(stdout).includes(cluster)
  },
  async create(run, spec) {
    const range = `${nodePorts.first}-${nodePorts.first + nodePorts.count - 1}`
    const ports = Array.from(
      { length: nodePorts.count },
      (_, index) => `--ports=127.0.0.1:${spec.hostPort + index}:${nodePorts.first + index}`,
    )
    const args = [
      'start',
      '--profile',
      spec.name,
      '--driver',
      'docker',
      `--extra-config=apiserver.service-node-port-range=${range}`,
    ]
    await run('minikube', [...args, ...ports, '--wait', 'all', '--interactive=false'], {
      timeout: 600_000,
      env: { KUBECONFIG: spec.kubeconfig },
    })
  },
  async resume(run, { name, kubeconfig }) {
    const status = await run.ask('minikube', ['status', '--profile', name, '--format', '{{.APIServer}}'])
    if (status.stdout.trim() !== 'Running') {
      await run('minikube', ['start', '--profile', name, '--interactive=false'], {
        timeout: 600_000,
        env: { KUBECONFIG: kubeconfig },
      })
    }
    await run('minikube', ['update-context', '--profile', name], { env: { KUBECONFIG: kubeconfig } })
  },
  async load(run, cluster, references) {
    for (const reference of references)
      await run('minikube', ['image', 'load', '--profile', cluster, reference], { timeout: 300_000 })
  },
  async has(run, cluster, reference) {
    const answer = await run.ask('minikube', ['image', 'ls', '--profile', cluster, '--format', 'short'])
    return answer.stdout.split('\n').some(line => line === reference || line === `docker.io/library/${reference}`)
  },
  async remove(run, cluster, kubeconfig) {
    await run('minikube', ['delete', '--profile', cluster], { timeout: 180_000, env: { KUBECONFIG: kubeconfig } })
  },
  async gitHost(run, cluster) {
    const hosts = await run('minikube', ['ssh', '--profile', cluster, '--', 'cat', '/etc/hosts'])
    const address = hosts
      .split('\n')
      .find(line => /\shost\.minikube\.internal\b/.test(line))
      ?.trim()
      .split(/\s+/)[0]
    return hostFor(address, 'host.minikube.internal')
  },
}

function listProfiles(json: string): readonly string[] {
  try {
    const { valid = [], invalid = [] } = JSON.parse(json) as Record<string, readonly { Name: string }[]>
    return [...valid, ...invalid].map(({ Name }) => Name)
  } catch {
    return []
  }
}

const refuse = async (): Promise<never> => {
  throw usageProblem('an existing cluster is never made, loaded or removed from here')
}

const existing: Provider = {
  name: 'existing',
  async require() {
    requirePrograms(['kubectl', 'git'])
  },
  contextOf: cluster => cluster,
  exists: async () => true,
  create: refuse,
  resume: async () => {},
  load: refuse,
  has: async () => true,
  remove: refuse,
  gitHost: refuse,
}

export const providers: Readonly<Record<ProviderName, Provider>> = { minikube, kind, existing }

/** An address of this machine is listened on and named as it is; any other is a virtual machine's name for it. */
export function hostFor(address: string | undefined, name: string, own: readonly string[] = ownAddresses()): GitHost {
  if (address !== undefined && own.includes(address)) return { listen: address, host: address }
  return { listen: '127.0.0.1', host: name }
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
}

/** What is there: minikube first. */
export function chooseProvider(asked: string | undefined, path: string | undefined = process.env.PATH): Provider {
  if (asked !== undefined) {
    const provider = providers[asked as ProviderName]
    if (provider === undefined) throw usageProblem(`--provider ${asked}: minikube, kind or existing`)
    return provider
  }
  const found = (['minikube', 'kind'] as const).find(name => findProgram(name, path) !== undefined)
  if (found !== undefined) return providers[found]
  throw usageProblem(
    'neither minikube nor kind was found on PATH',
    'Install one of them: https://minikube.sigs.k8s.io/docs/start or https://kind.sigs.k8s.io.',
    'For a cluster that is there already: --provider existing --context NAME --repo-url URL.',
  )
}
