// components/ingress by its README, in front of the real HAProxy ingress controller.
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
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()

let manifest: string | undefined
let door: FrontDoor
beforeAll(async () => {
  manifest = await installController(live, 'INGRESS_MANIFEST', 'the HAProxy ingress controller')
  live.kubectl(
    '-n',
    'haproxy-controller',
    'wait',
    '--for=condition=Available',
    'deployments',
    '--all',
    '--timeout=120s',
  )
  door = await openFrontDoor(live, 'ingress')
}, 6 * minutes)
afterAll(() => closeFrontDoor(live, before, manifest), 5 * minutes)

test('the Ingress is of the class, and has the address that Argo CD waits for', () => {
  const format = 'jsonpath={.spec.ingressClassName} {.status.loadBalancer.ingress[*]}'
  expect(live.kubectl('-n', namespace, 'get', 'ingress', 'flask-api-ingress', '-o', format)).toMatch(/^haproxy \{.+\}$/)
})

testFrontDoor(live, () => door)

test('one client has 100 requests a second', { timeout: minutes }, () => exceedLimit(door, 100))
