// What may be in a namespace without being seen: of what it could bring nobody says that it is not there.
import { expect, test } from 'vitest'
import type { Application, ApplicationSource } from '../argocd/application.ts'
import type { Renderings } from '../engine.ts'
import { type Build, renderedResource } from '../model/build.ts'
import { holdFiles } from '../source/testing.ts'
import {
  listLostApplications,
  listLostProjects,
  listUnseenBuilds,
  listUnseenSets,
  listUnseenSources,
  listUnseenUnlisted,
} from './unseen.ts'

const SPEC = { destination: { namespace: 'shop' } }
const resource = renderedResource(
  'apps',
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', spec: SPEC } as never,
  0,
)

const application = (...states: readonly ApplicationSource['state'][]): Application =>
  ({
    resource: { ...resource, name: 'web' },
    destination: { cluster: 'here', namespace: 'shop' },
    sources: states.map(state => ({ fieldPath: [], state })),
  }) as unknown as Application

const seen = { kind: 'builds', builds: [] } as const

test.each<readonly [what: string, states: readonly ApplicationSource['state'][], isSeen: boolean]>([
  ['all that it brings is rendered', [seen], true],
  ['a folder that is gone', [{ kind: 'missing', reason: 'it does not exist' }], false],
  ['another repository', [{ kind: 'unknown' }], false],
  ['files that are read in part', [{ ...seen, isPartial: true }], false],
  ['one of two sources', [seen, { kind: 'unknown' }], false],
  ['no source at all', [], false],
])('an Application with %s', (_, states, isSeen) => {
  const expected = [{ cluster: 'here', namespace: 'shop', reason: 'Application web brings what is not rendered here' }]
  expect([...listUnseenSources([application(...states)])]).toEqual(isSeen ? [] : expected)
})

function unseenBuilds(
  state: 'failed' | 'refused' | 'partial' | 'built',
  value: Readonly<Record<string, unknown>>,
  destinations: readonly string[],
) {
  const kustomizations = new Map([['web', { value }]])
  const renderings = {
    tree: { graph: { kustomizations, reach: () => [] }, sources: undefined },
    failed: new Map(state === 'failed' ? [['web', {}]] : []),
    refused: new Set(state === 'refused' ? ['web'] : []),
    partial: new Map(state === 'partial' ? [['web', {}]] : []),
  } as unknown as Renderings
  const known = destinations.length ? new Map([['web', new Set(destinations)]]) : new Map()
  return [...listUnseenBuilds(renderings, known)].map(({ namespace, reason }) => `${namespace}: ${reason}`)
}

test.each([
  ['failed', { namespace: 'shop' }, [], ['shop: web is not rendered']],
  ['refused', { namespace: 'shop' }, ['other'], ['shop: web is not rendered']],
  ['partial', { namespace: 'shop' }, [], ['shop: web is rendered in part']],
  ['failed', {}, ['shop', 'more'], ['shop: web is not rendered', 'more: web is not rendered']],
  ['failed', {}, [''], ['undefined: web is not rendered']],
  ['failed', {}, [], ['undefined: web is not rendered']],
  ['built', { namespace: 'shop' }, ['shop'], []],
] as const)('a build that is %s, with %j, synced to %j', (state, value, destinations, expected) => {
  expect(unseenBuilds(state, value, destinations)).toEqual(expected)
})

test('an Application that does not say where it goes may go anywhere', () => {
  const lost = {
    ...application(seen),
    resource: { ...resource, name: 'web', object: { ...resource.object, spec: {} } },
  }
  expect([...listUnseenSources([lost as never])]).toEqual([
    { cluster: undefined, namespace: undefined, reason: 'Application web does not say where it goes' },
  ])
})

test.each<
  readonly [what: string, unknown: readonly string[], severity: string | undefined, to: string, seen: string | false]
>([
  ['all of whose Applications are known', [], undefined, 'shop', false],
  ['with a generator that asks elsewhere', ['an SCM provider generator'], undefined, 'shop', 'shop'],
  ['that Argo CD refuses', [], 'error', 'shop', 'shop'],
  ['with a fault that stops nothing', [], 'warning', 'shop', false],
  ['whose template says where each goes', [], 'error', '{{name}}', 'undefined'],
  ['that says nothing of a namespace', [], 'error', '', 'undefined'],
])('an ApplicationSet %s', (_, unknown, severity, namespace, expected) => {
  const set = { spec: { template: { spec: { destination: { namespace } } } } }
  const builds = [{ resources: [{ object: set, name: 'all' }] }] as unknown as readonly Build[]
  const expansions = new Map([[set, { unknown, faults: severity ? [{ severity }] : [] }]])
  const found = [...listUnseenSets(builds, { expansions } as unknown as Renderings)].map(one => `${one.namespace}`)
  expect(found).toEqual(expected === false ? [] : [expected])
})

const FILES: Readonly<Record<string, string>> = {
  'apps/web.yaml': 'apiVersion: argoproj.io/v1alpha1\nkind: Application\n',
  'sets/all.yaml': '- apiVersion: argoproj.io/v1alpha1\n  kind: "ApplicationSet"\n',
  'json/web.json': '{ "apiVersion": "argoproj.io/v1alpha1",\n  "kind": "Application" }\n',
  'project/shop.yaml': 'apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n',
  'other/web.yaml': 'apiVersion: app.k8s.io/v1\nkind: Application\n',
  'web/deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\n',
}

/** `state` is what becomes of the folder. */
function findLost(folder: string, state: 'failed' | 'refused' | 'partial' | 'url' | 'chart' | 'elsewhere' | 'unread') {
  const paths = Object.keys(FILES)
  const own = paths.filter(path => path.startsWith(`${folder}/`))
  const ruleId = state === 'url' ? 'remote-reference' : 'kustomize-build'
  const kustomization = { file: { path: own[0] }, files: [], faults: [{ ruleId }] }
  const source = { path: `./${folder}/`, state: { kind: state === 'chart' ? 'failed' : 'unknown' } }
  const renderings = {
    tree: {
      ...{ paths, unread: state === 'unread' ? own : [] },
      graph: { reach: () => [kustomization], kustomizations: new Map() },
      sources: holdFiles(FILES),
    },
    failed: new Map(state === 'failed' ? [[folder, {}]] : []),
    refused: new Set(state === 'refused' ? [folder] : []),
    partial: new Map(state === 'partial' || state === 'url' ? [[folder, {}]] : []),
    sources: new Map([[{}, [source]]]),
  } as unknown as Renderings
  return [...listLostApplications(renderings)].map(({ namespace, cluster }) => [namespace, cluster])
}

test.each([
  ['apps', 'failed', true],
  ['apps', 'refused', true],
  ['apps', 'partial', true],
  ['apps', 'url', false],
  ['apps', 'chart', true],
  ['apps', 'elsewhere', false],
  ['apps', 'unread', true],
  ['sets', 'failed', true],
  ['json', 'chart', true],
  ['project', 'failed', false],
  ['other', 'failed', false],
  ['web', 'failed', false],
  ['web', 'chart', false],
] as const)('what %s/ holds, %s, may bring anything anywhere: %s', (folder, state, expected) => {
  expect(findLost(folder, state)).toEqual(expected ? [[undefined, undefined]] : [])
})

const spec = (namespace: string) => ({ destination: { namespace } })

test.each([
  ['argoproj.io/v1alpha1', 'Application', spec('shop'), ['shop']],
  ['argoproj.io/v1alpha1', 'Application', spec('{{name}}'), []],
  ['argoproj.io/v1alpha1', 'ApplicationSet', { template: { spec: spec('shop') } }, ['shop']],
  ['argoproj.io/v1alpha1', 'AppProject', spec('shop'), []],
  ['helm.toolkit.fluxcd.io/v2', 'HelmRelease', { targetNamespace: 'shop' }, ['flux', 'shop']],
  ['apps/v1', 'Deployment', spec('shop'), []],
])('a %s %s that nothing lists, with %j', (apiVersion, kind, spec, expected) => {
  const object = { apiVersion, kind, metadata: { name: 'web', namespace: 'flux' }, spec }
  const found = [...listUnseenUnlisted([{ object } as never])]
  expect(found.map(({ namespace }) => namespace)).toEqual(expected)
  for (const { reason } of found) expect(reason).toBe(`${kind} web is not listed, and may be applied by hand`)
})

test.each([
  ['kind: AppProject\nmetadata: { name: a, namespace: argocd }\nspec: [\n', ['argocd']],
  ['{ "kind": "AppProject", "metadata": { "namespace": "team" }, [\n', ['team']],
  ['"kind": "AppProject"\nspec: [\n', [undefined]],
  ['kind: Application\nmetadata: { namespace: argocd }\n[\n', []],
])('of %j the project is not missing in %j', (text, expected) => {
  const sources = holdFiles({ 'p.yaml': text, 'q.yaml': 'kind: AppProject\n' })
  const found = [...listLostProjects({ tree: { unread: ['p.yaml'], sources } } as unknown as Renderings)]
  expect(found.map(({ namespace }) => namespace)).toEqual(expected)
})
