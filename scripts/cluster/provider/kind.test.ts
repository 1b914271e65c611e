// kind's configuration, and what its usual failures mean. The cluster tests run the real one.
import { expect, test } from 'vitest'
import { createRun, type Result, type Run } from '../shell.ts'
import { adviseOnKind, kind, kindConfig } from './kind.ts'

test.each([
  ['Bind for 127.0.0.1:8080 failed: port is already allocated', /other ports/],
  ['could not find a log line that matches: too many open files', /inotify/],
  ['write /var/lib/containerd: no space left on device', /disk is full/],
  ['failed to pull image "kindest/node:v1.36.4": manifest unknown', /--node-image/],
  ['failed to init node with kubeadm', /Run this again/],
])('%s', (output, advice) => {
  expect(adviseOnKind(`ERROR: failed to create cluster: ${output}\n`).join(' ')).toMatch(advice)
})

test('every NodePort has a port of this machine, on the loopback address only', () => {
  const { nodes, kubeadmConfigPatchesJSON6902: patches } = kindConfig({ hostPort: 18080 }) as {
    nodes: readonly { extraPortMappings: readonly object[] }[]
    kubeadmConfigPatchesJSON6902: readonly { patch: string }[]
  }
  const [{ extraPortMappings } = { extraPortMappings: [] }] = nodes
  expect(extraPortMappings).toHaveLength(10)
  expect(extraPortMappings[0]).toEqual({ containerPort: 30080, hostPort: 18080, listenAddress: '127.0.0.1' })
  expect(extraPortMappings[9]).toEqual({ containerPort: 30089, hostPort: 18089, listenAddress: '127.0.0.1' })
  // The API server gives NodePorts out of the same ten.
  for (const { patch } of patches) expect(patch).toContain('"30080-30089"')
})

const spec = { name: 'flask-api', kubeconfig: '/nowhere', hostPort: 8080 }
/** Lists one node; everything else ends like this. */
const runThat = (ended: Partial<Result>): Run =>
  Object.assign(async () => 'flask-api-control-plane\n', {
    ask: async () => ({ ok: false, stdout: '', stderr: '', exitCode: 1, ...ended }),
  })

test('a port was taken while the cluster was stopped: other ports would need another cluster', async () => {
  const stderr = 'Error response from daemon: Bind for 127.0.0.1:8080 failed: port is already allocated\n'
  await expect(kind.resume(runThat({ stderr }), spec)).rejects.toMatchObject({
    message: 'the cluster flask-api could not be started again',
    details: stderr.trim(),
    advice: [expect.stringContaining('End that program'), expect.stringContaining('npm run down, then npm run up')],
  })
})

test('cut off: says after how long, and that running it again helps', async () => {
  const stderr = ' • Ensuring node image (kindest/node:v1.36.4) ...\n'
  await expect(kind.create(runThat({ stderr, exitCode: null }), spec)).rejects.toMatchObject({
    message: 'kind could not create the cluster flask-api within 300 s',
    details: stderr.trimEnd(),
    advice: [expect.stringContaining('Run this again')],
  })
})

test('what is cut off by its deadline has no exit code', async () => {
  const { exitCode } = await createRun(new AbortController().signal).ask('sleep', ['60'], { timeout: 100 })
  expect(exitCode).toBeNull()
})
