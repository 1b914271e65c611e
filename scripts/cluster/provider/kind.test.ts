// kind's configuration, and what its usual failures mean. The cluster tests run the real one.
import { expect, test } from 'vitest'
import { adviseOnKind, kindConfig } from './kind.ts'

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
