// Each row of the tables, tried on a small tree: what kustomize refuses is told in our words, at the line to edit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { validateTree } from '../../../../tests/tree.ts'

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: "web:1", env: [{ name: MODE, value: slow }] }]
`
const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: one }\ndata: { LEVEL: info }\n'
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n'
const CONTAINERS = 'spec.template.spec.containers'
const ITEMS = '/spec/template/spec/containers'

type Files = Readonly<Record<string, string>>

/** A kustomization of the two manifests, and files beside it. */
const of = (text: string, files: Files = {}): Files => ({
  'kustomization.yaml': `resources: [web.yaml, map.yaml]\n${text}\n`,
  'web.yaml': WEB,
  'map.yaml': MAP,
  ...files,
})
const alone = (text: string, files: Files = {}): Files => ({ 'kustomization.yaml': `${text}\n`, ...files })
/** One operation in a file of its own. */
const operation = (text: string): Files =>
  of('patches: [{ target: { kind: Deployment }, path: p.yaml }]', { 'p.yaml': `- ${text}\n` })
const merge = (text: string): Files => of('patches: [{ path: p.yaml }]', { 'p.yaml': text })
const replacement = (source: string, target = 'select: { kind: Deployment }, fieldPaths: [metadata.labels.a]') =>
  of(`replacements:\n  - source: { ${source} }\n    targets: [{ ${target} }]`)
const target = (path: string, more = ''): Files =>
  replacement('kind: ConfigMap, fieldPath: data.LEVEL', `select: { kind: Deployment }, fieldPaths: ["${path}"]${more}`)
const asVar = (text: string): Files =>
  alone(`resources: [service.yaml]\nvars:\n  - { name: HOST, ${text} }`, { 'service.yaml': SERVICE })
const literal = (text: string): Files => alone(`configMapGenerator:\n  - ${text}`)
const plugin = (text: string): Files => of('transformers: [t.yaml]', { 't.yaml': `apiVersion: builtin\n${text}\n` })
const CREATE = ', options: { create: true }'

const CASES: Readonly<Record<string, readonly [Files, string]>> = {
  'a name is generated, in a list': [
    alone('resources: [a.yaml]', {
      'a.yaml':
        'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: { generateName: a- }\n',
    }),
    'a.yaml:6 the Pod has a generateName: kustomize needs a name',
  ],
  'a name is generated, in a plugin': [
    plugin('kind: PrefixTransformer\nmetadata: { generateName: a- }'),
    't.yaml:3 the PrefixTransformer has a generateName: kustomize needs a name',
  ],
  'items are not a list': [
    alone('resources: [a.yaml]', { 'a.yaml': 'apiVersion: v1\nkind: List\nitems: { a: b }\n' }),
    'a.yaml:3 the items of a List must be a list',
  ],
  'a file is listed twice': [
    alone('resources:\n  - map.yaml\n  - map.yaml', { 'map.yaml': MAP }),
    'kustomization.yaml:3 ConfigMap settings is in FOLDER/map.yaml, which is listed twice',
  ],
  'a folder is listed twice': [
    alone('resources:\n  - base\n  - base', {
      'base/kustomization.yaml': 'resources: [map.yaml]\n',
      'base/map.yaml': MAP,
    }),
    'kustomization.yaml:3 ConfigMap settings is in FOLDER/base, which is listed twice',
  ],
  'two folders bring one': [
    alone('resources:\n  - one\n  - two', {
      'base/kustomization.yaml': 'resources: [map.yaml]\n',
      'base/map.yaml': MAP,
      'one/kustomization.yaml': 'resources: [../base]\n',
      'two/kustomization.yaml': 'resources: [../base]\n',
    }),
    'kustomization.yaml:3 ConfigMap settings is in FOLDER/base/map.yaml, which FOLDER/one brings as well',
  ],
  'a source of another kind': [
    replacement('kind: ConfigMapp, name: settings, fieldPath: data.LEVEL'),
    'kustomization.yaml:3 replacements: no resource is ConfigMapp settings; did you mean ConfigMap?',
  ],
  'a source of another namespace': [
    replacement('kind: ConfigMap, name: settings, namespace: two, fieldPath: data.LEVEL'),
    'kustomization.yaml:3 replacements: no resource is ConfigMap settings in two; it is there with the namespace one',
  ],
  'a source of another group': [
    replacement('kind: Deployment, group: extensions, name: web'),
    'kustomization.yaml:3 replacements: no resource is Deployment web (extensions); it is there with the group apps',
  ],
  'a source that is cut': [
    replacement('kind: Deployment, name: wep, fieldPath: metadata.name, options: { delimiter: "-", index: 1 }'),
    'kustomization.yaml:3 replacements: no resource is Deployment wep; did you mean web?',
  ],
  'several sources': [
    replacement('fieldPath: metadata.name'),
    'kustomization.yaml:3 replacements: more than one resource is a resource',
  ],
  'a field of a source that is not there': [
    replacement('kind: ConfigMap, fieldPath: data.LEVELS'),
    'kustomization.yaml:3 replacements: ConfigMap has no data.LEVELS; did you mean LEVEL?',
  ],
  'a source, and a value': [
    of(
      'replacements:\n  - source: { kind: ConfigMap }\n    sourceValue: x\n    targets: [{ select: { kind: ConfigMap } }]',
    ),
    'kustomization.yaml:4 replacements: this entry has a source and a sourceValue: it may have one of them',
  ],
  'a file, and a source': [
    of('replacements:\n  - path: r.yaml\n    source: { kind: ConfigMap }', { 'r.yaml': '[]\n' }),
    'kustomization.yaml:4 replacements: this entry names a file, and a replacement of its own: it may have one of them',
  ],
  'a file that holds a text': [
    of('replacements: [{ path: r.yaml }]', { 'r.yaml': 'text\n' }),
    'r.yaml:1 replacements: the file must hold a replacement, or a list of them',
  ],
  'a target beyond the end of a list': [
    target(`${CONTAINERS}.3.image`),
    `kustomization.yaml:4 replacements: ${CONTAINERS}.3.image asks for item 3 of a list with one item, number 0`,
  ],
  'a target below a number': [
    target('spec.replicas.a', CREATE),
    'kustomization.yaml:4 replacements: spec.replicas.a leads into a value with nothing below it',
  ],
  'a target that takes a list for a mapping': [
    target(`${CONTAINERS}.web.image`, CREATE),
    `kustomization.yaml:4 replacements: ${CONTAINERS}.web.image leads into a list: write [name=...] or the number of the item`,
  ],
  'a target that takes a mapping for a list': [
    target('metadata.[name=web].a'),
    'kustomization.yaml:4 replacements: metadata.[name=web].a asks for an item of what is not a list',
  ],
  'an item by its name': [
    operation(`{ op: remove, path: ${ITEMS}/web/env }`),
    `p.yaml:1 remove ${ITEMS}/web/env: ${ITEMS} is a list, and its items are named by number: web is 0`,
  ],
  'an item behind the last': [
    operation(`{ op: replace, path: ${ITEMS}/-/image, value: a }`),
    `p.yaml:1 replace ${ITEMS}/-/image: ${ITEMS}/- is the place behind the last item, where only add may write; it has one item, number 0`,
  ],
  'the whole object': [
    operation('{ op: add, path: "", value: {} }'),
    'p.yaml:1 an empty path is the whole object, and kustomize does not let a patch replace that',
  ],
  'a test that fails': [
    operation('{ op: test, path: /spec/replicas, value: 4 }'),
    'p.yaml:1 test /spec/replicas: the object has another value there, which is 3',
  ],
  'a move from nowhere': [
    operation('{ op: move, from: /spec/replica, path: /spec/count }'),
    'p.yaml:1 move from replica: /spec has no replica; did you mean replicas?',
  ],
  'a copy from nowhere': [
    operation('{ op: copy, from: /spec/templates/a, path: /spec/count }'),
    'p.yaml:1 copy from /spec/templates/a: /spec has no templates; did you mean template?',
  ],
  'an operation that is not one': [
    operation('{ op: delete, path: /spec/replicas }'),
    'p.yaml:1 delete is not an operation: there are add, remove, replace, move, copy, test',
  ],
  'an operation without a path': [operation('{ op: remove }'), 'p.yaml:1 this operation has no path'],
  'operations for nobody': [
    merge('- { op: remove, path: /spec/replicas }\n'),
    'kustomization.yaml:2 a list of operations does not say what it is for: give this entry a target',
  ],
  'operations that are almost JSON': [
    of('patches:\n  - target: { kind: Deployment }\n    patch: "[{op: remove, path: /spec/replicas}]"'),
    'kustomization.yaml:4 a patch that begins with [ is read as JSON: write its keys and strings in quotes',
  ],
  'a patch that is not YAML': [
    of('patches:\n  - target: { kind: Deployment }\n    patch: |-\n      - op: remove\n         path: /spec/replicas'),
    'kustomization.yaml:6 the patch is not YAML: bad indentation of a mapping entry',
  ],
  'a patch that is a text': [
    merge('text\n'),
    'p.yaml:1 the patch is a string, and neither an object nor a list of operations',
  ],
  'a patch without a name': [
    of('patchesStrategicMerge:\n  - |-\n    kind: Deployment\n    spec: { replicas: 1 }'),
    'kustomization.yaml:4 the patch has no metadata.name: it must name the object that it is for',
  ],
  'a patch of another version': [
    merge('apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: { name: web }\n'),
    'p.yaml:1 the patch is for another Deployment web than the one that is there: apiVersion is apps/v1 there, and apps/v1beta1 here',
  ],
  'a patch of another namespace': [
    merge('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { A: b }\n'),
    'p.yaml:3 the patch is for another ConfigMap settings than the one that is there: metadata.namespace is one there, and not set here',
  ],
  'a patch twice': [
    of('patches:\n  - path: p.yaml\n    patch: text', { 'p.yaml': MAP }),
    'kustomization.yaml:3 this entry has a path and a patch: it may have one of them',
  ],
  'a patch that is not there': [
    of('patches:\n  - target: { kind: Deployment }'),
    'kustomization.yaml:3 this entry has neither a patch nor the path of one',
  ],
  'patches in one entry with a target': [
    of('patches: [{ path: p.yaml, target: { kind: ConfigMap } }]', { 'p.yaml': `${MAP}---\n${MAP}` }),
    'kustomization.yaml:2 one patch with a target is one document, and this has several: write an entry for each',
  ],
  'a target without a name': [
    of('patchesJson6902:\n  - target: { kind: Deployment, version: v1 }\n    patch: "- { op: remove, path: /spec }"'),
    'kustomization.yaml:3 the target needs a kind and a name',
  ],
  'a directive that is not one': [
    merge('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: one }\ndata: { $patch: remove }\n'),
    'p.yaml:4 $patch: remove is not known: there are delete, replace and merge',
  ],
  'a mapping in the place of a list': [
    merge(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: { a: b } } } }\n',
    ),
    `p.yaml:4 ${CONTAINERS} is a mapping in the patch, and a list in the object`,
  ],
  'a way that ends in a text': [
    alone('resources: [a.yaml]\nlabels: [{ pairs: { a: b }, fields: [{ path: spec/a/b, create: true }] }]', {
      'a.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a }\nspec: { a: text }\n',
    }),
    'a.yaml:4 spec.a is a value: kustomize cannot write spec.a.b of Thing a',
  ],
  'a replica count of what has none': [
    alone('resources: [a.yaml]\nreplicas: [{ name: web, count: 2 }]', {
      'a.yaml': WEB.replace('Deployment', 'DaemonSet').replace('  replicas: 3\n', ''),
    }),
    'kustomization.yaml:2 replicas: DaemonSet web is not a Deployment, ReplicationController, ReplicaSet or StatefulSet: it has no replica count',
  ],
  'an object of a kind that nobody knows, in two namespaces': [
    alone('resources: [a.yaml]\nnamespace: all', {
      'a.yaml': ['one', 'two']
        .map(name => `apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a, namespace: ${name} }\n`)
        .join('---\n'),
    }),
    'kustomization.yaml:2 Thing a is there in more than one namespace, and all of them become all',
  ],
  'two namespaces that become one': [
    alone('resources: [a.yaml]\nnamespace: all', {
      'a.yaml': ['one', 'two']
        .map(name => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`)
        .join('---\n'),
    }),
    'kustomization.yaml:2 Namespace one and Namespace two both become all',
  ],
  'a var of nobody': [
    asVar('objref: { apiVersion: v1, kind: Service, name: wep }'),
    'kustomization.yaml:3 the var HOST is of Service wep, which is not there; did you mean web?',
  ],
  'a var of another version': [
    asVar('objref: { apiVersion: v2, kind: Service, name: web }'),
    'kustomization.yaml:3 the var HOST is of Service web, which is there with another apiVersion or namespace',
  ],
  'a var without an object': [
    asVar('fieldref: {}'),
    'kustomization.yaml:3 the var HOST needs an objref with kind and name',
  ],
  'a var of a field that is not there': [
    asVar('objref: { apiVersion: v1, kind: Service, name: web }, fieldref: { fieldpath: spec.port }'),
    'kustomization.yaml:3 the var HOST: Service web has no spec.port; did you mean ports?',
  ],
  'a var twice': [
    asVar(
      'objref: { apiVersion: v1, kind: Service, name: web } }\n  - { name: HOST, objref: { apiVersion: v1, kind: Service, name: web }',
    ),
    'kustomization.yaml:4 the var HOST is declared twice',
  ],
  'a var of several objects': [
    alone('resources: [a.yaml]\nvars:\n  - { name: HOST, objref: { apiVersion: v1, kind: Service, name: web } }', {
      'a.yaml': ['one', 'two'].map(name => SERVICE.replace('name: web', `name: web, namespace: ${name}`)).join('---\n'),
    }),
    'kustomization.yaml:3 the var HOST is of Service web, and 2 resources are that: name the namespace in objref',
  ],
  'a literal without a value': [
    literal('{ name: a, literals: [LEVEL] }'),
    'kustomization.yaml:2 LEVEL has no value: write key=value',
  ],
  'a literal without a key': [
    literal('{ name: a, literals: ["=x"] }'),
    'kustomization.yaml:2 =x has no key: write key=value',
  ],
  'a generator without a name': [
    literal('literals: [A=b]'),
    'kustomization.yaml:2 this entry has no name: what it generates needs one',
  ],
  'a key twice': [literal('{ name: a, literals: [A=b, A=c] }'), 'kustomization.yaml:2 A is a key of a twice'],
  'a key twice, in a file': [
    alone('configMapGenerator:\n  - name: a\n    literals: [A=b]\n    envs: [a.env]', { 'a.env': 'B=c\nA=d\n' }),
    'kustomization.yaml:4 A is a key of a twice',
  ],
  'a file without a key': [
    alone('configMapGenerator:\n  - { name: a, files: ["=a.env"] }', { 'a.env': 'x' }),
    'kustomization.yaml:2 =a.env has no key before =',
  ],
  'generated twice': [
    literal('{ name: a, literals: [A=b] }\n  - { name: a, literals: [B=c] }'),
    'kustomization.yaml:3 ConfigMap a is there already, of FOLDER/kustomization.yaml: say behavior: merge or replace, or give it another name',
  ],
  'generated, and written': [
    of('configMapGenerator:\n  - { name: settings, namespace: one, literals: [A=b] }'),
    'kustomization.yaml:3 ConfigMap settings is there already, of FOLDER/map.yaml: say behavior: merge or replace, or give it another name',
  ],
  'merged into nobody': [
    of('configMapGenerator:\n  - { name: setings, namespace: one, behavior: merge, literals: [A=b] }'),
    'kustomization.yaml:3 no ConfigMap setings is there to merge into; did you mean settings?',
  ],
  'a key that is a number': [
    of('configMapGenerator: [{ name: a, literals: [A=b] }]', { 'map.yaml': MAP.replace('LEVEL', '1.10') }),
    'map.yaml:4 the key 1.10 is not a string: write it in quotes',
  ],
  'a directive that is a list': [
    merge(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: one }\ndata: { $patch: [delete] }\n',
    ),
    'p.yaml:4 $patch must be one of the words delete, replace and merge',
  ],
  'a name that is a list': [
    alone('resources: [a.yaml]', { 'a.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: [a] }\n' }),
    'a.yaml:3 the Thing needs metadata.name',
  ],
  'labels that are a text': [
    alone('resources: [a.yaml]\nlabels: [{ pairs: { a: b } }]', {
      'a.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a, labels: text }\n',
    }),
    'a.yaml:3 metadata.labels is a value: kustomize cannot write metadata.labels of Thing a',
  ],
  'an image that is not a pattern': [
    of('images: [{ name: "web(", newTag: "1" }]'),
    'kustomization.yaml:2 the name of an image is read as a regular expression of Go (RE2), and this is not one',
  ],
  'configurations that contradict each other': [
    of('configurations: [c.yaml, d.yaml]', {
      'c.yaml': 'namePrefix: [{ path: metadata/name, create: true }]\n',
      'd.yaml': 'namePrefix: [{ path: metadata/name, create: false }]\n',
    }),
    'c.yaml:1 namePrefix has one path twice, with create: true and without: kustomize takes one of them',
  ],
  'a validator that changes something': [
    of('validators: [v.yaml]', {
      'v.yaml':
        'apiVersion: builtin\nkind: LabelTransformer\nmetadata: { name: a }\nlabels: { a: b }\nfieldSpecs: [{ path: metadata/labels, create: true }]\n',
    }),
    'kustomization.yaml:2 a validator changes the resources, and may not: list it under transformers',
  ],
  'a literal of a plugin': [
    of('generators: [g.yaml]', {
      'g.yaml': 'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: a }\nliterals: [LEVEL]\n',
    }),
    'g.yaml:4 LEVEL has no value: write key=value',
  ],
  'a schema that is not built in': [
    of('openapi: { version: v1.0.0 }'),
    'kustomization.yaml:2 kustomize does not have this version of the schema built in: leave it out, or name a file under openapi.path',
  ],
  'an order that is not one': [
    of('sortOptions: { order: kind }'),
    'kustomization.yaml:2 the order must be one of fifo, legacy',
  ],
  'an order, and options of the other': [
    of('sortOptions: { order: fifo, legacySortOptions: { orderFirst: [Namespace] } }'),
    'kustomization.yaml:2 legacySortOptions counts with order: legacy only, and the order is fifo',
  ],
  'a definition under crds': [
    of('crds: [crd.yaml]', { 'crd.yaml': '- a\n' }),
    'kustomization.yaml:2 crd.yaml is not what crds reads: OpenAPI definitions by their Go types, no CustomResourceDefinition',
  ],
  'a configuration that is a mapping': [
    of('configurations: [c.yaml]', { 'c.yaml': 'nameReference: { kind: ConfigMap }\n' }),
    'c.yaml:1 nameReference must be a list, not a mapping',
  ],
  'a field of a configuration that is not known': [
    of('configurations: [c.yaml]', { 'c.yaml': 'nameReference:\n  - kind: ConfigMap\n    apiGroup: apps\n' }),
    'c.yaml:3 unknown field "apiGroup" in a configuration of kustomize',
  ],
  'a configuration that is not known': [
    of('configurations: [c.yaml]', { 'c.yaml': 'nameReferences: []\n' }),
    'c.yaml:1 kustomize has no configuration called nameReferences',
  ],
  'a plugin that lacks something': [
    plugin('kind: PatchTransformer\nmetadata: { name: p }'),
    't.yaml:2 kustomize does not take this PatchTransformer: must specify one of patch and path',
  ],
}

const root = mkdtempSync(join(tmpdir(), 'table-'))
const said = new Map<string, string[]>()
beforeAll(async () => {
  for (const [index, [files]] of Object.values(CASES).entries()) {
    for (const [path, text] of Object.entries(files)) {
      const file = join(root, `case-${index}`, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
  const { report } = await validateTree(root, { cache: false })
  for (const { severity, message, location } of report.findings) {
    const [folder = '', ...path] = location.file.split('/')
    if (severity !== 'error') continue
    const text = `${path.join('/')}:${location.line} ${message.replaceAll(`${folder}/`, 'FOLDER/')}`
    said.set(folder, [...(said.get(folder) ?? []), text])
  }
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each(Object.entries(CASES).map(([name, [, expected]], index) => [name, index, expected] as const))(
  '%s',
  (_, index, expected) => {
    expect(said.get(`case-${index}`)).toEqual([expected])
  },
)
