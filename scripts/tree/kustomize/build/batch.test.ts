// Roots share a process only where nothing of one is seen in another: each tree here tempts kustomize to mix them up.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { MACHINE } from '../../../../tests/tree.ts'
import { readTree } from '../../read-tree.ts'
import { openFolder } from '../../source/folder.ts'
import { planBatches } from './batch.ts'
import { findKustomize } from './binary.ts'
import { renderRoots } from './builds.ts'

const kustomize = findKustomize(MACHINE)
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function open(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'batch-'))
  folders.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const sources = openFolder(root)
  return { ...readTree(sources, []).value, kustomize, parallelism: 1, cacheFolder: undefined }
}

const pod = (config: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: c, image: i, envFrom: [{ configMapRef: { name: ${config} } }] }] }\n`
const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: robot }\n'
const binding = (namespace: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }\nsubjects: [{ kind: ServiceAccount, name: robot, namespace: ${namespace} }]\n`
const overlay = (namespace: string, more = ''): string => `namespace: ${namespace}\nresources: [one.yaml]\n${more}`
const generator = 'configMapGenerator: [{ name: settings, literals: [a=b] }]\n'

const TREES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    'a name that only another root generates',
    {
      'a/kustomization.yaml': overlay('one'),
      'a/one.yaml': pod('settings'),
      'b/kustomization.yaml': overlay('two', generator),
      'b/one.yaml': pod('other'),
    },
  ],
  [
    'the same in one namespace',
    {
      'a/kustomization.yaml': overlay('one'),
      'a/one.yaml': pod('settings'),
      'b/kustomization.yaml': overlay('one', `${generator}namePrefix: b-\n`),
      'b/one.yaml': pod('other'),
    },
  ],
  [
    'the same without a namespace',
    {
      'a/kustomization.yaml': 'resources: [one.yaml]\n',
      'a/one.yaml': pod('settings'),
      'b/kustomization.yaml': `resources: []\n${generator}`,
    },
  ],
  [
    'a binding to a renamed account of another namespace',
    {
      'a/kustomization.yaml': overlay('one'),
      'a/one.yaml': binding('two'),
      'b/kustomization.yaml': overlay('two', 'namePrefix: b-\n'),
      'b/one.yaml': account,
    },
  ],
  [
    'one base three times',
    {
      'base/kustomization.yaml': `resources: [one.yaml]\n${generator}`,
      'base/one.yaml': pod('settings'),
      ...Object.fromEntries(
        ['dev', 'qa', 'prod'].map(name => [
          `${name}/kustomization.yaml`,
          `namespace: ${name}\nresources: [../base]\nnameSuffix: -${name}\n`,
        ]),
      ),
    },
  ],
  [
    'vars, an order of its own, build metadata and a replaced namespace',
    {
      'a/kustomization.yaml': overlay(
        'one',
        'sortOptions: { order: fifo }\nconfigMapGenerator: [{ name: z }, { name: y }]\n',
      ),
      'a/one.yaml': pod('y'),
      'b/kustomization.yaml': overlay('two', 'buildMetadata: [managedByLabel]\n'),
      'b/one.yaml': account,
      'c/kustomization.yaml': overlay(
        'three',
        'replacements: [{ source: { kind: ServiceAccount, name: robot, fieldPath: metadata.name }, targets: [{ select: { kind: ServiceAccount }, fieldPaths: [metadata.namespace] }] }]\n',
      ),
      'c/one.yaml': account,
      'robot/kustomization.yaml': overlay('robot'),
      'robot/one.yaml': account,
    },
  ],
]

test.each(TREES)('%s', async (_, files) => {
  const tree = open(files)
  const together = await renderRoots(tree.roots, tree)
  for (const root of tree.roots) {
    expect(together.get(root), root).toEqual((await renderRoots([root], tree)).get(root))
  }
})

test('roots of several namespaces share, and those that could be mixed up do not', () => {
  const shared = (name: string): number =>
    planBatches(
      open(TREES.find(([title]) => title === name)?.[1] ?? {}).roots,
      open(TREES.find(([title]) => title === name)?.[1] ?? {}),
    ).reduce((sum, { size }) => sum + size, 0)
  expect(shared('one base three times')).toBe(3)
  expect(shared('the same in one namespace')).toBe(0)
  expect(shared('a binding to a renamed account of another namespace')).toBe(0)
  expect(shared('vars, an order of its own, build metadata and a replaced namespace')).toBe(0)
})

test('a root that fails takes no other with it, and is told by itself', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const tree = open(
    Object.fromEntries(
      names.flatMap(name => [
        [`${name}/kustomization.yaml`, overlay(name, name === 'c' ? 'replicas: [{ name: none, count: 1 }]\n' : '')],
        [`${name}/one.yaml`, account],
      ]),
    ),
  )
  const results = await renderRoots(tree.roots, tree)
  expect(names.filter(name => 'fault' in (results.get(name) ?? {}))).toEqual(['c'])
})
