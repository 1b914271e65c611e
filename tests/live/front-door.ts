// A front door for prod by the README of its component: its controller, a certificate, and who is let in.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { listImages } from '../../scripts/cluster/argocd/manifest.ts'
import { listDoors } from '../../scripts/cluster/kube/http.ts'
import { type KubeObject, kinds, list } from '../../scripts/cluster/kube/kube.ts'
import { isReady } from '../../scripts/cluster/kube/rollout.ts'
import { startLoad } from '../../scripts/cluster/load/generator.ts'
import { readBlocks } from '../readme-blocks.ts'
import { type Live, minutes } from './live.ts'

export const namespace = 'flask-api-prod'
export const overlay = 'overlays/prod/kustomization.yaml'
/** The name that the READMEs give the environment. */
export const host = 'api.example.org'

export interface Answer {
  readonly status: number
  readonly location: string | undefined
  /** Each answer of the API names the request. */
  readonly isOfApi: boolean
  readonly body: string
}

export interface FrontDoor {
  /** Asks as a user's client would: it trusts the certificate and looks at the name in it. */
  ask(path: string, body?: object): Promise<Answer>
  askPlainly(path: string): Promise<Answer>
  /** The answer to somebody who looks for another name here, or how the connection ended. */
  askAs(name: string): Promise<Answer | string>
  startLoad(rate: number): ReturnType<typeof startLoad>
}

interface ServicePort {
  readonly port: number
  readonly nodePort?: number
}

/**
 * Installs the controller that `variable` names the manifest of; throws where it names none. Its images come from this
 * machine's engine where they are there.
 */
export async function installController(live: Live, variable: string, controller: string): Promise<string> {
  const path = process.env[variable]
  if (path === undefined || !existsSync(path)) throw new Error(`${variable} must name a manifest of ${controller}`)
  live.loadImages(listImages(readFileSync(path, 'utf8')))
  // Twice or more: some of the objects are of kinds that the manifest itself defines.
  const apply = () => {
    try {
      return live.kubectl('apply', '--server-side', '--force-conflicts', '-f', path) !== ''
    } catch {
      return false
    }
  }
  await vi.waitUntil(apply, { timeout: 2 * minutes, interval: 2_000 })
  return path
}

/** Makes the certificate and switches the component on, both as its README says, and finds the way in. */
export async function openFrontDoor(live: Live, component: string): Promise<FrontDoor> {
  const readme = live.readFile(`components/${component}/README.md`)
  const [certificate = ''] = /^openssl [\s\S]*?(?=^```$)/m.exec(readme) ?? []
  const KUBECONFIG = join(live.root, '.cluster', live.name, 'kubeconfig')
  const env = { ...process.env, KUBECONFIG }
  execFileSync('bash', ['-euc', certificate], { cwd: live.folder, env, stdio: 'pipe' })
  for (const block of readBlocks(readme).slice(0, 2)) live.add(overlay, block)
  await live.merge(`Let users in through components/${component}`)
  const { address, plain, secure } = await findWay(live)
  const ca = readFileSync(join(live.folder, 'tls.crt'))
  const connection = { hostname: address, port: secure, ca }
  const door: FrontDoor = {
    ask: (path, body) => send(https.request, { ...connection, path, headers: { host } }, body),
    askPlainly: path => send(http.request, { hostname: address, port: plain, path, headers: { host } }),
    askAs: name =>
      send(https.request, { ...connection, path: '/', headers: { host: name }, rejectUnauthorized: false }).catch(
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      ),
    startLoad: rate => startLoad({ url: `https://${host}`, rate, signal: new AbortController().signal, connection }),
  }
  // Each replica of a controller sees a change in its own time: a whole row of good answers, and all have seen it.
  const hasOpened = async () => {
    for (let count = 0; count < 12; count++) {
      const status = await door.ask('/').then(
        answer => answer.status,
        () => undefined,
      )
      if (status !== 200) return false
    }
    return true
  }
  await vi.waitUntil(hasOpened, { timeout: minutes, interval: 500 })
  return door
}

export async function closeFrontDoor(live: Live, before: string, manifest: string | undefined): Promise<void> {
  if (live.head() !== before) await live.revertTo(before)
  live.kubectl('-n', namespace, 'delete', '--ignore-not-found', 'secret', 'flask-api-tls')
  if (manifest !== undefined) live.kubectl('delete', '--ignore-not-found', '--timeout=90s', '-f', manifest)
}

/** What holds for every front door, whatever stands behind its class. */
export function testFrontDoor(live: Live, getDoor: () => FrontDoor): void {
  const review = { text: 'This is a great movie!' }

  test('HTTPS leads to what is for users, with the certificate of that name', async () => {
    const door = getDoor()
    expect(await door.ask('/')).toMatchObject({
      status: 200,
      isOfApi: true,
      body: expect.stringContaining('Welcome'),
    })
    expect(await door.ask('/predict', review)).toMatchObject({ status: 200, body: expect.stringContaining('Positive') })
    expect(await door.ask('/openapi.json')).toMatchObject({ status: 200, body: expect.stringContaining('"openapi"') })
  })

  test.each(['/metrics', '/healthz', '/readyz', '/predict/', '/predict/../healthz', '//healthz', '/predictable'])(
    '%s does not reach the API',
    // A controller may have a page of its own there.
    async path => expect(await getDoor().ask(path)).toMatchObject({ isOfApi: false }),
  )

  test('plain HTTP leads to HTTPS, at the usual port', async () => {
    const { status, location = '' } = await getDoor().askPlainly('/predict?a=b')
    expect({ status, location: new URL(location).href }).toEqual({
      status: 301,
      location: `https://${host}/predict?a=b`,
    })
  })

  test('another name is not served', async () => {
    const answer = await getDoor().askAs('other.example.org')
    // Either there is no route for it, or no certificate and therefore no connection.
    if (typeof answer === 'string') expect(answer).toBe('ECONNRESET')
    else expect(answer.status).toBe(404)
  })

  test('a rollout loses no request of those that come in here', { timeout: 6 * minutes }, async () => {
    const load = getDoor().startLoad(60)
    // Not by a commit: a push waits for Argo CD, and what is due meanwhile would come in one wave.
    live.kubectl('-n', namespace, 'rollout', 'restart', 'deployment/flask-api-deployment')
    const isRolledOut = async () => isReady(await live.deployment(namespace))
    await expect.poll(isRolledOut, { timeout: 3 * minutes, interval: 500 }).toBe(true)
    // The pods that went last may still be on a list of the front door.
    await pause(8_000)
    const { sent, lost, kinds: lostKinds, p99 } = await load.stop()
    process.stdout.write(`${sent} sent through the front door, ${lost} lost, p99 ${Math.round(p99)} ms\n`)
    expect({ lost, lostKinds }).toEqual({ lost: 0, lostKinds: {} })
    expect(sent).toBeGreaterThan(1_000)
    expect(p99).toBeLessThan(5_000)
  })
}

/** More than `limit` requests a second are answered by 429, and by nothing else; then the door is open again. */
export async function exceedLimit(door: FrontDoor, limit: number): Promise<void> {
  const load = door.startLoad(limit * 3)
  await pause(4_000)
  const { sent, lost, kinds: lostKinds } = await load.stop()
  process.stdout.write(`${sent} sent at ${limit * 3} a second, of ${limit}: ${JSON.stringify(lostKinds)}\n`)
  expect(Object.keys(lostKinds)).toEqual(['status 429'])
  expect(lost).toBeLessThan(sent)
  await pause(2_000)
  expect((await door.ask('/')).status).toBe(200)
}

/** The ports that lead to the pods of the namespace that the NetworkPolicy lets in, and to no others. */
async function findWay({ kube }: Live): Promise<{ address: string; plain: number; secure: number }> {
  const policies = await list(kube, {
    kind: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
    namespace,
    name: 'flask-api-allow-http',
  })
  const allowed = /"kubernetes\.io\/metadata\.name":"([^"]+)"/.exec(JSON.stringify(policies.items[0]?.spec))?.[1]
  if (allowed === undefined) throw new Error('the NetworkPolicy does not say which namespace the front door is in')
  const services = await list(kube, { kind: kinds.service, namespace: allowed })
  const portsOf = ({ spec }: KubeObject) => (spec as { ports: readonly ServicePort[] }).ports
  const service = services.items.find(one => portsOf(one).some(({ port, nodePort }) => port === 443 && nodePort))
  if (service === undefined) throw new Error(`no Service in ${allowed} has a node port for 443`)
  const nodePortOf = (wanted: number) => portsOf(service).find(({ port }) => port === wanted)?.nodePort ?? 0
  const [way] = await listDoors(kube, allowed, service.metadata.name, undefined)
  return { address: new URL(way?.url ?? '').hostname, plain: nodePortOf(80), secure: nodePortOf(443) }
}

async function send(request: typeof https.request, options: https.RequestOptions, body?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const method = body === undefined ? 'GET' : 'POST'
  const call = request({ ...options, method, agent: false, timeout: 10_000 }, resolve)
  call.on('error', reject)
  call.on('timeout', () => call.destroy(new Error('timeout')))
  call.setHeader('content-type', 'application/json')
  call.end(body === undefined ? undefined : JSON.stringify(body))
  const answer = await promise
  const { location, 'x-request-id': id } = answer.headers
  return { status: answer.statusCode ?? 0, location, isOfApi: id !== undefined, body: await text(answer) }
}
