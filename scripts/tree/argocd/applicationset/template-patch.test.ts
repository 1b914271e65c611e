// What is expected here is what Argo CD 3.6.1 made of the same patches.
import { expect, test } from 'vitest'
import { applyPatch } from './template-patch.ts'

const base = {
  metadata: { name: 'dev', finalizers: ['x.io/a'], labels: { a: 'b' } },
  spec: { source: { repoURL: 'u', path: 'p', helm: { releaseName: 'r' } }, syncPolicy: { syncOptions: ['A=true'] } },
}
const { metadata, spec } = base

test.each([
  [
    'a field',
    { spec: { source: { path: 'q' } } },
    { metadata, spec: { ...spec, source: { ...spec.source, path: 'q' } } },
  ],
  ['$patch: delete', { spec: { source: { $patch: 'delete' } } }, { metadata, spec: { ...spec, source: {} } }],
  [
    '$patch: replace',
    { spec: { source: { $patch: 'replace', path: 'q' } } },
    { metadata, spec: { ...spec, source: { path: 'q' } } },
  ],
  [
    '$retainKeys',
    { spec: { source: { $retainKeys: ['path'], path: 'q' } } },
    { metadata, spec: { ...spec, source: { path: 'q' } } },
  ],
  ['null', { spec: { syncPolicy: null } }, { metadata, spec: { source: spec.source } }],
  [
    'finalizers',
    { metadata: { finalizers: ['y.io/b'] } },
    { metadata: { ...metadata, finalizers: ['x.io/a', 'y.io/b'] }, spec },
  ],
  [
    'a removed finalizer',
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['x.io/a'] } },
    { metadata: { ...metadata, finalizers: [] }, spec },
  ],
  [
    'another list',
    { spec: { syncPolicy: { syncOptions: ['B=true'] } } },
    { metadata, spec: { ...spec, syncPolicy: { syncOptions: ['B=true'] } } },
  ],
  ['an unknown directive', { spec: { source: { $patch: 'remove' } } }, undefined],
])('%s', (_, patch, expected) => {
  expect(applyPatch(base, patch)).toEqual(expected)
})
