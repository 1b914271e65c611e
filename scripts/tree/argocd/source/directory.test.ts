// Which files of a folder Argo CD reads when no tool renders it, and what of them it applies.
import { expect, test } from 'vitest'
import { holdFiles } from '../../source/testing.ts'
import { readYaml } from '../applicationset/read-yaml.ts'
import { chooseFiles, readDirectory } from './directory.ts'

const FILES = ['web/a.yaml', 'web/b.yml', 'web/c.json', 'web/d.txt', 'web/e.jsonnet', 'web/sub/f.yaml', 'other/g.yaml']

test.each([
  ['web', '', ['web/a.yaml', 'web/b.yml', 'web/c.json', 'web/e.jsonnet']],
  ['web', 'recurse: true', ['web/a.yaml', 'web/b.yml', 'web/c.json', 'web/e.jsonnet', 'web/sub/f.yaml']],
  ['web', 'recurse: "true"', ['web/a.yaml', 'web/b.yml', 'web/c.json', 'web/e.jsonnet']],
  ['web', 'include: "*.yaml"', ['web/a.yaml']],
  ['web', 'include: "{a.yaml,c.json}"', ['web/a.yaml', 'web/c.json']],
  ['web', 'exclude: "*.y*ml"', ['web/c.json', 'web/e.jsonnet']],
  ['web', 'include: "*.yaml", exclude: "a*"', []],
  ['web', 'disableExtensionFilter: true, include: "d*"', ['web/d.txt']],
  ['.', '', []],
  ['.', 'recurse: true, include: "other/*"', ['other/g.yaml']],
])('of %s with %s', (folder, settings, expected) => {
  expect(chooseFiles(FILES, folder, readYaml(`{ ${settings} }`))).toEqual(expected)
})

const OBJECT = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
const JSON_OBJECT = '{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } }'

/** How many objects, which fault, and whether the file is one that is not read here. */
test.each<readonly [what: string, path: string, text: string, objects: number, fault: string]>([
  ['an object', 'a.yaml', OBJECT, 1, ''],
  ['several', 'a.yaml', `${OBJECT}---\n${OBJECT}`, 2, ''],
  ['an empty document', 'a.yaml', `---\n${OBJECT}---\n`, 1, ''],
  ['comments alone', 'a.yaml', '# later\n---\n...\n', 0, ''],
  ['what is not an object', 'a.yaml', 'replicas: 3\n', 0, 'no-object?'],
  ['what is not YAML', 'a.yaml', 'a: [\n', 0, 'not-yaml?'],
  ['what is not YAML and looks like an object', 'a.yaml', `${OBJECT}b: [\n`, 0, 'not-yaml'],
  [
    'what looks like an object without a kind',
    'a.yaml',
    'x: {apiVersion: v1, "kind:": a, "metadata:": b}\n# apiVersion: kind: metadata:\n',
    0,
    'no-kind',
  ],
  ['a document without a kind after an object', 'a.yaml', `${OBJECT}---\na: 1\n`, 0, 'stops-here'],
  [
    'a list',
    'a.yaml',
    'apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Service }, { apiVersion: v1, kind: Pod }]\n',
    2,
    '',
  ],
  [
    'a list with an item of no kind',
    'a.yaml',
    'apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1 }]\n',
    0,
    'item-without-kind',
  ],
  ['a list of nothing', 'a.yaml', 'apiVersion: v1\nkind: List\nitems: null\n', 0, 'no-object?'],
  ['a kind without an apiVersion', 'a.yaml', 'kind: ConfigMap\n', 0, 'no-object?'],
  ['a file that says to be passed over', 'a.yaml', `# +argocd:skip-file-rendering\n${OBJECT}`, 0, ''],
  ['settings of a source', '.argocd-source-web.yaml', 'helm: {}\n', 0, ''],
  ['JSON', 'a.json', JSON_OBJECT, 1, ''],
  ['JSON with a comment', 'a.json', `// a\n${JSON_OBJECT}`, 0, 'not-json'],
  ['a list of JSON', 'a.json', `[${JSON_OBJECT}]`, 0, 'json-list'],
  ['JSON of no kind', 'a.json', '{ "a": 1 }', 0, 'json-without-kind'],
])('%s', (_, path, text, count, fault) => {
  const { objects, faults } = readDirectory(holdFiles({ [path]: text }), [path], new Map())
  expect(objects).toHaveLength(count)
  const found = faults.map(({ values, severity }) => `${values[0]}${severity === 'warning' ? '?' : ''}`)
  expect(found).toEqual(fault === '' ? [] : [fault])
})

test('what is not read, and what is a kustomization, is told apart', () => {
  const sources = holdFiles({
    'a.jsonnet': '{}',
    'kustomization.yaml': 'resources: []\n',
    'sub/kustomization.yaml': 'kind: Kustomization\n',
  })
  const { notRead, kustomizations, faults } = readDirectory(
    sources,
    ['a.jsonnet', 'gone.yaml', 'kustomization.yaml', 'sub/kustomization.yaml'],
    new Map(),
  )
  expect(notRead).toEqual(['a.jsonnet', 'gone.yaml'])
  expect(kustomizations).toEqual([
    { path: 'kustomization.yaml', isApplied: false },
    { path: 'sub/kustomization.yaml', isApplied: true },
  ])
  expect(faults).toEqual([])
})
