// When a cluster that was started again is taken for one that tells the truth.
import { expect, onTestFinished, test } from 'vitest'
import { startApiServer } from '../../../tests/stand-ins/api-server.ts'
import type { Run } from '../shell.ts'
import { kinds } from './kube.ts'
import { waitForRestarted } from './restarted.ts'

const lease = (name: string, renewTime: string) => ({
  apiVersion: kinds.lease.apiVersion,
  kind: kinds.lease.kind,
  metadata: { name, namespace: 'kube-node-lease', uid: name },
  spec: { renewTime },
})

/** A cluster of two nodes that was started again; `/readyz` is refused `refusals` times. */
async function restart(refusals: number, timeout = 20_000) {
  const server = await startApiServer()
  onTestFinished(() => server.close())
  for (const name of ['a', 'b']) server.put(kinds.lease, lease(name, 'before'))
  let asked = 0
  const ask = async () => {
    const ok = asked++ >= refusals
    return { ok, stdout: ok ? 'ok' : '', stderr: ok ? '' : '[-]poststarthook/rbac/bootstrap-roles failed', exitCode: 0 }
  }
  const run = { ask } as unknown as Run
  const ended = waitForRestarted({
    kube: server.kube,
    kubeconfig: '/k',
    run,
    signal: AbortSignal.timeout(30_000),
    timeout,
  })
  let isOver = false
  const over = ended.then(() => {
    isOver = true
  })
  over.catch(() => {})
  return { server, over, asked: () => asked, isOver: () => isOver }
}

test('the API server is ready, and every kubelet has reported since', async () => {
  const { server, over, asked, isOver } = await restart(2)
  // The list, and the watch behind it.
  await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBeGreaterThan(1)
  expect(asked()).toBe(3)
  server.put(kinds.lease, lease('a', 'after'))
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(isOver()).toBe(false)
  server.put(kinds.lease, lease('b', 'after'))
  await over
})

test('neither comes: said, with what the API server answered', async () => {
  await expect((await restart(Number.POSITIVE_INFINITY, 600)).over).rejects.toMatchObject({
    message: 'after 0.6 s the API server of test was not ready',
    details: '[-]poststarthook/rbac/bootstrap-roles failed',
  })
  await expect((await restart(0, 600)).over).rejects.toThrow('not every kubelet of test had reported')
})
