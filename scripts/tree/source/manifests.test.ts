// Which documents are manifests that nothing reads, and what of the rest is told.
import { expect, test } from 'vitest'
import { asObject, type Listing, readLooseManifests } from './manifests.ts'
import { holdFiles } from './testing.ts'

const ALONE: Listing = { isRead: () => false, passedOverBy: () => undefined }
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
const APPLICATION = CONFIG.replace('v1', 'argoproj.io/v1alpha1').replace('ConfigMap', 'Application')

function read(files: Readonly<Record<string, string>>, listing: Partial<Listing> = {}) {
  const sources = holdFiles(files)
  return readLooseManifests(sources, sources.list([]), { ...ALONE, ...listing })
}

interface Expected {
  readonly objects?: number
  readonly reason?: string
  readonly isFault?: true
  readonly isUnread?: true
}

test.each<readonly [what: string, path: string, text: string, expected: Expected]>([
  ['a manifest', 'a.yaml', CONFIG, { objects: 1 }],
  ['another name', 'a.txt', CONFIG, {}],
  ['two', 'a.yml', `${CONFIG}---\n${CONFIG}`, { objects: 2 }],
  ['a list', 'a.yaml', 'apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Pod }, 1]\n', { objects: 1 }],
  ['two of the three keys', 'a.yaml', 'kind: ConfigMap\nmetadata: { name: a }\n', { objects: 1 }],
  ['one of them', 'a.yaml', 'kind: ConfigMap\n', {}],
  ['values of a chart', 'a.yaml', 'image: web\nmetadata: {}\n', {}],
  ['JSON', 'a.json', '{"apiVersion": "v1", "kind": "Pod", "metadata": {}}', { objects: 1 }],
  ['what is not YAML', 'a.yaml', `${CONFIG}b: [\n`, { isFault: true, isUnread: true }],
  ['what is not YAML and mentions a kind', 'a.yaml', 'text: has kind: and metadata:\n  apiVersion: [\n', {}],
  [
    'a template',
    'a.yaml',
    `${CONFIG}{{- range .Values.b }}\n`,
    { isUnread: true, reason: 'a template, not YAML: it is not rendered' },
  ],
  [
    'a template of FreeMarker',
    'a.yaml',
    `${CONFIG}  <#if a>\n`,
    { isUnread: true, reason: 'a template, not YAML: it is not rendered' },
  ],
  [
    'a word on a line of its own, for text that comes there',
    'a.yaml',
    `${CONFIG}data:\n  b: |\nREPLACE_WITH_B\n  c: d\n`,
    { reason: 'a template, not YAML: it is not rendered', isUnread: true },
  ],
  [
    'such a word in a lower case',
    'a.yaml',
    `${CONFIG}data:\n  b: |\nreplace_with_b\n  c: d\n`,
    { isFault: true, isUnread: true },
  ],
  ['a key twice', 'a.yaml', `${CONFIG}data: { b: c }\ndata: { b: d }\n`, { objects: 1, isFault: true }],
  [
    'a template of ytt',
    'a.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: #@ name()\n',
    { isUnread: true, reason: 'a template that is YAML by chance: what it renders is not known' },
  ],
  [
    'one that is a choice as a whole',
    'a.yaml',
    `#@ if data.values.web:\n${CONFIG}#@ end\n`,
    { isUnread: true, reason: 'a template that is YAML by chance: what it renders is not known' },
  ],
  [
    'a key in each branch of a template',
    'a.yaml',
    `${CONFIG}# {{ if a }}\ndata: { b: c }\n# {{ else }}\ndata: { b: d }\n`,
    { objects: 1, reason: 'a template that is YAML by chance: what it renders is not known' },
  ],
  ['a hidden file', '.drone/a.yaml', CONFIG, { reason: 'a hidden file: a tool reads it, and nothing deploys it' }],
  [
    'a configuration',
    'a.yaml',
    'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n',
    { reason: "a program's configuration, not an object" },
  ],
  [
    'one of a group that has objects',
    'a.yaml',
    'apiVersion: argoproj.io/v1alpha1\nkind: ConfigManagementPlugin\n',
    { reason: "a program's configuration, not an object" },
  ],
  ['an Application', 'a.yaml', APPLICATION, { objects: 1 }],
  [
    'the file that OpenShift is installed by',
    'a.yaml',
    'apiVersion: v1\nbaseDomain: shop.example\nmetadata: { name: a }\n',
    { reason: "a program's configuration, not an object" },
  ],
  [
    'what scorecard reads',
    'a.yaml',
    'apiversion: scorecard.operatorframework.io/v1alpha3\nkind: Configuration\nmetadata: { name: config }\nstages: []\n',
    { reason: "a program's configuration, not an object" },
  ],
  ['an object with such a key', 'a.yaml', `${CONFIG.replace('apiV', 'apiv')}stages: []\n`, { objects: 1 }],
  [
    'a patch that Hive applies',
    'a.yaml',
    "apiVersion: v1\nkind: IngressController\nname: a\npatch: '{}'\npatchType: merge\n",
    { reason: "a program's configuration, not an object" },
  ],
  ['an object with such a field', 'a.yaml', `${CONFIG}patch: '{}'\npatchType: merge\n`, { objects: 1 }],
  [
    'the defaults of an operator, written like its objects',
    'a.yaml',
    'apiVersion: shop.example/v1\nkind: Shop\nspec: { a: b }\n',
    { reason: "a program's configuration, not an object" },
  ],
  [
    'an object of Kubernetes without metadata',
    'a.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nspec: {}\n',
    { objects: 1 },
  ],
  ['such a one of a group', 'a.yaml', 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {}\n', { objects: 1 }],
  [
    'what a cluster had, in a list',
    'a.yaml',
    `apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Pod, metadata: { name: a, uid: b, resourceVersion: "1" } }]\n`,
    { reason: 'a copy of what a cluster had' },
  ],
  [
    'what a cluster had, with a key that somebody has added',
    'a.yaml',
    `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Pod, metadata: { name: a, uid: b, resourceVersion: "1" }, kind: Pod }\n`,
    { objects: 1, isFault: true },
  ],
  [
    'what a cluster had, as JSON',
    'a.json',
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"b","resourceVersion":"1"}}',
    { reason: 'a copy of what a cluster had' },
  ],
  [
    'what a cluster had, as a manifest',
    'a.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: { name: a, uid: b, resourceVersion: "1" }\n',
    { objects: 1 },
  ],
  [
    'an object that kustomize leaves out',
    'a.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, annotations: { config.kubernetes.io/local-config: "true" } }\n',
    { reason: 'an input of kustomize, which it leaves out of what it builds' },
  ],
  ['what git-crypt has locked', 'a.yaml', '\0GITCRYPT\0\x03kind: a', { reason: 'a file that git-crypt has encrypted' }],
  [
    'a template of OpenShift without a group',
    'a.yaml',
    'apiVersion: v1\nkind: Template\nmetadata: { name: a }\nobjects: []\n',
    { reason: "a program's configuration, not an object" },
  ],
  ['a patch that says so', 'a.yaml', `$patch: delete\n${CONFIG}`, { reason: 'a patch that no kustomization reads' }],
])('%s', (_, path, text, { objects = 0, reason, isFault, isUnread }) => {
  const found = read({ [path]: text })
  expect(found.documents).toHaveLength(objects)
  expect(found.notExamined.map(one => one.reason)).toEqual(reason === undefined ? [] : [reason])
  expect(found.faults).toHaveLength(isFault ? 1 : 0)
  expect(found.unread).toEqual(isUnread ? [path] : [])
})

test.each([
  ['charts/web/templates/a.yaml', false],
  ['charts/web/charts/lib/a.yaml', false],
  ['charts/web/crds/a.yaml', true],
  ['charts/webx/templates/a.yaml', true],
])('beside charts/web/Chart.yaml, %s is a manifest: %s', (path, isManifest) => {
  const { documents, notExamined } = read({ 'charts/web/Chart.yaml': 'name: web\n', [path]: CONFIG })
  expect(documents).toHaveLength(isManifest ? 1 : 0)
  expect(notExamined.map(({ reason }) => reason)).toEqual([
    'a Helm chart that no Application of the tree renders: its templates are not examined',
  ])
})

test('a chart may be the whole tree', () => {
  expect(read({ 'Chart.yaml': 'name: web\n', 'templates/a.yaml': CONFIG, 'b.yaml': CONFIG }).documents).toHaveLength(1)
})

test('what a kustomization reads is not loose, and what it passes over is told once', () => {
  const files = { 'a.yaml': CONFIG, 'b.yaml': CONFIG, 'c.yaml': CONFIG, 'd.txt': CONFIG }
  const found = read(files, { isRead: path => path === 'a.yaml', passedOverBy: () => 'kustomization.yaml' })
  expect(found.documents).toEqual([])
  expect(found.unlisted.map(({ file }) => file.path)).toEqual(['b.yaml', 'c.yaml'])
  expect(found.notExamined).toMatchObject([
    { reason: 'not listed by the kustomization beside it', detail: 'b.yaml and 1 more' },
  ])
})

test('a patch by its name is none where it deploys others', () => {
  const itself: Partial<Listing> = { passedOverBy: path => path }
  expect(read({ 'patch.yaml': CONFIG }, itself).documents).toHaveLength(0)
  expect(read({ 'patch.yaml': APPLICATION }, itself).documents).toHaveLength(1)
})

test('keys that mean another thing than they say are those of manifests', () => {
  const keysOf = (text: string) => read({ 'a.yaml': text }).booleanKeys.map(({ key, meaning }) => `${key} ${meaning}`)
  expect(keysOf(`${CONFIG}data: { on: "1", "off": "2", no: "3" }\n`).sort()).toEqual(['no false', 'on true'])
  expect(keysOf('on: push\nkind: a\njobs: {}\n')).toEqual([])
})

test.each([
  [null, undefined],
  [[], undefined],
  [{ apiVersion: 'v1', kind: 'Pod' }, 'v1 Pod'],
  [{ apiVersion: 'v1', kind: '' }, undefined],
  [{ apiVersion: 'v1', metadata: {} }, 'v1 '],
  [{ kind: 'Pod', metadata: {} }, ' Pod'],
  [{ kind: 'Pod', metadata: null }, undefined],
  [{ kind: 1, apiVersion: 2, metadata: {} }, undefined],
])('%j is an object: %s', (value, expected) => {
  const object = asObject(value as never)
  expect(object && `${object.apiVersion} ${object.kind}`).toBe(expected)
})
