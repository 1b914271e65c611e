// A long list of files renders a slice at a time as it does whole, or is not sliced.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { MACHINE } from '../../../../tests/tree.ts'
import { readTree } from '../../read-tree.ts'
import { openFolder } from '../../source/folder.ts'
import { findKustomize } from './binary.ts'
import { renderRoots } from './builds.ts'
import { PrivateCopy } from './copy.ts'
import { render } from './render.ts'
import { planSlices } from './slices.ts'

const kustomize = findKustomize(MACHINE)
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
const user = (name: string, config: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { containers: [{ name: c, image: i, envFrom: [{ configMapRef: { name: ${config} } }] }] }\n`

/** Three files of 201 documents each, the pods of one naming the ConfigMaps of another. */
const FILES: Readonly<Record<string, string>> = {
  'all/one.yaml': Array.from({ length: 201 }, (_, index) => config(`one-${index}`)).join('---\n'),
  'all/two.yaml': Array.from({ length: 201 }, (_, index) => user(`two-${index}`, `one-${index}`)).join('---\n'),
  'all/three.yaml': Array.from({ length: 201 }, (_, index) => config(`three-${index}`)).join('---\n'),
}
const LIST = 'resources: [one.yaml, two.yaml, three.yaml]\n'

function open(kustomization: string, files: Readonly<Record<string, string>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'slices-'))
  folders.push(root)
  writeFiles(root, { ...FILES, ...files, 'all/kustomization.yaml': kustomization })
  return { ...readTree(openFolder(root), []).value, kustomize, parallelism: 2, cacheFolder: undefined }
}

async function renderWhole(options: ReturnType<typeof open>) {
  const folder = mkdtempSync(join(tmpdir(), 'slices-'))
  folders.push(folder)
  return render(kustomize, new PrivateCopy(join(folder, 'tree'), options.sources, options.graph).add('all'), folder)
}

test.each([
  ['nothing but a list', LIST],
  ['a namespace', `namespace: shop\n${LIST}`],
  [
    'labels and annotations',
    `${LIST}labels: [{ pairs: { a: b }, includeTemplates: true }]\ncommonAnnotations: { c: d }\n`,
  ],
])('%s renders as the whole does', async (_title, kustomization) => {
  const options = open(kustomization)
  expect(planSlices('all', options)?.map(({ paths }) => paths)).toEqual([
    ['all/one.yaml'],
    ['all/two.yaml'],
    ['all/three.yaml'],
  ])
  const result = (await renderRoots(['all'], options)).get('all')
  expect(result).toEqual(await renderWhole(options))
  expect(result && 'resources' in result && result.resources).toHaveLength(603)
})

test.each(['one-7', 'one-7, namespace: default'])('%s in two slices is told in the words for the whole', async name => {
  const options = open(LIST, { 'all/three.yaml': `${FILES['all/three.yaml']}---\n${config(name)}` })
  const result = (await renderRoots(['all'], options)).get('all')
  expect(result && 'fault' in result && result.fault.message).toContain('one-7')
})

test.each([
  ['a prefix, which references follow', `namePrefix: a-\n${LIST}`, {}],
  ['a patch, whose target may be anywhere', `${LIST}patches: [{ target: { kind: Pod }, patch: '[]' }]\n`, {}],
  [
    'a folder',
    'resources: [one.yaml, two.yaml, three.yaml, ../base]\n',
    { 'base/kustomization.yaml': 'resources: [a.yaml]\n', 'base/a.yaml': config('a') },
  ],
  [
    'a kind that names objects of other namespaces',
    LIST,
    {
      'all/three.yaml':
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }\n',
    },
  ],
])('%s is not sliced', (_title, kustomization, files) => {
  expect(planSlices('all', open(kustomization, files))).toBeUndefined()
})
