// minikube with its docker driver: the cluster of a laptop.

import { lastLines, Problem } from '../../command/problem.ts'
import { requireDocker, requirePrograms } from '../shell.ts'
import {
  hostFor,
  identifyContainer,
  nodePorts,
  portTaken,
  type Provider,
  requireMade,
  requireStarted,
} from './provider.ts'

const startTimeout = 600_000

export const minikube: Provider = {
  name: 'minikube',
  async require(run) {
    requirePrograms(['docker', 'minikube', 'kubectl', 'git'])
    await requireDocker(run)
  },
  contextOf: cluster => cluster,
  async exists(run, cluster) {
    // Some versions exit with an error when there is no profile at all; the list is on stdout all the same.
    const { stdout, stderr } = await run.ask('minikube', ['profile', 'list', '--output', 'json'])
    const profiles = listProfiles(stdout)
    // Taken for "none", a cluster would be made over the one that is there, or left behind.
    if (profiles === undefined) {
      throw new Problem('minikube does not say which clusters there are', { details: lastLines(stderr || stdout, 10) })
    }
    return profiles.includes(cluster)
  },
  identify: (run, cluster) => identifyContainer(run, cluster),
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
    const result = await run.ask('minikube', [...args, ...ports, '--wait', 'all', '--interactive=false'], {
      timeout: startTimeout,
      env: { KUBECONFIG: spec.kubeconfig },
    })
    const what = `minikube could not start the cluster ${spec.name}`
    requireMade(what, result, startTimeout, adviseOnMinikube)
  },
  async resume(run, { name, kubeconfig }) {
    const status = await run.ask('minikube', ['status', '--profile', name, '--format', '{{.APIServer}}'])
    if (status.stdout.trim() !== 'Running') {
      const start = ['start', '--profile', name, '--interactive=false']
      const env = { KUBECONFIG: kubeconfig }
      requireStarted(name, await run.ask('minikube', start, { timeout: startTimeout, env }))
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

/** What minikube's reasons tell: https://minikube.sigs.k8s.io/docs/contrib/errorcodes */
export function adviseOnMinikube(output: string): readonly string[] {
  if (portTaken.test(output)) {
    return ['Another program took a port in the meantime. Run this again: other ports are chosen.']
  }
  if (/DRV_AS_ROOT/.test(output)) {
    return ['minikube does not use Docker as root. Run this as a user of the group `docker`.']
  }
  if (/PROVIDER_DOCKER_NOT_RUNNING/.test(output)) return ['Start Docker, then run this again.']
  if (/RSRC_DOCKER_STORAGE|no space left/i.test(output)) {
    return ['The disk is full. `docker system df` shows what Docker holds.']
  }
  if (/\bINET_/.test(output)) {
    return [
      'minikube could not download what it needs. Check the connection; behind a proxy, set HTTP_PROXY and HTTPS_PROXY.',
    ]
  }
  if (/RSRC_INSUFFICIENT/.test(output)) return ['Docker has too little memory or too few processors for a cluster.']
  return ['Run this again: what is half made is removed first.']
}

function listProfiles(json: string): readonly string[] | undefined {
  try {
    const { valid, invalid } = JSON.parse(json) as Record<string, readonly { Name: string }[] | null>
    return [...(valid ?? []), ...(invalid ?? [])].map(({ Name }) => Name)
  } catch {
    return undefined
  }
}
