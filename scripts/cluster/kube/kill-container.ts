// Ends the process of a container as a crash does it: with SIGKILL from its node, which nothing in the container can answer.

import type { Run } from '../shell.ts'

/** Of a node that is itself a container with containerd, as those of kind are; others are not reached from here. */
export async function killContainer(run: Run, node: string, containerId: string): Promise<void> {
  await run('docker', ['exec', node, ...containerd, 'tasks', 'kill', '--signal', 'SIGKILL', containerId])
}

export async function canKill(run: Run, node: string): Promise<boolean> {
  return (await run.ask('docker', ['exec', node, ...containerd, 'version'])).ok
}

const containerd = ['ctr', '--namespace', 'k8s.io']
