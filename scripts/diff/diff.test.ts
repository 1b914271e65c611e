import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createRepository, type TestRepository } from '../edit/test-repository.ts'
import { layOver } from '../tree/source/edit.ts'
import { openFolder } from '../tree/source/folder.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { diffSources } from './diff.ts'
import type { Change, DiffReport } from './model.ts'

const ask = (repository: TestRepository, ...args: string[]): DiffReport => {
  const { code, stdout, stderr } = repository.run('diff', [...args, '--format', 'json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as DiffReport
}

/** A line a change: the environment, the object, what became of it, and its fields with their lines. */
const tell = ({ changes }: Pick<DiffReport, 'changes'>): readonly string[] =>
  changes.flatMap(({ environment, object, type, fields, before }: Change) => [
    `${environment} ${type} ${object.kind} ${object.name}${before ? ` was ${before.application} ${before.name}` : ''}`,
    ...fields.map(({ fieldPath, before: old, after, location, order }) => {
      const place = location && `${location.file}:${location.line}${location.side ? ` ${location.side}` : ''}`
      return `  ${fieldPath.join('.')} ${JSON.stringify(old)} -> ${JSON.stringify(after)}${order ? ' order' : ''} ${place}`
    }),
  ])

const PROD = 'overlays/prod/kustomization.yaml'
const REPLICAS = ['prod changed Deployment flask-api-deployment', `  spec.replicas 3 -> 5 ${PROD}:28`]

function cloneOf(repository: TestRepository): TestRepository {
  const folder = mkdtempSync(join(tmpdir(), 'clone-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  repository.git('clone', '--quiet', repository.root, folder)
  const git = (...args: string[]): string => repository.git('-C', folder, ...args)
  return {
    ...repository,
    root: folder,
    git,
    write: (path, text) => writeFileSync(join(folder, path), text),
    run: (command, args) => repository.run(command, [...args, '--root', folder]),
  }
}

test('a number of an overlay is one field of one object, with its line', () => {
  const repository = createRepository()
  repository.write(PROD, repository.read(PROD).replace('count: 3', 'count: 5'))
  const report = ask(repository, 'HEAD')
  expect(report).toEqual({
    changes: [
      {
        environment: 'prod',
        application: 'flask-api-prod',
        build: 'overlays/prod',
        object: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'flask-api-prod',
          name: 'flask-api-deployment',
        },
        type: 'changed',
        fields: [{ fieldPath: ['spec', 'replicas'], before: 3, after: 5, location: { file: PROD, line: 28 } }],
        location: { file: 'base/deployment.yaml', line: expect.any(Number) },
      },
    ],
    risks: [],
    notRendered: [],
  })
})

test('both sides are named as Git names commits', () => {
  const repository = createRepository()
  repository.git('tag', 'before')
  repository.change(PROD, 'count: 3', 'count: 5', 'Scale')
  repository.git('checkout', '--quiet', '-b', 'other', 'before')
  repository.change('overlays/qa/kustomization.yaml', 'count: 2', 'count: 1', 'Scale qa')
  for (const words of [['before', 'main'], ['before..main'], ['other...main'], ['before', 'refs/heads/main']])
    expect(tell(ask(repository, ...words))).toEqual(REPLICAS)
  const back = tell(ask(repository, 'main', 'before'))
  expect(back).toEqual([REPLICAS[0], `  spec.replicas 5 -> 3 ${PROD}:28`])
  expect(tell(ask(repository, 'before', 'before'))).toEqual([])
})

test('what is asked in vain is said', () => {
  const repository = createRepository()
  const { code, stderr } = repository.run('diff', ['nowhere'])
  expect([code, stderr]).toEqual([2, 'diff: there is no commit nowhere here. git fetch brings what the remote has\n'])
  rmSync(join(repository.root, '.git'), { recursive: true })
  expect(repository.run('diff', []).stderr).toContain('is not in a Git repository')
})

test('the default is what this branch changes, and not what others have done since', () => {
  const remote = createRepository()
  const clone = cloneOf(remote)
  remote.change('overlays/dev/kustomization.yaml', 'LOG_LEVEL', 'LEVEL', 'Rename a setting')
  clone.git('fetch', '--quiet')
  clone.write(PROD, remote.read(PROD).replace('count: 3', 'count: 5'))
  expect(tell(ask(clone))).toEqual(REPLICAS)
  clone.git('commit', '--quiet', '--all', '--message=Scale')
  expect(tell(ask(clone))).toEqual(REPLICAS)
})

test('a default branch that nobody knows is asked for, and one that is alone is it, whatever it is called', () => {
  const remote = createRepository()
  remote.git('branch', '--quiet', '--move', 'trunk')
  const clone = cloneOf(remote)
  clone.git('remote', 'set-head', 'origin', '--delete')
  clone.write(PROD, remote.read(PROD).replace('count: 3', 'count: 5'))
  expect(tell(ask(clone))).toEqual(REPLICAS)
  remote.git('branch', '--quiet', 'other')
  clone.git('fetch', '--quiet')
  const { code, stderr } = clone.run('diff', [])
  expect(code).toBe(2)
  expect(stderr).toMatch(/which branch of origin is its default one is not known here.*set-head origin --auto/s)
})

test('a root below the top of the repository is compared with itself', () => {
  const repository = createRepository()
  const nested = join(repository.root, 'deploy')
  for (const name of ['base', 'components', 'overlays', 'apps', 'argocd', 'validation.yaml'])
    cpSync(join(repository.root, name), join(nested, name), { recursive: true })
  repository.git('add', '--all')
  repository.git('commit', '--quiet', '--message=Copy')
  repository.write(`deploy/${PROD}`, repository.read(PROD).replace('count: 3', 'count: 5'))
  expect(tell(ask(repository, 'HEAD', '--root', nested))).toEqual(REPLICAS)
})

test('a change of the base reaches every environment, and says so', () => {
  const repository = createRepository()
  const path = 'base/service.yaml'
  repository.write(path, repository.read(path).replace('type: NodePort', 'type: ClusterIP'))
  const { stdout } = repository.run('diff', ['HEAD'])
  expect(stdout.split('\n')[0]).toBe('base/ changes: it reaches dev, qa, prod and components/hpa/example')
  expect(stdout).toContain('spec.type  NodePort -> ClusterIP   base/service.yaml:')
})

test('a generated ConfigMap is followed across its hash', () => {
  const repository = createRepository()
  repository.write(PROD, repository.read(PROD).replace('THREADS=16', 'THREADS=32'))
  const [map, ...fields] = tell(ask(repository, 'HEAD'))
  expect(map).toMatch(/^prod changed ConfigMap flask-api-config-\w{10} was flask-api-prod flask-api-config-\w{10}$/)
  expect(fields[0]).toBe(`  data.THREADS "16" -> "32" ${PROD}:36`)
  expect(fields.slice(1).join('\n')).toMatch(/configMapRef\.name "flask-api-config-\w+" -> "flask-api-config-\w+"/)
})

test('a Secret is said to change, and not what it holds', () => {
  const repository = createRepository()
  const secret = (value: string): string => `\nsecretGenerator:\n  - name: key\n    literals: [token=${value}]\n`
  const text = repository.read(PROD)
  repository.write(PROD, text + secret('abracadabra'))
  repository.git('commit', '--quiet', '--all', '--message=Add a key')
  repository.write(PROD, text + secret('simsalabim'))
  for (const format of ['json', 'stylish', 'markdown', 'html']) {
    const { stdout } = repository.run('diff', ['HEAD', '--whole', '--format', format])
    expect(stdout).toContain('another one')
    const written = ['abracadabra', 'simsalabim'].flatMap(word => [word, Buffer.from(word).toString('base64')])
    for (const word of written) expect(stdout).not.toContain(word)
  }
})

test('a rename and a move to another Application are told as such', () => {
  const repository = createRepository()
  const path = 'base/serviceaccount.yaml'
  repository.write(path, repository.read(path).replace(/name: \S+/, 'name: api'))
  expect(tell(ask(repository, 'HEAD')).filter(line => line.includes('ServiceAccount'))).toEqual(
    expect.arrayContaining(['prod renamed ServiceAccount api was flask-api-prod flask-api-serviceaccount']),
  )
  repository.git('checkout', '--quiet', '.')
  const app = 'apps/qa.yaml'
  repository.write(app, repository.read(app).replace('name: flask-api-qa', 'name: qa'))
  const moved = tell(ask(repository, 'HEAD')).filter(line => line.startsWith('qa'))
  expect(moved).toContain('qa renamed Service flask-api-service was flask-api-qa flask-api-service')
  expect(moved.every(line => line.includes(' renamed '))).toBe(true)
})

test('a mere change of order is told where it replaces pods, and a default written out is none', () => {
  const repository = createRepository()
  const path = 'base/deployment.yaml'
  const text = repository.read(path)
  repository.write(
    path,
    text.replace(/( *)protocol: TCP\n/, '').replace('    spec:\n', '    spec:\n      restartPolicy: Always\n'),
  )
  expect(tell(ask(repository, 'HEAD'))).toEqual([])
  const patch = 'overlays/prod/patches/order.yaml'
  const env = (names: readonly string[]): string =>
    `- op: add\n  path: /spec/template/spec/containers/0/env\n  value: [${names.map(name => `{ name: ${name}, value: x }`).join(', ')}]\n`
  const named = `${repository.read(PROD)}  - path: patches/order.yaml\n    target: { kind: Deployment }\n`
  repository.write(PROD, named)
  repository.write(patch, env(['A', 'B']))
  repository.git('add', '--all')
  repository.git('commit', '--quiet', '--message=Set variables')
  repository.write(patch, env(['B', 'A']))
  expect(tell(ask(repository, 'HEAD'))).toEqual([
    'prod changed Deployment flask-api-deployment',
    `  spec.template.spec.containers.0.env ["A","B"] -> ["B","A"] order ${patch}:3`,
  ])
  expect(repository.run('diff', ['HEAD']).stdout).toContain('[A, B] -> [B, A] (order only, replaces the pods)')
})

test.each(['head', 'base'])('a build that the %s cannot render is said, and not taken for gone or new', side => {
  const repository = createRepository()
  const text = repository.read(PROD)
  const broken = text.replace('namespace.yaml', 'nowhere.yaml')
  if (side === 'base') {
    repository.write(PROD, broken)
    repository.git('commit', '--quiet', '--all', '--message=Break')
  }
  repository.write(PROD, side === 'base' ? text : broken)
  const { changes, notRendered } = ask(repository, 'HEAD')
  expect(changes).toEqual([])
  expect(notRendered.map(one => [one.build, one.side])).toEqual([['overlays/prod', side]])
  expect(notRendered[0]?.reason).toContain('nowhere.yaml')
})

test('an environment that is added or removed is told object by object, and whole on request', () => {
  const repository = createRepository()
  repository.git('rm', '-r', '--quiet', 'overlays/qa', 'apps/qa.yaml')
  const apps = 'apps/kustomization.yaml'
  repository.write(apps, repository.read(apps).replace(/^.*qa\.yaml\n/m, ''))
  const lines = tell(ask(repository, 'HEAD'))
  expect(lines).toContain('qa removed Namespace flask-api-qa')
  expect(lines).toContain('undefined removed Application flask-api-qa')
  expect(lines.filter(line => !line.includes(' removed '))).toEqual([])
  expect(repository.run('diff', ['HEAD']).stdout).not.toContain('containerPort')
  expect(repository.run('diff', ['HEAD', '--whole']).stdout).toContain('containerPort')
})

test('values of a chart beside its folder are inputs, and a plugin is said to be unknown', () => {
  const repository = createRepository()
  const source = (name: string, more: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: default
  destination: { server: https://kubernetes.default.svc, namespace: shop }
  source: { repoURL: https://github.com/your-org/flask-api-gitops.git, targetRevision: HEAD, ${more} }
`
  repository.write(
    'more/chart.yaml',
    source('shop', 'path: charts/shop, helm: { valueFiles: [../../values/shop.yaml] }'),
  )
  repository.write('more/plugin.yaml', source('other', 'path: plugin, plugin: { name: any }'))
  repository.write('charts/shop/Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 1.0.0\n')
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\ndata:\n  size: "{{ .Values.size }}"\n'
  repository.write('charts/shop/templates/map.yaml', template)
  repository.write('values/shop.yaml', 'size: 1\n')
  repository.write('plugin/kustomization.yaml', 'resources: []\n')
  repository.write('plugin/values.yaml', 'a: 1\n')
  repository.git('add', '--all')
  repository.git('commit', '--quiet', '--message=Add a chart and a plugin')
  repository.write('values/shop.yaml', 'size: 2\n')
  expect(tell(ask(repository, 'HEAD'))).toEqual([
    'undefined changed ConfigMap shop',
    '  data.size "1" -> "2" values/shop.yaml:1',
  ])
  repository.git('checkout', '--quiet', '.')
  repository.write('plugin/values.yaml', 'a: 2\n')
  const { notRendered } = ask(repository, 'HEAD')
  expect(notRendered.map(({ side, reason }) => `${side}: ${reason}`)).toEqual([
    'base: Application other brings a plugin, which is not rendered here',
    'head: Application other brings a plugin, which is not rendered here',
  ])
})

test('a file whose content a partial clone does not have makes its builds unknown, not gone', () => {
  const repository = createRepository()
  const path = 'overlays/prod/namespace.yaml'
  const hash = repository.git('rev-parse', `HEAD:${path}`)
  repository.write(path, repository.read(path).replace('metadata:', 'metadata: # ours'))
  rmSync(join(repository.root, '.git', 'objects', hash.slice(0, 2), hash.slice(2)), { force: true })
  const { changes, notRendered } = ask(repository, 'HEAD')
  expect(changes).toEqual([])
  expect(notRendered.map(one => [one.build, one.side])).toEqual([['overlays/prod', 'base']])
  expect(notRendered[0]?.reason).toContain('its content is not in this clone')
})

test('the page has a tab for the diff and one for the findings', () => {
  const repository = createRepository()
  repository.write(PROD, repository.read(PROD).replace('count: 3', 'count: 5'))
  const { stdout } = repository.run('diff', ['HEAD', '--format', 'html'])
  expect([...stdout.matchAll(/role="tab"[^>]*>(\w+)/g)].map(([, title]) => title)).toEqual(['Diff', 'Findings'])
  expect(stdout).toContain('<code>spec.replicas</code>')
})

test('of builds that are the same in both only what names them is parsed', async () => {
  const kustomization = 'resources: [web.yaml]\n'
  const object = (replicas: number) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: ${replicas} }\n`
  const files = (replicas: number): ReadonlyMap<string, Uint8Array> =>
    new Map(
      Object.entries({
        'a/kustomization.yaml': kustomization,
        'a/web.yaml': object(replicas),
        'b/kustomization.yaml': kustomization,
        'b/web.yaml': object(1),
      }).map(([path, text]) => [path, Buffer.from(text)]),
    )
  const root = mkdtempSync(join(tmpdir(), 'lazy-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const head = layOver(openFolder(root), files(2))
  const base = layOver(head, new Map([['a/web.yaml', Buffer.from(object(1))]]))
  const parse = vi.spyOn(SourceFile.prototype, 'parse')
  onTestFinished(() => parse.mockRestore())
  const { changes } = await diffSources(base, head, { root })
  expect(changes.map(({ build }) => build)).toEqual(['a'])
  const parsed = new Set(parse.mock.contexts.map(file => (file as SourceFile).path))
  expect([...parsed].sort()).toEqual(['a/kustomization.yaml', 'a/web.yaml', 'b/kustomization.yaml'])
})
