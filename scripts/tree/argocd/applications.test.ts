// Which repository is this tree's own, and which folder of it a source means.
import { expect, test } from 'vitest'
import type { Build, Resource } from '../model/build.ts'
import {
  clusterOf,
  decideOwnRepository,
  isApplication,
  type PathState,
  pathInTree,
  type RawSource,
  type Repository,
  readSources,
  resolveApplication,
} from './applications.ts'

const OWN = 'https://git.example/shop/config'
const OTHER = 'https://git.example/other/config'

const source = (repoUrl: string | undefined, path: string | undefined, more: Partial<RawSource> = {}): RawSource => ({
  ...{ fieldPath: [], repoUrl, path, revision: 'HEAD', namespace: undefined, isChart: false, value: {} },
  ...more,
})

test.each([
  ['none', {}, []],
  ['one', { source: { path: 'web' } }, ['spec.source web']],
  [
    'several, and the one is not read',
    { source: { path: 'a' }, sources: [{ path: 'b' }, {}] },
    ['spec.sources.0 b', 'spec.sources.1 -'],
  ],
  ['an empty list, and the one is read', { source: { path: 'a' }, sources: [] }, ['spec.source a']],
  [
    'a hydrator, and nothing else is read',
    { sourceHydrator: { drySource: { path: 'dry' } }, sources: [{ path: 'b' }] },
    ['spec.sourceHydrator.drySource dry'],
  ],
])('sources: %s', (_, spec, expected) => {
  expect(readSources({ spec }).map(({ fieldPath, path }) => `${fieldPath.join('.')} ${path ?? '-'}`)).toEqual(expected)
})

const HERE: Readonly<Record<string, PathState>> = { web: 'kustomization', api: 'directory', 'config/web': 'chart' }
const stateOf = (path: string): PathState => HERE[path] ?? 'missing'
const repository = (more: Partial<Repository> = {}): Repository => ({
  ...{ urls: [OWN], prefix: '', isDeclared: false },
  ...more,
})

test.each<readonly [what: string, sources: readonly RawSource[], own: Repository | undefined, urls: readonly string[]]>(
  [
    ['a remote that is used', [source(`${OWN}.git`, 'gone')], repository(), [OWN]],
    ['a remote that nobody uses, where folders are here', [source(OTHER, 'web')], repository(), [OTHER]],
    ['what is declared, used or not', [source(OTHER, 'web')], repository({ isDeclared: true }), [OWN]],
    ['nothing known: folders are here', [source(OTHER, 'web'), source(OTHER, 'gone')], undefined, [OTHER]],
    [
      'nothing known: most folders are not here',
      [source(OTHER, 'web'), source(OTHER, 'a'), source(OTHER, 'b')],
      undefined,
      [],
    ],
    ['a chart has no vote', [source(OTHER, 'web', { isChart: true })], undefined, []],
    ['a path of a template has no vote', [source(OTHER, '{{path}}')], undefined, []],
    ['the top, which every repository has, has no vote', [source(OTHER, '.')], undefined, []],
    ['a source without a URL has no vote', [source(undefined, 'web')], undefined, []],
    ['the same path has one vote', [source(OTHER, 'web'), source(OTHER, 'a'), source(OTHER, 'a')], undefined, [OTHER]],
    ['two that are here', [source(OWN, 'web'), source(OTHER, 'api')], undefined, [OWN, OTHER]],
  ],
)('%s', (_, sources, own, expected) => {
  const { urls } = decideOwnRepository(sources, own, stateOf)
  expect([...urls].map(url => (url.includes('other') ? OTHER : OWN))).toEqual(expected)
})

test.each([
  ['', undefined, ['HEAD'], 'HEAD', true],
  ['', undefined, ['release', 'release', 'main'], 'release', true],
  ['', undefined, ['a', 'release', 'release'], 'release', true],
  ['', undefined, ['a', 'release', 'release'], 'a', false],
  ['', undefined, ['v1.2.3', 'v1.2.3'], 'v1.2.3', false],
  ['', undefined, ['0123abc'], '0123abc', false],
  ['', 'work', ['main'], 'work', true],
  ['', undefined, ['main'], 'work', false],
])('prefix %j, branch %s, followed %j: %s is this tree: %s', (prefix, branch, followed, revision, expected) => {
  const sources = followed.map(one => source(OWN, 'web', { revision: one }))
  const own = decideOwnRepository(sources, repository({ prefix, ...(branch ? { branch } : {}) }), stateOf)
  expect(pathInTree(source(OWN, 'web', { revision }), own)).toBe(expected ? 'web' : undefined)
})

test.each([
  ['', 'web/', 'web'],
  ['', './web', 'web'],
  ['', '.', '.'],
  ['', '{{path}}', undefined],
  ['config', 'config/web', 'web'],
  ['config', 'config', '.'],
  ['config', 'web', undefined],
])('below %j, path %s means %s', (prefix, path, expected) => {
  const own = decideOwnRepository([source(OWN, path)], repository({ prefix }), stateOf)
  expect(pathInTree(source(OWN, path), own)).toBe(expected)
  expect(pathInTree(source(OTHER, path), own)).toBeUndefined()
})

test.each([
  [{ server: 'https://here/' }, 'https://here'],
  [{ name: 'here' }, 'here'],
  [{ name: 'in-cluster' }, 'https://kubernetes.default.svc'],
  [{}, undefined],
])('the cluster of %j is %s', (destination, expected) => {
  expect(clusterOf(destination)).toBe(expected)
})

test.each([
  ['argoproj.io', 'Application', true],
  ['argoproj.io', 'ApplicationSet', false],
  ['app.k8s.io', 'Application', false],
])('%s %s is an Application: %s', (group, kind, expected) => {
  expect(isApplication({ group, kind })).toBe(expected)
})

test.each([
  ['its builds', { kind: 'folder', folder: 'web' }, 1, false, { kind: 'builds', builds: [{}] }],
  ['a part of them', { kind: 'folder', folder: 'web' }, 1, true, { kind: 'builds', builds: [{}], isPartial: true }],
  ['what is not rendered', { kind: 'failed' }, 0, false, { kind: 'unknown' }],
  ['a folder that is gone', { kind: 'missing', reason: 'is gone' }, 0, false, { kind: 'missing', reason: 'is gone' }],
] as const)('a source stands for %s', (_, state, builds, isPartial, expected) => {
  const spec = {
    sources: [{ path: 'api' }, { path: 'web', kustomize: { namespace: 'shop' } }],
    destination: { name: 'in-cluster', namespace: '' },
  }
  const application = resolveApplication(
    { object: { spec } } as unknown as Resource,
    [{ fieldPath: ['spec', 'sources', 1], path: 'web', state, faults: [] }],
    () => Array(builds).fill({} as Build),
    () => isPartial,
  )
  expect(application.destination).toEqual({ cluster: 'https://kubernetes.default.svc', namespace: undefined })
  expect(application.sources).toMatchObject([{ path: 'web', state: expected }])
  expect(application.sources[0]?.state).toEqual(expected)
  // What is rendered with the settings of the source has its namespace already.
  expect(application.sources[0]?.namespace).toBe(state.kind === 'folder' ? 'shop' : undefined)
})

test('a path or a URL that is not there means nothing', () => {
  const own = decideOwnRepository([source(OWN, 'web')], repository(), stateOf)
  expect(pathInTree(source(undefined, 'web'), own)).toBeUndefined()
  expect(pathInTree(source(OWN, undefined), own)).toBeUndefined()
})
