// components/gateway by its README, in front of the real Envoy Gateway.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  closeFrontDoor,
  exceedLimit,
  type FrontDoor,
  installController,
  namespace,
  openFrontDoor,
  testFrontDoor,
} from './front-door.ts'
import { readBlocks } from '../readme-blocks.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()

let manifest: string | undefined
let door: FrontDoor
beforeAll(async () => {
  manifest = await installController(live, 'GATEWAY_MANIFEST', 'Envoy Gateway and its GatewayClass eg')
  const wait = ['wait', '--for=condition=Available', 'deployments', '--all', '--timeout=120s']
  live.kubectl('-n', 'envoy-gateway-system', ...wait)
  door = await openFrontDoor(live, 'gateway')
}, 6 * minutes)
afterAll(() => closeFrontDoor(live, before, manifest), 5 * minutes)

test('Gateway and routes are accepted, with every reference resolved', () => {
  const conditions = (what: string, path: string) =>
    live.kubectl('-n', namespace, 'get', what, '-o', `jsonpath={range ${path}}{.type}={.status} {end}`)
  const gateway = `${conditions('gateway/flask-api-gateway', '.status.conditions[*]')}`
  expect(gateway).toContain('Accepted=True')
  expect(gateway).toContain('Programmed=True')
  for (const route of ['flask-api-route', 'flask-api-redirect']) {
    const said = conditions(`httproute/${route}`, '.status.parents[*].conditions[*]')
    expect(said).toContain('Accepted=True')
    expect(said).toContain('ResolvedRefs=True')
  }
})

testFrontDoor(live, () => door)

test('the rate limit that the README has for Envoy Gateway', { timeout: minutes }, async () => {
  const policy = readBlocks(live.readFile('components/gateway/README.md')).find(block =>
    /RateLimit|rateLimit/.test(block),
  )
  // 500 a second are more than a small machine sends.
  live.applyText((policy ?? '').replace('requests: 500', 'requests: 50'))
  const accepted = () =>
    live.kubectl(
      '-n',
      namespace,
      'get',
      'backendtrafficpolicy',
      '-o',
      'jsonpath={.items[*].status.ancestors[*].conditions[*].status}',
    )
  await expect.poll(accepted, { timeout: minutes, interval: 500 }).toBe('True')
  await exceedLimit(door, 50)
})
