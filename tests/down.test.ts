// `down` on a cluster of somebody else: what `up` made and nothing else, whatever became of the cluster since. The API
// server is a stand-in; a real one is in tests/cluster.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { key } from '../scripts/cluster/argocd/claim.ts'
import type { KubeObject } from '../scripts/cluster/kube/kube.ts'
import { type ApiServer, kindOf, startApiServer } from './stand-ins/api-server.ts'
import { type Checkout, createCheckout, type Ended } from './stand-ins/checkout.ts'

let checkout: Checkout
const servers: ApiServer[] = []
beforeEach(() => {
  checkout = createCheckout()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  expect(checkout.unexpected()).toEqual([])
  checkout.remove()
})

const argoproj = 'argoproj.io/v1alpha1'
const namespace = (name: string, uid = 'aaaa'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid, creationTimestamp: '2026-01-01T00:00:00Z' },
})
const argocd = (kind: string, name: string, fields: object = {}): KubeObject => ({
  apiVersion: argoproj,
  kind,
  metadata: { name, namespace: 'argocd', ...fields },
  spec: { destination: { namespace: name } },
})
const definition = (name: string): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${name}.argoproj.io` },
})
const definitions = ['applications', 'applicationsets', 'appprojects'].map(definition)
const tracked = (name: string) => ({
  annotations: { 'argocd.argoproj.io/tracking-id': `root:argoproj.io/Application:argocd/${name}` },
})
const cascading = { finalizers: ['resources-finalizer.argocd.argoproj.io/foreground'] }

const made = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } },
  { apiVersion: argoproj, kind: 'Application', metadata: { name: 'root', namespace: 'argocd' } },
  {
    apiVersion: argoproj,
    kind: 'Application',
    metadata: { name: 'flask-api-dev', namespace: 'argocd' },
    cascade: true,
  },
  { apiVersion: argoproj, kind: 'AppProject', metadata: { name: 'flask-api', namespace: 'argocd' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flask-api-dev' } },
]
const madeObjects = [
  ...['argocd', 'flask-api-dev'].map(name => namespace(name)),
  argocd('Application', 'root'),
  argocd('Application', 'flask-api-dev', cascading),
  argocd('AppProject', 'flask-api'),
]
const theirs = [namespace('kube-system'), namespace('their-team'), ...definitions, argocd('AppProject', 'default')]

/** What `up` left: Argo CD of `manifest`, and this state. */
function remember(state: object = {}): void {
  const known = { version: 1, name: 'flask-api', provider: 'existing', context: 'staging', identity: 'aaaa' }
  const whole = {
    ...known,
    cluster: 'found',
    argocd: 'installed',
    gitUrl: 'https://git.example.invalid/a/b',
    made,
    ...state,
  }
  checkout.write('.cluster/.gitignore', '*\n')
  checkout.write('.cluster/flask-api/state.json', JSON.stringify(whole))
  checkout.write('.cluster/flask-api/argocd-0123456789abcdef.yaml', 'kind: ConfigMap\n')
}

async function serve(objects: readonly KubeObject[]): Promise<ApiServer> {
  const server = await startApiServer()
  servers.push(server)
  for (const object of objects) server.put(kindOf(object), object)
  writeContext(server.url)
  return server
}

const left = (server: ApiServer): readonly string[] => server.all().map(key).sort()
const changes = (server: ApiServer): readonly string[] => server.requests.filter(request => !request.startsWith('GET '))

function writeContext(server: string, name = 'staging'): void {
  const folder = join(checkout.folder, 'home', '.kube')
  mkdirSync(folder, { recursive: true })
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { token: 'secret' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  }
  writeFileSync(join(folder, 'config'), JSON.stringify(config))
}

const down = (...args: readonly string[]): Promise<Ended> => checkout.run('down.ts', args)
const isRemembered = () => existsSync(join(checkout.root, '.cluster/flask-api'))
const uninstalls = () => checkout.calls().filter(call => call.includes(' delete '))

test('what up made goes, by the manifest that was applied and not by the one that is pinned now', async () => {
  remember()
  const server = await serve([...theirs, ...madeObjects])
  checkout.standIn(['kubectl'], [{ call: ' delete ' }])
  const { code, stdout, stderr } = await down()
  expect({ code, stdout, stderr: code === 0 ? '' : stderr }).toEqual({
    code: 0,
    stdout: 'Removed: Applications, Argo CD, namespace argocd, namespace flask-api-dev.\n',
    stderr: '',
  })
  expect(left(server).filter(name => !/^CustomResource/.test(name))).toEqual([
    'AppProject argocd/default',
    'Namespace kube-system',
    'Namespace their-team',
  ])
  // The root first: it would make the others again.
  const applications = changes(server).filter(change => change.includes('/applications/'))
  expect(applications.map(change => change.replace(/ .*\//, ' '))).toEqual(['DELETE root', 'DELETE flask-api-dev'])
  expect(uninstalls()).toEqual([
    expect.stringMatching(/ delete .*\/\.cluster\/flask-api\/argocd-0123456789abcdef\.yaml$/),
  ])
  expect(isRemembered()).toBe(false)
})

test('the context leads to another cluster: nothing is changed there, neither by up nor by down', async () => {
  remember()
  const server = await serve([namespace('kube-system', 'bbbb'), ...theirs.slice(1), ...madeObjects])
  const before = left(server)
  writeFileSync(join(checkout.folder, 'argocd.yaml'), 'kind: Namespace\n')
  const existing = ['--provider', 'existing', '--context', 'staging', '--repo-url', 'https://git.example.invalid/a/b']
  const manifest = ['--argocd-manifest', join(checkout.folder, 'argocd.yaml')]
  for (const ended of [await down(), await down('--force'), await checkout.run('up.ts', [...existing, ...manifest])]) {
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain(
      'the context staging leads to another cluster than the one that flask-api was brought up on',
    )
    expect(ended.stderr).toContain('npm run down -- --name flask-api --local')
  }
  expect(changes(server)).toEqual([])
  expect(left(server)).toEqual(before)
  expect(isRemembered()).toBe(true)
})

test('others use the Argo CD of up: down names what they have, and removes nothing', async () => {
  remember()
  const copy = argocd('Application', 'shop', tracked('flask-api-dev'))
  const set = { ...argocd('ApplicationSet', 'fleet'), metadata: { name: 'fleet', namespace: 'their-team' } }
  const server = await serve([...theirs, ...madeObjects, copy, set, argocd('AppProject', 'shop')])
  const { code, stderr } = await down('--force')
  expect(code).toBe(1)
  expect(stderr).toContain('others use the Argo CD that `up` installed on staging; nothing was removed')
  for (const name of ['Application argocd/shop', 'ApplicationSet their-team/fleet', 'AppProject argocd/shop']) {
    expect(stderr).toContain(name)
  }
  expect(stderr).not.toContain('flask-api-dev')
  expect(changes(server)).toEqual([])
  expect(isRemembered()).toBe(true)
})

test('an Argo CD that was there before: what others have in it is not a matter', async () => {
  remember({ argocd: 'found', made: made.filter(({ metadata }) => metadata.name !== 'argocd') })
  const server = await serve([...theirs, ...madeObjects, argocd('Application', 'shop')])
  expect((await down()).code).toBe(0)
  expect(left(server).filter(name => name.includes('argocd'))).toEqual([
    'AppProject argocd/default',
    'Application argocd/shop',
    'Namespace argocd',
  ])
  expect(uninstalls()).toEqual([])
})

test('an environment that was added in Git after up goes with the others; its namespace stays', async () => {
  remember()
  const added = argocd('Application', 'flask-api-load', tracked('flask-api-load'))
  const server = await serve([...theirs, ...madeObjects, namespace('flask-api-load'), added])
  checkout.standIn(['kubectl'], [{ call: ' delete ' }])
  const { code, stderr } = await down()
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(stderr).toContain('The namespace flask-api-load of flask-api-load')
  expect(left(server)).toContain('Namespace flask-api-load')
  expect(left(server).join()).not.toContain('Application argocd')
  // What it runs goes too, as with prod, which has no finalizer of its own.
  const path = `/apis/${argoproj}/namespaces/argocd/applications/flask-api-load`
  expect(changes(server).filter(change => change.endsWith(path))).toEqual([`PATCH ${path}`, `DELETE ${path}`])
})

test('one that is being deleted already gets no finalizer more, which the API server would refuse', async () => {
  remember()
  const going = argocd('Application', 'flask-api-dev', { deletionTimestamp: '2026-01-01T00:00:00Z' })
  const server = await serve([...theirs, ...madeObjects.slice(0, 3), going])
  checkout.standIn(['kubectl'], [{ call: ' delete ' }])
  expect((await down()).code).toBe(0)
  expect(changes(server).filter(change => change.startsWith('PATCH'))).toEqual([])
})

test('Argo CD is gone, as a down that was stopped leaves it: the next one goes on', async () => {
  remember()
  const server = await serve([namespace('kube-system'), namespace('flask-api-dev')])
  checkout.standIn(['kubectl'], [{ call: ' delete ' }])
  expect((await down()).code).toBe(0)
  expect(left(server)).toEqual(['Namespace kube-system'])
  expect(isRemembered()).toBe(false)
})

test('up was refused and made nothing: the cluster is not asked, and an Argo CD there is no matter', async () => {
  remember({ argocd: 'none', made: [] })
  const server = await serve([...theirs, argocd('Application', 'shop')])
  expect((await down()).code).toBe(0)
  expect(server.requests).toEqual([])
  expect(isRemembered()).toBe(false)
})

test('kubectl ends badly: what to do, and nothing is forgotten', async () => {
  remember()
  await serve([...theirs, ...madeObjects])
  checkout.standIn(['kubectl'], [{ call: ' delete ', exit: 1, stderr: 'error: timed out waiting for the condition\n' }])
  const { code, stderr } = await down()
  expect(code).toBe(1)
  expect(stderr).toContain('timed out waiting for the condition')
  expect(stderr).toContain('kubectl --context staging get applications,applicationsets,appprojects -A')
  expect(isRemembered()).toBe(true)
})

test('no manifest was kept: Argo CD is not left behind in silence', async () => {
  remember()
  await serve([...theirs, ...madeObjects])
  rmSync(join(checkout.root, '.cluster/flask-api/argocd-0123456789abcdef.yaml'))
  const { code, stderr } = await down()
  expect(code).toBe(1)
  expect(stderr).toContain('what was installed of Argo CD is not known')
  expect(isRemembered()).toBe(true)
})

test.each([
  [
    'does not answer',
    () => writeContext('http://127.0.0.1:2'),
    1,
    /staging \(http:\/\/127\.0\.0\.1:2\) does not answer: .*ECONNREFUSED/,
  ],
  ['has no context any more', () => writeContext('http://127.0.0.1:2', 'other'), 2, /there is no context staging/],
])('the cluster %s: said in one line; --local forgets it', async (_, prepare, exit, message) => {
  remember()
  prepare()
  checkout.git('remote', 'add', 'cluster', join(checkout.root, '.cluster/flask-api/repository.git'))
  for (const args of [[], ['--force']]) {
    const { code, stderr } = await down(...args)
    expect(code).toBe(exit)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('Where that cluster is gone for good: npm run down -- --name flask-api --local')
    expect(stderr).not.toMatch(/^ +at /m)
  }
  const { code, stdout, stderr } = await down('--local')
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Removed: remote cluster, what this checkout knew of it.\n' })
  expect(stderr).toContain(
    'What is on staging stays, where it is still there: Argo CD, Namespace argocd, Application argocd/root',
  )
  expect(isRemembered()).toBe(false)
})

test('a cluster that up made, and no Docker any more: --local asks for none', async () => {
  remember({ provider: 'kind', context: 'kind-flask-api', cluster: 'created' })
  const { code, stderr } = await down('--local')
  expect(code).toBe(0)
  expect(stderr).toContain('The cluster of the context kind-flask-api stays')
  expect(isRemembered()).toBe(false)
})

test('--local does not lose commits either', async () => {
  remember()
  const bare = join(checkout.root, '.cluster/flask-api/repository.git')
  const here = checkout.git('rev-parse', 'HEAD').trim()
  checkout.git('init', '--quiet', '--bare', bare)
  checkout.commit('Only in the cluster')
  checkout.git('push', '--quiet', bare, 'HEAD:main')
  checkout.git('reset', '--quiet', '--hard', here)
  const { code, stderr } = await down('--local')
  expect(code).toBe(1)
  expect(stderr).toContain('Only in the cluster')
  expect(isRemembered()).toBe(true)
})
