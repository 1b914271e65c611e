// components/monitoring in front of a real Prometheus, under load: what the dashboard asks has an answer, and the rules work.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { startLoad } from '../../scripts/cluster/load/generator.ts'
import { minutes, openLive } from './live.ts'
import { composeScrape, type PodMonitorSpec, type Prometheus, startPrometheus, writeCredentials } from './prometheus.ts'

const live = await openLive()
const namespace = 'flask-api-prod'
const folder = `${live.folder}/prometheus`
const { spec } = parse(live.readFile('components/monitoring/podmonitor.yaml')) as { readonly spec: PodMonitorSpec }
const { panels } = JSON.parse(live.readFile('components/monitoring/dashboard.json')) as {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly refId: string; readonly expr: string }[]
  }[]
}
const queries = panels.flatMap(({ title, targets }) => targets.map(({ refId, expr }) => ({ title, refId, expr })))

interface Rule {
  readonly name: string
  readonly type: string
  readonly health: string
  readonly state?: string
}

let prometheus: Prometheus
let sent: number
beforeAll(async () => {
  const rules = parse(live.readFile('components/monitoring/prometheusrule.yaml')) as { spec: { groups: object[] } }
  const scrape = await composeScrape(live.kube, namespace, spec, writeCredentials(live.kube, folder))
  prometheus = await startPrometheus(folder, scrape, rules.spec.groups)
  // A rate needs a sample before the first request.
  const isScraped = async () => (await prometheus.query('count(flask_api_build_info)')).length === 1
  await vi.waitUntil(isScraped, { timeout: minutes, interval: 500 })
  const load = startLoad({ url: await live.urlOf(namespace), rate: 100, signal: new AbortController().signal })
  await new Promise(resolve => setTimeout(resolve, 30_000))
  const result = await load.stop()
  expect(result.lost).toBe(0)
  sent = result.sent
  await new Promise(resolve => setTimeout(resolve, 12_000))
}, 3 * minutes)
afterAll(() => prometheus.stop())

test('each pod is scraped, and every series tells where it is from', async () => {
  const up = await prometheus.query('up{job="flask-api"}')
  expect(up.map(({ value }) => value[1])).toEqual(['1', '1', '1'])
  for (const { metric } of up) expect(metric).toMatchObject({ namespace, environment: 'prod', pod: expect.any(String) })
})

test.each(queries)('dashboard, $title ($refId): there is an answer', async ({ expr }) => {
  const samples = await prometheus.query(expr.replaceAll('$namespace', namespace))
  expect(samples.length).toBeGreaterThan(0)
  for (const { value } of samples) expect(Number(value[1])).toBeGreaterThanOrEqual(0)
})

test('the list of namespaces that the dashboard offers', async () => {
  const values = await prometheus.get('/api/v1/label/namespace/values?match[]=flask_api_build_info')
  expect(values).toEqual([namespace])
})

test('what was sent is what was counted', async () => {
  const [counted] = await prometheus.query('sum(http_requests_total{route="/predict", method="POST", status="200"})')
  expect(Number(counted?.value[1])).toBeGreaterThanOrEqual(sent)
  const [rate] = await prometheus.query('sum(flask_api:requests:rate5m)')
  expect(Number(rate?.value[1])).toBeGreaterThan(1)
})

test('every rule is evaluated, and a healthy API raises no alert', async () => {
  const { groups } = (await prometheus.get('/api/v1/rules')) as { groups: readonly { rules: readonly Rule[] }[] }
  const rules = groups.flatMap(one => one.rules)
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
  expect(rules.filter(({ state }) => state === 'firing')).toEqual([])
})

test('the recorded p99 is that of a healthy API', async () => {
  const [recorded] = await prometheus.query('flask_api:latency_seconds:p99_5m')
  expect(Number(recorded?.value[1])).toBeLessThan(0.5)
})
