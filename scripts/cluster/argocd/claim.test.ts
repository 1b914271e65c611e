// On a cluster of somebody else: what is theirs is neither taken over nor changed. The API server is a stand-in.
import { afterEach, expect, test } from 'vitest'
import { type ApiServer, kindOf, startApiServer } from '../../../tests/stand-ins/api-server.ts'
import type { Kube, KubeObject } from '../kube/kube.ts'
import type { DesiredState } from '../desired-state.ts'
import type { State } from '../state/state.ts'
import { isTrackedBy, planObjects } from './claim.ts'

const servers: ApiServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(objects: readonly KubeObject[]): Promise<Kube> {
  const server = await startApiServer()
  servers.push(server)
  for (const object of objects) server.put(kindOf(object), object)
  return server.kube
}

const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
const root = { ...application, metadata: { name: 'root', namespace: 'argocd' } }
const environment = (name: string) => ({
  name,
  path: `overlays/${name}`,
  namespace: `${name}-ns`,
  image: 'flask-api:v1',
  objects: [],
})
const tree: DesiredState = {
  commit: 'a1',
  folder: '/tree',
  argocd: [root],
  root,
  environments: [environment('dev'), environment('load')],
  imageName: 'flask-api',
}
const state: State = {
  version: 1,
  name: 'flask-api',
  provider: 'existing',
  context: 'staging',
  cluster: 'found',
  argocd: 'installed',
}
const mark = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } })
const named = (apiVersion: string, kind: string, namespace: string, name: string, fields: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace, ...fields },
})
const deployment = (fields: object = {}) => named('apps/v1', 'Deployment', 'dev-ns', 'flask-api-deployment', fields)
const service = named('v1', 'Service', 'dev-ns', 'flask-api-service')

test('an API that was applied by hand is not taken over', async () => {
  const kube = await serve([deployment(), service])
  await expect(planObjects(kube, state, tree)).rejects.toMatchObject({
    message:
      'test has these already, made by somebody else: Deployment dev-ns/flask-api-deployment, Service dev-ns/flask-api-service',
    exitCode: 2,
  })
})

test('what an earlier up brought up is ours', async () => {
  const kube = await serve([deployment(), service])
  const made = await planObjects(await serve([]), state, tree)
  expect(made.map(({ metadata }) => metadata.name)).toEqual(['root', 'dev', 'load', 'dev-ns', 'load-ns'])
  expect(await planObjects(kube, { ...state, made }, tree)).toEqual(made)
})

test('an environment that the root Application made since is ours; one that others made is not', async () => {
  const made = [
    { ...application, metadata: root.metadata },
    { ...application, metadata: { name: 'dev' }, cascade: true },
  ]
  const id = 'root:argoproj.io/Application:argocd/load'
  const load = named(application.apiVersion, application.kind, 'argocd', 'load', mark(id))
  const kube = await serve([load, deployment(mark('dev:apps/Deployment:dev-ns/flask-api-deployment'))])
  const planned = await planObjects(kube, { ...state, made }, tree)
  expect(planned).toContainEqual({ ...application, metadata: { name: 'load', namespace: 'argocd' }, cascade: true })
  const foreign = await serve([named(application.apiVersion, application.kind, 'argocd', 'load')])
  await expect(planObjects(foreign, { ...state, made }, tree)).rejects.toThrow(
    'made by somebody else: Application load',
  )
})

test('tracked: by this Application, and as what it is', () => {
  const id = 'dev:apps/Deployment:dev-ns/flask-api-deployment'
  expect(isTrackedBy('dev', deployment(mark(id)))).toBe(true)
  expect(isTrackedBy('qa', deployment(mark(id)))).toBe(false)
  expect(isTrackedBy(undefined, deployment(mark(id)))).toBe(false)
  expect(isTrackedBy('dev', deployment(mark('dev:apps/Deployment:dev-ns/copied-from')))).toBe(false)
})
