// components/gpu by its README, on a node that is said to have a GPU: the scheduler places by numbers, labels and taints.
import { afterAll, expect, test } from 'vitest'
import { readBlocks } from '../readme-blocks.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()
const namespace = 'flask-api-dev'

/** As the device plugin does it: so many GPUs, or none any more. */
function announce(count: string | null): void {
  const patch = JSON.stringify({
    status: { capacity: { 'nvidia.com/gpu': count }, allocatable: { 'nvidia.com/gpu': count } },
  })
  live.kubectl('patch', 'node', live.node, '--subresource=status', '--type=merge', '-p', patch)
}

afterAll(async () => {
  live.kubectl('taint', 'node', live.node, 'nvidia.com/gpu:NoSchedule-')
  live.kubectl('label', 'node', live.node, 'nvidia.com/gpu.present-')
  announce(null)
  if (live.head() !== before) await live.revertTo(before)
}, 5 * minutes)

test('a pod waits where there is no GPU, and says so', { timeout: 3 * minutes }, async () => {
  const [block = ''] = readBlocks(live.readFile('components/gpu/README.md'))
  live.kubectl('label', 'node', live.node, 'nvidia.com/gpu.present=true')
  live.kubectl('taint', 'node', live.node, 'nvidia.com/gpu=present:NoSchedule')
  live.add('overlays/dev/kustomization.yaml', block)
  live.push('Give dev a GPU')
  const reason = () =>
    live.kubectl(
      '-n',
      namespace,
      'get',
      'pods',
      '-o',
      'jsonpath={.items[*].status.conditions[?(@.type=="PodScheduled")].message}',
    )
  await expect.poll(reason, { timeout: 2 * minutes, interval: 1_000 }).toContain('Insufficient nvidia.com/gpu')
})

test('it is placed on the tainted node when a GPU is there', { timeout: 3 * minutes }, async () => {
  announce('1')
  const columns = 'NODE:.metadata.name,GPUS:.status.allocatable.nvidia\\.com/gpu'
  const nodes = live.kubectl('get', 'nodes', '-L', 'nvidia.com/gpu.present', '-o', `custom-columns=${columns}`)
  expect(nodes).toMatch(new RegExp(`^${live.node} +1`, 'm'))
  live.kubectl('-n', namespace, 'rollout', 'status', 'deployment/flask-api-deployment', '--timeout=90s')
  const limits = live.kubectl(
    '-n',
    namespace,
    'get',
    'pods',
    '-o',
    'jsonpath={.items[*].spec.containers[*].resources.limits}',
  )
  expect(limits).toContain('"nvidia.com/gpu":"1"')
})

test('the time-slicing configuration is a ConfigMap as the operator reads it', { timeout: minutes }, () => {
  live.kubectl('create', 'namespace', 'gpu-operator')
  live.kubectl('apply', '-k', `${live.root}/components/gpu/time-slicing`)
  const any = live.kubectl('-n', 'gpu-operator', 'get', 'configmap', 'time-slicing', '-o', 'jsonpath={.data.any}')
  expect(any).toContain('replicas: 4')
  live.kubectl('delete', 'namespace', 'gpu-operator')
})
