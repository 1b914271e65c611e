// Promises of the manifests that several files keep together.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderFolders } from '../scripts/tree/render-folders.ts'
import { openFolder } from '../scripts/tree/source/folder.ts'
import { PROJECT } from './tree.ts'

/** Fields of many kinds, looked at where they are known. */
type Fields = ReturnType<typeof JSON.parse>

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: Fields
}

const ENVIRONMENTS = ['dev', 'qa', 'prod'] as const
const EXAMPLES = [
  'gpu',
  'hpa',
  'model-store',
  'gateway',
  'ingress',
  'monitoring',
  'network-policy',
  'node-port',
  'pdb',
  'quota',
]
const rendered = await renderFolders(openFolder(PROJECT), [
  'argocd',
  'base',
  ...ENVIRONMENTS.map(name => `overlays/${name}`),
  ...EXAMPLES.map(name => `components/examples/${name}`),
])
const resourcesOf = (folder: string): readonly Resource[] =>
  (rendered.get(folder)?.objects ?? []) as unknown as Resource[]
const find = (folder: string, kind: string) => resourcesOf(folder).filter(one => one.kind === kind)

/** Bytes, or thousandths of a core. */
function amount(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(m|Ki|Mi|Gi)?$/.exec(text) ?? []
  return Number(number) * ({ m: 1, '': 1000, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? Number.NaN)
}

test.each(ENVIRONMENTS)('%s has a quota that admits the peak, with the pods that are still ending and a Job', name => {
  const [quota] = find(`overlays/${name}`, 'ResourceQuota')
  const [deployment] = find(`overlays/${name}`, 'Deployment')
  const maximum: number = find('components/examples/hpa', 'HorizontalPodAutoscaler')[0]?.spec.maxReplicas
  const peak = maximum + deployment?.spec.strategy.rollingUpdate.maxSurge + maximum + 1
  const { requests, limits } = deployment?.spec.template.spec.containers[0].resources ?? {}
  expect(Number(quota?.spec.hard.pods)).toBeGreaterThanOrEqual(peak)
  for (const [kind, wanted] of Object.entries({ requests, limits })) {
    for (const [resource, value] of Object.entries(wanted as Record<string, string>)) {
      const hard = amount(quota?.spec.hard[`${kind}.${resource}`])
      expect(hard, `${kind}.${resource}`).toBeGreaterThanOrEqual(peak * amount(value))
    }
  }
})

test.each(ENVIRONMENTS)('%s lets in what is written', name => {
  const policies = find(`overlays/${name}`, 'NetworkPolicy').map(({ metadata }) => metadata.name)
  expect(policies).toContain('default-deny')
})

// dev has one replica, and a budget protects nothing there.
test.each(['qa', 'prod'])('a drain takes one pod of %s at a time, however many there are', name => {
  expect(find(`overlays/${name}`, 'PodDisruptionBudget').map(({ spec }) => spec.maxUnavailable)).toEqual([1])
})

// Elsewhere nothing is scaled by it: what an environment has by itself changes with `npm run scale`.
test('an autoscaler does not begin below what stands beside it', () => {
  const scaled = [...ENVIRONMENTS.map(name => `overlays/${name}`), 'components/examples/hpa'].flatMap(folder =>
    find(folder, 'HorizontalPodAutoscaler').map(({ spec }) => ({ folder, minimum: spec.minReplicas })),
  )
  expect(scaled).not.toEqual([])
  for (const { folder, minimum } of scaled) {
    expect(minimum, folder).toBeGreaterThanOrEqual(find(folder, 'Deployment')[0]?.spec.replicas ?? 1)
  }
})

test.each(ENVIRONMENTS)('the project of %s permits its own namespace, and each kind that is used', name => {
  const project = find('argocd', 'AppProject').find(({ metadata }) => metadata.name === `flask-api-${name}`)
  expect(project?.spec.destinations).toEqual([
    { server: 'https://kubernetes.default.svc', namespace: `flask-api-${name}` },
  ])
  const permitted = new Set(
    project?.spec.namespaceResourceWhitelist.map((one: { group: string; kind: string }) => `${one.group}/${one.kind}`),
  )
  const used = [`overlays/${name}`, ...EXAMPLES.map(example => `components/examples/${example}`)].flatMap(resourcesOf)
  for (const { apiVersion, kind } of used.filter(one => one.kind !== 'Namespace')) {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
    expect([...permitted]).toContain(`${group}/${kind}`)
  }
})

test('no label that may change is in a selector', () => {
  for (const folder of ['base', ...ENVIRONMENTS.map(name => `overlays/${name}`)]) {
    expect(find(folder, 'Deployment')[0]?.spec.selector).toEqual({ matchLabels: { app: 'flask-api' } })
    expect(find(folder, 'Service')[0]?.spec.selector).toEqual({ app: 'flask-api' })
  }
})

test('what is ended has answered before: preStop and the drain fit into the grace', () => {
  const { template } = find('base', 'Deployment')[0]?.spec ?? {}
  const [container] = template.spec.containers
  const drain = Number(container.env.find((one: { name: string }) => one.name === 'SHUTDOWN_GRACE_SECONDS').value)
  expect(container.lifecycle.preStop.sleep.seconds).toBeGreaterThanOrEqual(5)
  expect(container.lifecycle.preStop.sleep.seconds + drain + 5).toBeLessThanOrEqual(
    template.spec.terminationGracePeriodSeconds,
  )
})

test.each(ENVIRONMENTS)(
  'what waits when %s ends a pod is answered: the queue, a prediction of 3 s and a second of quiet',
  name => {
    const settings = readFileSync(join(PROJECT, 'app/flask_api/settings.py'), 'utf8')
    const [, usual = ''] = /queue_seconds: int = (\d+)/.exec(settings) ?? []
    const [config] = find(`overlays/${name}`, 'ConfigMap').filter(one =>
      one.metadata.name.startsWith('flask-api-config'),
    )
    const queue = Number((config as Fields).data.QUEUE_SECONDS ?? usual)
    const [container] = find(`overlays/${name}`, 'Deployment')[0]?.spec.template.spec.containers ?? []
    const drain = Number(container.env.find((one: { name: string }) => one.name === 'SHUTDOWN_GRACE_SECONDS').value)
    expect(queue).toBeGreaterThan(0)
    expect(queue + 3 + 1).toBeLessThanOrEqual(drain)
  },
)

/** The first releases in which a remote reference of a kustomization cannot run a command (CVE-2026-113708). */
test('Argo CD is not older than the fixes that a pull request must not get around', () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'argocd/install/release.json'), 'utf8')) as {
    version: string
  }
  const [major = 0, minor = 0, patch = 0] = version.slice(1).split('.').map(Number)
  const floor: Readonly<Record<number, number>> = { 3: 15, 4: 10, 5: 4 }
  expect(major).toBeGreaterThanOrEqual(3)
  if (major === 3) expect(minor >= 6 || patch >= (floor[minor] ?? Number.POSITIVE_INFINITY), version).toBe(true)
})

test('the model store example names the checksums of its files', async () => {
  const { createHash } = await import('node:crypto')
  const folder = join(PROJECT, 'components/examples/model-store')
  const text = readFileSync(join(folder, 'kustomization.yaml'), 'utf8')
  expect(parse(text)).toBeDefined()
  for (const file of ['model-1.json', 'model-2.json']) {
    expect(text).toContain(
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    )
  }
})
