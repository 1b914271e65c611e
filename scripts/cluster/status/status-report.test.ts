// What `npm run status` says of objects as the API server sends them.
import { expect, test } from 'vitest'
import type { Kube, KubeObject } from '../kube/kube.ts'
import { composeReport, formats, readReport } from './status-report.ts'

const application = (name: string, status: object, namespace = name, project = 'flask-api-dev'): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project, destination: { namespace } },
  status,
})
const deployment = (namespace: string, replicas: number, ready: number | undefined): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'flask-api-deployment', namespace },
  spec: { replicas, template: { spec: { containers: [{ name: 'flask-api-container', image: 'flask-api:v1' }] } } },
  status: ready === undefined ? {} : { readyReplicas: ready },
})
const well = { sync: { status: 'Synced', revision: '0123456789abcdef' }, health: { status: 'Healthy' } }

test('environments by name, the root Application left out', () => {
  const applications = [
    application('flask-api-qa', well),
    application('root', well, 'argocd', 'root'),
    application('flask-api-dev', well),
  ]
  const { environments } = composeReport('kind-a', applications, [deployment('flask-api-dev', 1, 1)])
  expect(environments.map(({ name }) => name)).toEqual(['flask-api-dev', 'flask-api-qa'])
})

test("others' Applications of the same Argo CD are not environments, and decide nothing", () => {
  const applications = [application('shop', {}, 'shop', 'default'), application('flask-api-dev', well)]
  const { environments } = composeReport('kind-a', applications, [deployment('flask-api-dev', 1, 1)])
  expect(environments.map(({ name }) => name)).toEqual(['flask-api-dev'])
})

test('a Deployment of our name with other containers is shown without an image', () => {
  const other = deployment('flask-api-dev', 1, 1)
  const spec = { replicas: 1, template: { spec: { containers: [{ name: 'other', image: 'other:1' }] } } }
  const report = composeReport('kind-a', [application('flask-api-dev', well)], [{ ...other, spec }])
  expect(report.environments[0]).toMatchObject({ image: '', replicas: { wanted: 1, ready: 1 } })
})

test('Deployments are asked for by name, in one request', async () => {
  const asked: unknown[] = []
  const list = async (...query: readonly unknown[]) => {
    asked.push(query.filter(Boolean))
    return { items: [] }
  }
  await readReport({ context: 'kind-a', objects: { list } } as unknown as Kube)
  expect(asked[1]).toEqual(['apps/v1', 'Deployment', 'metadata.name=flask-api-deployment'])
})

test('drift, faults and missing pods', () => {
  const status = {
    sync: { status: 'OutOfSync', revision: '0123456789abcdef' },
    health: { status: 'Degraded' },
    conditions: [{ type: 'ComparisonError', message: 'connection refused' }],
    operationState: { phase: 'Failed', message: 'one or more objects failed to apply' },
    resources: [
      { kind: 'Service', name: 'flask-api-service', status: 'Synced' },
      { kind: 'Deployment', name: 'flask-api-deployment', status: 'OutOfSync' },
      { kind: 'Namespace', name: 'flask-api-dev' },
    ],
  }
  const report = composeReport(
    'kind-a',
    [application('flask-api-dev', status)],
    [deployment('flask-api-dev', 5, undefined)],
  )
  expect(report.environments[0]).toEqual({
    name: 'flask-api-dev',
    namespace: 'flask-api-dev',
    revision: '0123456789abcdef',
    sync: 'OutOfSync',
    health: 'Degraded',
    replicas: { wanted: 5, ready: 0 },
    image: 'flask-api:v1',
    drift: ['Deployment/flask-api-deployment'],
    messages: ['ComparisonError: connection refused', 'Failed: one or more objects failed to apply'],
  })
  expect(formats.text?.(report)).toBe(`context kind-a
ENVIRONMENT    REVISION  SYNC       HEALTH    READY  IMAGE         DRIFT
flask-api-dev  01234567  OutOfSync  Degraded  0/5    flask-api:v1  Deployment/flask-api-deployment
flask-api-dev: ComparisonError: connection refused
flask-api-dev: Failed: one or more objects failed to apply
`)
  expect(JSON.parse(formats.json?.(report) ?? '')).toEqual(report)
})

test('an Application that nothing was made of yet', () => {
  const report = composeReport('kind-a', [application('flask-api-dev', {})], [])
  expect(report.environments[0]).toMatchObject({ sync: 'Unknown', health: 'Unknown', image: '', drift: [] })
  expect(formats.text?.(report)).toContain('flask-api-dev  -         Unknown  Unknown  0/0    -      none')
})

test('no Application at all', () => {
  expect(formats.text?.({ context: 'kind-a', environments: [] })).toBe('kind-a: no Application runs the API.\n')
})
