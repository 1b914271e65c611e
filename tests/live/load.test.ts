// `npm run load-test` on a real cluster: nothing is lost with the protections of the base, and it notices when they are gone.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()
const namespace = 'flask-api-prod'
const manager = '/etc/kubernetes/manifests/kube-controller-manager.yaml'
const flag = '    - --endpointslice-updates-batch-period=1s'

const onNode = (...command: readonly string[]) => live.runProgram('docker', ['exec', live.node, ...command])

/** Waits until the kubelet has started the controllers again as the file says. */
async function restartControllers(lag: boolean): Promise<void> {
  const edit = lag ? `s/^    - kube-controller-manager$/&\\n${flag}/` : `/^${flag}$/d`
  await onNode('sed', '--in-place', edit, manager)
  const command = () =>
    live.kubectl(
      '-n',
      'kube-system',
      'get',
      'pods',
      '-l',
      'component=kube-controller-manager',
      '-o',
      'jsonpath={.items[*].spec.containers[*].command} {.items[*].status.containerStatuses[*].ready}',
    )
  const wanted = lag ? /updates-batch-period.* true$/ : /^(?!.*updates-batch-period).* true$/
  await vi.waitUntil(() => wanted.test(command()), { timeout: 2 * minutes, interval: 1_000 })
  // The new one waits for the lease of the old one.
  const holder = () =>
    live.kubectl('-n', 'kube-system', 'get', 'lease', 'kube-controller-manager', '-o', 'jsonpath={.spec.renewTime}')
  const first = holder()
  await vi.waitUntil(() => holder() !== first, { timeout: minutes, interval: 1_000 })
  await pause(2_000)
}

/** What was lost and sent in one rollout. */
async function rollOut(): Promise<{ readonly code: number | null; readonly lost: number; readonly sent: number }> {
  const { code, stdout } = await live.npmRun('load-test.ts', '--namespace', namespace, '--short')
  process.stdout.write(stdout)
  const [, sent = '', lost = ''] = /one rollout +(\d+) +(\d+)/.exec(stdout) ?? []
  return { code, lost: Number(lost), sent: Number(sent) }
}

test('nothing is lost in rollouts, scaling, losses of pods and a bad image', { timeout: 20 * minutes }, async () => {
  const { code, stdout } = await live.npmRun('load-test.ts', '--namespace', namespace)
  process.stdout.write(stdout)
  expect({ code, stdout }).toMatchObject({ code: 0 })
})

test('the table names each loss, and a proof that was asked for alone is alone', { timeout: 2 * minutes }, async () => {
  const { stdout } = await live.npmRun('load-test.ts', '--namespace', namespace, '--only', 'kill')
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(2)
})

test('an unknown proof is a mistake', { timeout: minutes }, async () => {
  expect(await live.npmRun('load-test.ts', '--only', 'nonsense')).toMatchObject({ code: 2, stdout: '' })
})

describe('where a node learns a second late which pods are going', () => {
  beforeAll(() => restartControllers(true), 4 * minutes)
  afterAll(async () => {
    if (live.head() !== before) await live.revertTo(before)
    await restartControllers(false)
  }, 8 * minutes)

  test('nothing is lost with preStop and the drain', { timeout: 4 * minutes }, async () => {
    expect(await rollOut()).toMatchObject({ code: 0, lost: 0 })
  })

  test('without them one request in a hundred is, or more', { timeout: 8 * minutes }, async () => {
    const bare = [
      { op: 'remove', path: '/spec/template/spec/containers/0/lifecycle' },
      { op: 'replace', path: '/spec/template/spec/containers/0/env/2/value', value: '0' },
    ]
    expect(live.readFile('base/deployment.yaml')).toMatch(
      /env:(?:\s+- name: \S+\s+value: \S+){2}\s+- name: SHUTDOWN_GRACE_SECONDS/,
    )
    const patches = [{ target: { kind: 'Deployment' }, patch: JSON.stringify(bare) }]
    live.add('overlays/prod/kustomization.yaml', JSON.stringify({ patches }))
    await live.merge('End pods at once')
    const { code, lost, sent } = await rollOut()
    expect(code).toBe(1)
    expect(lost / sent).toBeGreaterThan(0.01)
  })
})
