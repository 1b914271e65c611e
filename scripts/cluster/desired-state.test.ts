// What is different on this cluster is said at the root Application and the projects; the files of the commit stay as they are.
import { expect, test } from 'vitest'
import type { KubeObject } from './kube/kube.ts'
import { chooseImages, overrideRoot, planBuilds, splitImage, type DesiredState } from './desired-state.ts'

const url = 'https://github.com/your-org/flask-api-gitops.git'
const root: KubeObject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'root', namespace: 'argocd' },
  spec: { project: 'root', source: { repoURL: url, targetRevision: 'main', path: 'apps' } },
}
const project = (sourceRepos: readonly string[]): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'flask-api', namespace: 'argocd' },
  spec: { sourceRepos, destinations: [] },
})
const environment = (name: string, image: string) => ({
  name,
  path: `overlays/${name}`,
  namespace: name,
  image,
  objects: [],
})
const tree: DesiredState = {
  commit: 'a1',
  folder: '/nowhere',
  argocd: [project([url, 'https://charts.example.invalid']), root],
  root,
  environments: [environment('dev', 'flask-api:v2'), environment('prod', 'flask-api:v1')],
  imageName: 'flask-api',
}
const sourceReposOf = (object: KubeObject | undefined): readonly string[] =>
  (object?.spec as { sourceRepos: string[] } | undefined)?.sourceRepos ?? []
const overrides = {
  url: 'http://172.18.0.1:8000/repository.git',
  revision: 'trial',
  images: { dev: ['flask-api=flask-api:git-1'] },
  patches: { prod: [{ target: { kind: 'Service', name: '^api$' }, patch: '{}' }] },
}

test('the root Application and each of its children read the other repository', () => {
  const [, overridden] = overrideRoot(tree, overrides)
  const { source, project: name } = (overridden ?? root).spec as {
    project: string
    source: {
      repoURL: string
      targetRevision: string
      path: string
      kustomize: { patches: { target: object; patch: string }[] }
    }
  }
  expect(name).toBe('root')
  expect(source).toMatchObject({ repoURL: overrides.url, targetRevision: 'trial', path: 'apps' })
  const patches = source.kustomize.patches.map(({ target, patch }) => ({
    target,
    patch: JSON.parse(patch) as KubeObject,
  }))
  expect(patches.map(({ target }) => target)).toEqual([
    { kind: 'Application', name: '^dev$' },
    { kind: 'Application', name: '^prod$' },
  ])
  expect(patches[0]?.patch.spec).toEqual({
    source: { repoURL: overrides.url, targetRevision: 'trial', kustomize: { images: ['flask-api=flask-api:git-1'] } },
  })
  // What was not built here is what Git names.
  expect(patches[1]?.patch.spec).toEqual({
    source: { repoURL: overrides.url, targetRevision: 'trial', kustomize: { patches: overrides.patches.prod } },
  })
})

test('the project permits the other repository in place of this one, and no more than that', () => {
  const [overridden] = overrideRoot(tree, overrides)
  expect(sourceReposOf(overridden)).toEqual([overrides.url, 'https://charts.example.invalid'])
  expect(sourceReposOf(tree.argocd[0])[0]).toBe(url)
})

test.each([
  ['first run: every reference gets the build', {}, ['a:1', 'a:2'], { 'a:1': 'new', 'a:2': 'new' }],
  [
    'a reference that is new gets it, older ones keep theirs',
    { 'a:1': 'old' },
    ['a:1', 'a:2'],
    { 'a:1': 'old', 'a:2': 'new' },
  ],
  ['none is new: the program was edited under its old tag', { 'a:1': 'old' }, ['a:1'], { 'a:1': 'new' }],
  [
    'the same commit again: nothing changes, above all not for the older references',
    { 'a:1': 'old', 'a:2': 'new' },
    ['a:2', 'a:1'],
    { 'a:1': 'old', 'a:2': 'new' },
  ],
  [
    'edited under the newest tag: older ones keep theirs',
    { 'a:1': 'oldest', 'a:2': 'old' },
    ['a:1', 'a:2'],
    { 'a:1': 'oldest', 'a:2': 'new' },
  ],
  ['edited back under the newest tag', { 'a:1': 'new', 'a:2': 'old' }, ['a:1', 'a:2'], { 'a:1': 'new', 'a:2': 'new' }],
  [
    'the newest tag is given up and the program stays: its build is not what the older one names',
    { 'a:1': 'old', 'a:2': 'new' },
    ['a:1'],
    { 'a:1': 'old', 'a:2': 'new' },
  ],
  [
    'edited after the newest tag was given up',
    { 'a:1': 'oldest', 'a:2': 'old' },
    ['a:1'],
    { 'a:1': 'new', 'a:2': 'old' },
  ],
])('%s', (_, before, references, expected) => {
  expect(planBuilds(before, references, 'new')).toEqual(expected)
})

test('the newest build stands last, also where its reference was there before', () => {
  const once = planBuilds({ 'a:1': 'oldest', 'a:2': 'old' }, ['a:1'], 'new')
  expect(planBuilds(once, ['a:1', 'a:2'], 'new')).toBe(once)
})

test('an environment is given the build of the reference that it names', () => {
  const images = { name: 'flask-api', builds: { 'flask-api:v1': 'flask-api:git-1' } }
  expect(chooseImages(images, tree.environments)).toEqual({ prod: ['flask-api=flask-api:git-1'] })
  expect(chooseImages(undefined, tree.environments)).toEqual({})
})

test.each([
  ['flask-api', { name: 'flask-api' }],
  ['flask-api:v1', { name: 'flask-api', tag: 'v1' }],
  ['localhost:5000/team/flask-api', { name: 'localhost:5000/team/flask-api' }],
  ['localhost:5000/team/flask-api:v1', { name: 'localhost:5000/team/flask-api', tag: 'v1' }],
  ['ghcr.io/a/b:v1@sha256:00', { name: 'ghcr.io/a/b', tag: 'v1', digest: 'sha256:00' }],
])('the parts of %s', (reference, expected) => {
  expect(splitImage(reference)).toEqual(expected)
})
