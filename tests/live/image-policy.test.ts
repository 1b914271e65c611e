// components/image-policy by its README: the API server takes from prod what has a digest, and nothing else.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { validateTree } from '../tree.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const kept = Object.fromEntries(
  ['argocd/kustomization.yaml', 'argocd/repository/repository.yaml'].map(path => [path, live.readFile(path)]),
)
const DIGEST = `flask-api@sha256:${'1'.repeat(64)}`
const refused = /every image of prod needs its digest \(name@sha256:\.\.\.\), and there is none in (\S+)/

/** What the API server says to a dry run: the images that it refuses, or nothing. */
function ask(manifest: object, namespace = 'flask-api-prod'): string {
  try {
    live.dryRun(JSON.stringify(manifest), namespace)
    return ''
  } catch (error) {
    return refused.exec(String((error as { stderr?: unknown }).stderr))?.[1] ?? String(error)
  }
}

const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'try' }, spec })
const container = (image: string) => ({
  name: 'a',
  image,
  resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { memory: '1Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    runAsUser: 10_001,
    seccompProfile: { type: 'RuntimeDefault' },
  },
})

beforeAll(async () => {
  live.add('argocd/kustomization.yaml', 'components: [../components/image-policy]')
  const repository = 'argocd/repository/repository.yaml'
  live.writeFile(repository, live.readFile(repository).replace(/^ {2}url: \S+$/m, `  url: ${live.state.gitUrl}`))
  live.kubectl('apply', '--server-side', '--force-conflicts', '-k', `${live.root}/argocd`)
  // A policy is held a moment after it is made.
  const isHeld = () => ask(pod({ containers: [container('flask-api:v1')] })) === 'flask-api:v1'
  await vi.waitUntil(isHeld, { timeout: minutes, interval: 500 })
}, 2 * minutes)
afterAll(async () => {
  live.kubectl(
    'delete',
    'validatingadmissionpolicybinding,validatingadmissionpolicy',
    'flask-api-image-digest',
    '--ignore-not-found',
  )
  for (const [path, text] of Object.entries(kept)) live.writeFile(path, text)
}, minutes)

test('pods: every kind of image', () => {
  expect(ask(pod({ containers: [container(DIGEST)] }))).toBe('')
  expect(ask(pod({ containers: [container(DIGEST)], initContainers: [{ ...container('b:v1'), name: 'b' }] }))).toBe(
    'b:v1',
  )
  const volumes = [{ name: 'v', image: { reference: 'c:v1' } }]
  expect(ask(pod({ containers: [container(DIGEST)], volumes }))).toBe('c:v1')
  // One digit short.
  expect(ask(pod({ containers: [container(DIGEST.slice(0, -1))] }))).toBe(DIGEST.slice(0, -1))
})

test('workloads, those of batch too', () => {
  const template = (image: string) => ({
    metadata: { labels: { app: 'try' } },
    spec: { containers: [container(image)], restartPolicy: 'Never' },
  })
  const job = (image: string) => ({ template: template(image) })
  const cron = (image: string) => ({ schedule: '* * * * *', jobTemplate: { spec: job(image) } })
  const batch = { apiVersion: 'batch/v1', metadata: { name: 'try' } }
  for (const [image, answer] of [
    ['d:v1', 'd:v1'],
    [DIGEST, ''],
  ] as const) {
    expect(ask({ ...batch, kind: 'Job', spec: job(image) })).toBe(answer)
    expect(ask({ ...batch, kind: 'CronJob', spec: cron(image) })).toBe(answer)
  }
})

test('the other environments run tags as before', () => {
  expect(ask(pod({ containers: [container('flask-api:v1')] }), 'flask-api-qa')).toBe('')
})

test('what the validation says beforehand the API server says: prod has a tag', async () => {
  const { report } = await validateTree(live.root)
  const told = report.findings.filter(({ ruleId }) => ruleId === 'admission-policy')
  expect(told.map(({ location }) => location.file)).toEqual(['overlays/prod/kustomization.yaml'])
  // `up` runs the image that it built.
  const deployment = await live.deployment('flask-api-prod')
  const { metadata: _, status: __, ...rest } = deployment as unknown as Record<string, unknown>
  expect(ask({ ...rest, metadata: { name: 'flask-api-deployment-2' } })).toMatch(/^flask-api:[^@]+$/)
})
