// Whose word is taken for a sync: what Argo CD said of an earlier source looks just as well.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../../../tests/stand-ins/api-server.ts'
import type { Source } from '../argocd/applications.ts'
import { type KubeObject, kinds } from '../kube/kube.ts'
import { names, type DesiredState } from '../desired-state.ts'
import { Problem } from '../../command/problem.ts'
import { createProgress } from '../../command/progress.ts'
import type { LocalImages } from '../state/state.ts'
import { syncAll } from './sync.ts'

const dev = 'flask-api-dev'
const before: Source = {
  repoURL: 'http://172.18.0.1:8000/repository.git',
  targetRevision: 'main',
  kustomize: { images: ['flask-api=flask-api:git-1'] },
}
const builds = (build: string): LocalImages => ({ name: 'flask-api', builds: { 'flask-api:v1': build } })
const application = (name: string, source: Source): KubeObject => ({
  apiVersion: kinds.application.apiVersion,
  kind: 'Application',
  metadata: { name, namespace: names.namespace },
  spec: { source },
})
const root = application('root', {
  repoURL: 'https://github.com/your-org/flask-api-gitops.git',
  targetRevision: 'main',
})
const tree: DesiredState = {
  commit: 'a1',
  folder: '/nowhere',
  argocd: [root],
  root,
  environments: [{ name: dev, path: 'overlays/dev', namespace: dev, image: 'flask-api:v1', objects: [] }],
  imageName: 'flask-api',
}

let folder: string
let server: ApiServer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sync-'))
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Seen {
  readonly source: Source
  readonly revision?: string
  /** What Argo CD reports as an error. */
  readonly error?: string
}

/** What Argo CD writes when it has compared. */
function compared({ metadata, ...object }: KubeObject, { source, revision = 'a1', error }: Seen): KubeObject {
  const status = {
    sync: { status: error === undefined ? 'Synced' : 'Unknown', revision, comparedTo: { source } },
    health: { status: 'Healthy' },
    conditions: error === undefined ? [] : [{ type: 'ComparisonError', message: error }],
  }
  return { ...object, metadata: { ...metadata, annotations: {} }, status }
}

/** A cluster that was well with `before`, and Argo CD: `answer` says what it does when it is asked to look at the root. */
async function start(answer: (child: KubeObject, wanted: Source) => void): Promise<void> {
  server = await startApiServer(object => {
    if (object.metadata.name !== 'root' || object.metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined)
      return
    const { source } = object.spec as { source: Source & { kustomize: { patches: readonly { patch: string }[] } } }
    const patch = JSON.parse(source.kustomize.patches[0]?.patch ?? '') as { spec: { source: Source } }
    setTimeout(() => answer(server.get(kinds.application, dev) as KubeObject, patch.spec.source), 50)
  })
  server.put(kinds.application, compared(application(dev, before), { source: before }))
}

const put = (object: KubeObject) => server.put(kinds.application, object)

interface Asked {
  readonly url?: string
  readonly revision?: string
  readonly build?: string
  readonly repository?: string
}

function sync({ url = before.repoURL ?? '', revision = 'main', build = 'flask-api:git-1', repository }: Asked) {
  const state = {
    version: 1,
    name: 'test',
    provider: 'kind',
    context: 'test',
    cluster: 'created',
    argocd: 'installed',
    gitUrl: url,
    images: builds(build),
  } as const
  const progress = createProgress({ write: () => true })
  const signal = AbortSignal.timeout(20_000)
  return syncAll({ kube: server.kube, tree, state, revision, repository, signal, progress })
}

test('nothing changed: nobody is asked to look', async () => {
  await start(() => {})
  expect(await sync({ repository: folder })).toMatchObject([{ name: dev, revision: 'a1', sync: 'Synced' }])
  expect(server.requests.filter(request => request.startsWith('PATCH'))).toHaveLength(1)
})

test.each([
  ['another repository', { url: 'https://git.example.invalid/acme/api.git' }, { revision: 'b2' }],
  ['another revision', { url: before.repoURL ?? '', revision: 'trial' }, { revision: 'b2' }],
  ['another image at the same commit', { build: 'flask-api:git-2', repository: '/nowhere' }, { revision: 'a1' }],
])('%s: waits until Argo CD has compared with it', async (_, asked, { revision }) => {
  await start((child, wanted) => {
    // The root has given the child its source; the status is still of the source before.
    put({ ...child, spec: { source: wanted } })
    setTimeout(() => put(compared({ ...child, spec: { source: wanted } }, { source: wanted, revision })), 50)
  })
  const [status] = await sync(asked)
  expect(status?.revision).toBe(revision)
  expect(status?.sources[0]).not.toEqual(before)
  expect(status?.sources[1]).toEqual(status?.sources[0])
})

test.each(['failed to list refs: repository not found', "unable to resolve 'main' to a commit SHA"])(
  'a remote that cannot be read is said at once: %s',
  async error => {
    const url = 'https://git.example.invalid/acme/apo.git'
    await start(() => {
      const asked = server.get(kinds.application, 'root') as KubeObject
      put(compared(asked, { source: { repoURL: url, targetRevision: 'main' }, error }))
    })
    const problem = await sync({ url }).catch((caught: unknown) => caught)
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).message).toBe(`Argo CD cannot read ${url} at main`)
    expect((problem as Problem).details).toContain(error)
  },
)

test('an error of before it was asked again is not taken for the answer', async () => {
  const url = 'https://git.example.invalid/acme/api.git'
  await start((child, wanted) => {
    put(compared(server.get(kinds.application, 'root') as KubeObject, { source: wanted }))
    put(compared({ ...child, spec: { source: wanted } }, { source: wanted }))
  })
  const source = { repoURL: url, targetRevision: 'main' }
  put(compared(application('root', source), { source, error: 'failed to list refs: repository not found' }))
  expect(await sync({ url })).toMatchObject([{ sync: 'Synced' }])
})

test('a commit that is pushed while this waits is as good; an older one is not', async () => {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--initial-branch=main')
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid']
  const commit = (message: string) => {
    git(...identity, 'commit', '--quiet', '--allow-empty', '--message', message)
    return git('rev-parse', 'HEAD')
  }
  const older = commit('Older')
  await start(child => {
    const pushed = commit('Pushed meanwhile')
    put(compared(child, { source: before, revision: older }))
    setTimeout(() => put(compared(child, { source: before, revision: pushed })), 50)
  })
  put(compared(application(dev, before), { source: before, revision: older }))
  commit('Brought up')
  const [status] = await sync({ repository: join(folder, '.git') })
  expect(status?.revision).toBe(git('rev-parse', 'HEAD'))
})
