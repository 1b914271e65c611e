// Settings that say nothing are gone from what an ApplicationSet makes, and so choose no tool.
import { expect, test } from 'vitest'
import { expandApplicationSet } from './expand.ts'
import { normalizeSpec } from './normalize.ts'

const source = { repoURL: 'https://example.com/acme/tree.git', path: 'web' }

test.each([
  ['nothing', { kustomize: {} }, {}],
  ['what is empty in it', { helm: { releaseName: '', valueFiles: [], skipCrds: false } }, {}],
  ['a folder without more', { directory: { recurse: false, jsonnet: { tlas: [] } } }, {}],
  ['something', { kustomize: { namePrefix: 'a-' } }, { kustomize: { namePrefix: 'a-' } }],
  ['a folder', { directory: { recurse: true } }, { directory: { recurse: true } }],
  ['a plugin, which is not one of them', { plugin: {} }, { plugin: {} }],
])('%s', (_, settings, left) => {
  expect(normalizeSpec({ source: { ...source, ...settings } })).toEqual({ source: { ...source, ...left } })
  expect(normalizeSpec({ sources: [{ ...source, ...settings }] })).toEqual({ sources: [{ ...source, ...left }] })
})

test('what is not an Application stays as it is', () => {
  for (const spec of [undefined, null, 'web', {}, { source: 'web' }]) expect(normalizeSpec(spec)).toEqual(spec)
})

test('a patch adds a plugin beside a kustomize that says nothing', async () => {
  const set = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      generators: [{ list: { elements: [{ name: 'web' }] } }],
      template: { metadata: { name: '{{name}}' }, spec: { project: 'default', source: { ...source, kustomize: {} } } },
      templatePatch: 'spec: { source: { plugin: { name: vault } } }',
    },
  }
  const world = { isOwn: () => true, files: [], readText: () => undefined, clusters: undefined, render: undefined }
  const { applications } = await expandApplicationSet(set as never, world)
  expect(applications.map(({ spec }) => spec)).toEqual([
    { project: 'default', source: { ...source, plugin: { name: 'vault' } } },
  ])
})
