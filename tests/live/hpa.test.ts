// components/hpa by its README: no replica is lost when it is switched on, and the load decides afterwards.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listImages } from '../../scripts/cluster/argocd/manifest.ts'
import { mergePatch } from '../../scripts/cluster/kube/kube.ts'
import { readBlocks } from '../readme-blocks.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()
const namespace = 'flask-api-prod'
const [component = '', application = ''] = readBlocks(live.readFile('components/hpa/README.md'))

const replicas = async () => ((await live.deployment(namespace)).spec as { replicas: number }).replicas
const available = async () =>
  ((await live.deployment(namespace)).status as { availableReplicas?: number }).availableReplicas ?? 0

beforeAll(async () => {
  // What `minikube addons enable metrics-server` brings.
  const { METRICS_SERVER_MANIFEST: manifest } = process.env
  if (manifest === undefined) throw new Error('METRICS_SERVER_MANIFEST must name the manifest of metrics-server')
  live.loadImages(listImages(readFileSync(manifest, 'utf8')))
  live.kubectl('apply', '-f', manifest)
  live.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/metrics-server', '--timeout=90s')
}, 3 * minutes)
afterAll(async () => {
  if (live.head() !== before) await live.revertTo(before)
}, 5 * minutes)

test('kubectl top says what each pod takes', { timeout: 2 * minutes }, async () => {
  const top = () => {
    try {
      return live.kubectl('-n', namespace, 'top', 'pod', '--no-headers')
    } catch {
      return ''
    }
  }
  await expect
    .poll(top, { timeout: minutes, interval: 2_000 })
    .toMatch(/(^flask-api-deployment-\S+ +\d+m +\d+Mi *\n){3}/m)
})

test('switched on: 3 stays 3, with Argo CD beside it', { timeout: 5 * minutes }, async () => {
  const seen = new Set<string>()
  const end = new AbortController()
  const watching = (async () => {
    while (!end.signal.aborted) {
      seen.add(`${await replicas()} wanted, ${await available()} available`)
      await pause(300)
    }
  })()
  live.add('overlays/prod/kustomization.yaml', component)
  live.add('apps/prod.yaml', application)
  await live.merge('Let the load decide how many replicas prod has')
  const scaling = () =>
    live.kubectl(
      '-n',
      namespace,
      'get',
      'hpa',
      'flask-api-hpa',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="ScalingActive")].status} {.status.desiredReplicas}',
    )
  await expect.poll(scaling, { timeout: 2 * minutes, interval: 1_000 }).toBe('True 3')
  // Two more looks of the autoscaler, and one of Argo CD.
  await pause(35_000)
  end.abort()
  await watching
  expect([...seen]).toEqual(['3 wanted, 3 available'])
})

test('what the autoscaler does not own is still healed', { timeout: 2 * minutes }, async () => {
  const spec = { minReadySeconds: 1 }
  const metadata = { name: 'flask-api-deployment', namespace }
  await mergePatch(live.kube, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  const healed = async () => ((await live.deployment(namespace)).spec as typeof spec).minReadySeconds
  await expect.poll(healed, { timeout: minutes, interval: 500 }).toBe(5)
  expect(await replicas()).toBe(3)
})

test('under load there are more, and no request is lost on the way', { timeout: 9 * minutes }, async () => {
  // As the README has it for a small machine, which this may be.
  const readme = live.readFile('components/hpa/README.md')
  const [, command = ''] = /npm run load-test -- (.*)/.exec(readme) ?? []
  const [, cpu = '', rate = ''] = /cpu request of the container to (\w+).*?`--rate (\d+)`/s.exec(readme) ?? []
  const operation = [{ op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: cpu }]
  const patches = [{ target: { kind: 'Deployment' }, patch: JSON.stringify(operation) }]
  live.add('overlays/prod/kustomization.yaml', JSON.stringify({ patches }))
  await live.merge('Ask for as little cpu as this machine has', [namespace])
  let most = 0
  const end = new AbortController()
  const watching = (async () => {
    while (!end.signal.aborted) {
      most = Math.max(most, await available())
      await pause(500)
    }
  })()
  const { code, stdout } = await live.npmRun(
    'load-test.ts',
    ...command.replace(/--rate \d+/, `--rate ${rate}`).split(' '),
  )
  end.abort()
  await watching
  expect({ code, stdout }).toMatchObject({ code: 0 })
  expect(most).toBeGreaterThan(3)
})

test('after the load their number does not fall at once', { timeout: 3 * minutes }, async () => {
  const jsonpath = 'jsonpath={.status.conditions[?(@.type=="AbleToScale")].reason}'
  const reason = () => live.kubectl('-n', namespace, 'get', 'hpa', 'flask-api-hpa', '-o', jsonpath)
  await expect.poll(reason, { timeout: 2 * minutes, interval: 1_000 }).toBe('ScaleDownStabilized')
  expect(await replicas()).toBeGreaterThan(3)
})

test('switched off: the number in Git holds again', { timeout: 4 * minutes }, async () => {
  await live.revertTo(before)
  await expect.poll(replicas, { timeout: minutes, interval: 1_000 }).toBe(3)
  expect(live.kubectl('-n', namespace, 'get', 'hpa', '-o', 'name')).toBe('')
})
