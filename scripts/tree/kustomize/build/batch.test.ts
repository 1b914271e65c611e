// Roots share a process only where nothing of one is seen in another: each tree here tempts kustomize to mix them up.
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
import { judgeRoot } from './sharing.ts'

const kustomize = findKustomize(MACHINE)
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function open(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'batch-'))
  folders.push(root)
  writeFiles(root, files)
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

const space = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: space }\n'
const patches = (...texts: readonly string[]): string =>
  `patches: ${JSON.stringify(texts.map(patch => ({ patch, ...(patch.startsWith('[') ? { target: { kind: 'Pod|ServiceAccount' } } : {}) })))}\n`
const bare = (folder: string, text: string, more = ''): Readonly<Record<string, string>> => ({
  [`${folder}/kustomization.yaml`]: `resources: [one.yaml]\n${more}`,
  [`${folder}/one.yaml`]: text,
})

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
  [
    "one base without a namespace, its Namespace, a hash, patches and a cluster's custom resource",
    {
      'base/kustomization.yaml': `resources: [one.yaml]\nnamePrefix: p-\n${generator}`,
      'base/one.yaml': `${pod('settings')}---\n${space}---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: pool }\n`,
      ...Object.fromEntries(
        ['dev', 'qa', 'prod'].map(name => [
          `${name}/kustomization.yaml`,
          `resources: [../base]\nnameSuffix: -${name}\nlabels: [{ pairs: { env: ${name} } }]\n${patches(
            '[{ op: add, path: /spec/hostname, value: h }, { op: add, path: /metadata/annotations, value: { a: b } }]',
            'apiVersion: v1\nkind: Namespace\nmetadata: { name: space, labels: { a: b } }',
          )}`,
        ]),
      ),
    },
  ],
  [
    'one namespace, written in each resource or by what a root reads',
    {
      ...bare(
        'a',
        `${pod('settings').replace('web', 'web, namespace: one')}---\n${space}`,
        `configMapGenerator: [{ name: settings, namespace: one, literals: [a=b] }]\n`,
      ),
      ...bare(
        'b',
        account.replace('robot', 'robot, namespace: two'),
        patches('apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: robot, namespace: two, labels: { a: b } }'),
      ),
      'c/kustomization.yaml': 'resources: [inner]\nnamePrefix: c-\n',
      ...bare('c/inner', `${account}---\n${space}`, 'namespace: inner\n'),
    },
  ],
  [
    'several namespaces, or one that is not known',
    {
      ...bare('a', `${account}---\n${account.replace('robot', 'robot, namespace: one')}`),
      ...bare('b', account, 'configMapGenerator: [{ name: settings, namespace: one }]\n'),
      'c/kustomization.yaml': 'resources: [inner, own.yaml]\n',
      'c/own.yaml': account,
      ...bare('c/inner', account, 'namespace: inner\n'),
      ...bare('d', account, 'components: [component]\n'),
      'd/component/kustomization.yaml':
        'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamespace: two\n',
      ...bare('e', account, patches('[{ op: replace, path: /metadata, value: { name: robot, namespace: two } }]')),
      ...bare('f', account, patches('[{ op: copy, from: /metadata, path: /spec }]')),
      ...bare('g', account, 'patches: [{ path: patch.yaml, options: { allowNameChange: true } }]\n'),
      'g/patch.yaml': account,
      ...bare('h', account, 'patches: [{ path: patch.yaml, target: { kind: ServiceAccount } }]\n'),
      'h/patch.yaml': account.replace('robot', 'robot, namespace: four'),
      ...bare(
        'i',
        `${space}---\n${space.replace('name: space', 'name: other')}`,
        patches('$patch: delete\napiVersion: v1\nkind: Namespace\nmetadata: { name: space }'),
      ),
      ...bare(
        'j',
        `kind: List\napiVersion: v1\nitems:\n- ${pod('x').replace('web', 'web, namespace: one').replaceAll('\n', '\n  ')}\n- ${account.replaceAll('\n', '\n  ')}`,
      ),
    },
  ],
  [
    'kinds that look like a Namespace, and a Namespace that is given the name of its root',
    {
      'a/kustomization.yaml': overlay('one'),
      'a/one.yaml': 'apiVersion: example.org/v1\nkind: Namespace\nmetadata: { name: space, namespace: x }\n',
      'b/kustomization.yaml': overlay('two'),
      'b/one.yaml': space,
      ...bare('c', 'apiVersion: example.org/v1\nkind: Namespace\nmetadata: { name: space }\n'),
      ...bare('d', space),
    },
  ],
]

test.each(TREES)('%s: each renders as it does alone', async (_, files) => {
  const tree = open(files)
  const together = await renderRoots(tree.roots, tree)
  for (const root of tree.roots) {
    expect(JSON.stringify(together.get(root)), root).toBe(JSON.stringify((await renderRoots([root], tree)).get(root)))
  }
})

test.each([
  ['one base three times', 3],
  ['the same in one namespace', 2],
  ['the same without a namespace', 2],
  ["one base without a namespace, its Namespace, a hash, patches and a cluster's custom resource", 3],
  ['kinds that look like a Namespace, and a Namespace that is given the name of its root', 4],
  ['one namespace, written in each resource or by what a root reads', 3],
  ['several namespaces, or one that is not known', 0],
  ['a binding to a renamed account of another namespace', 1],
  ['vars, an order of its own, build metadata and a replaced namespace', 1],
])('%s: %i of them may share', (name, count) => {
  const tree = open(TREES.find(([title]) => title === name)?.[1] ?? {})
  expect(tree.roots.filter(root => judgeRoot(root, tree.graph, tree.sources))).toHaveLength(count)
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
