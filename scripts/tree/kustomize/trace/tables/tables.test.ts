// The tables are what kustomize has built in: for each entry an object is made that has the field, and the pinned kustomize
// is asked whether it writes there.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFiles } from '../../../../../tests/folder.ts'
import { describeMachine } from '../../../machine.ts'
import { valueAt } from '../../../model/build.ts'
import type { KubernetesObject } from '../../../model/resource.ts'
import { readTree } from '../../../read-tree.ts'
import { openFolder } from '../../../source/folder.ts'
import { findKustomize } from '../../build/binary.ts'
import { renderRoots } from '../../build/builds.ts'
import { indexObjects, keyOfRendered, listDifferences } from '../compare.ts'
import { Evaluator } from '../evaluate.ts'
import { splitPath } from '../field-spec.ts'
import { FIELD_SPECS } from './field-specs.ts'
import { MERGE_SHAPES, SHAPES_OF_KINDS } from './merge-keys.ts'
import { NAME_REFERENCES } from './name-references.ts'

type Mapping = Record<string, unknown>

/** Renders a tree, and says where the evaluation differs. */
async function render(files: Readonly<Record<string, unknown>>) {
  const root = mkdtempSync(join(tmpdir(), 'tables-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      writeFiles(root, { [path]: JSON.stringify(content) })
    }
    const sources = openFolder(root)
    const { graph } = readTree(sources, []).value
    const settings = {
      sources,
      graph,
      parallelism: 1,
      kustomize: findKustomize(describeMachine()),
      cacheFolder: undefined,
    }
    const result = (await renderRoots(['.'], settings)).get('.')
    if (!result || 'fault' in result) throw new Error(result?.text)
    const traced = indexObjects(new Evaluator(sources, graph).evaluate('.').objects)
    const differences = result.resources.flatMap(object => {
      const one = traced.get(keyOfRendered(object))
      const name = `${object.kind} ${object.metadata?.name}`
      if (!one) return [`${name} is not traced`]
      return [...listDifferences(one.root, object)].map(({ fieldPath }) => `${name} /${fieldPath.join('/')}`)
    })
    return { resources: result.resources, differences }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** An API version and kind for an entry of a table; a kind of any group is of its usual one. */
function identify(entry: string): { apiVersion: string; kind: string } {
  const words = entry.split(' ')
  const kind = words.at(-1) ?? ''
  const [version] = words
  if (words.length > 1 && version) {
    const parts = version.split('/')
    return { apiVersion: parts.slice(0, 2).join('/').replace('*', 'v1'), kind }
  }
  const usual: Readonly<Record<string, string>> = {
    Deployment: 'apps/v1',
    ReplicaSet: 'apps/v1',
    DaemonSet: 'apps/v1',
    StatefulSet: 'apps/v1',
    Job: 'batch/v1',
    CronJob: 'batch/v1',
    Ingress: 'networking.k8s.io/v1',
    HorizontalPodAutoscaler: 'autoscaling/v2',
    Role: 'rbac.authorization.k8s.io/v1',
    ClusterRole: 'rbac.authorization.k8s.io/v1',
    StorageClass: 'storage.k8s.io/v1',
  }
  return { apiVersion: usual[kind] ?? 'v1', kind }
}

/** Writes a value at a path; a segment with [] is a list of one item. */
function put(root: Mapping, path: readonly string[], value: unknown): void {
  let node = root
  for (const [depth, segment] of path.entries()) {
    const name = segment.replace(/\[\]$/, '')
    const isLast = depth === path.length - 1
    const known = node[name]
    const next = isLast ? value : ((Array.isArray(known) ? known[0] : known) ?? {})
    node[name] = segment.endsWith('[]') && !isLast ? [next] : next
    node = next as Mapping
  }
}

const read = (object: KubernetesObject, path: readonly string[]): unknown =>
  valueAt(
    object,
    path.flatMap(segment => (segment.endsWith('[]') ? [segment.slice(0, -2), 0] : [segment])),
  )

/** Objects that are one another's twins but for their kind, by kind. */
class Objects {
  readonly byKind = new Map<string, Mapping>()
  readonly paths: { readonly key: string; readonly path: readonly string[] }[] = []

  of(entry: string, name = 'referrer'): { key: string; object: Mapping } {
    const { apiVersion, kind } = identify(entry)
    const key = `${apiVersion} ${kind} ${name}`
    const object = this.byKind.get(key) ?? { apiVersion, kind, metadata: { name } }
    this.byKind.set(key, object)
    return { key, object }
  }

  add(entry: string, path: readonly string[], value: unknown): void {
    const { key, object } = this.of(entry)
    put(object, path, value)
    this.paths.push({ key, path })
  }

  files(kustomization: Mapping): Readonly<Record<string, unknown>> {
    const objects = [...this.byKind.values()]
    const names = objects.map((_, index) => `${index}.json`)
    return Object.fromEntries([
      ...objects.map((object, index) => [`${index}.json`, object] as const),
      ['kustomization.yaml', { resources: names, ...kustomization }],
    ])
  }

  /** What stands at each path of each kind, with the kind. */
  collect(resources: readonly KubernetesObject[], isIt: (name: string) => boolean) {
    return this.paths.map(({ key, path }) => {
      const [apiVersion, kind] = key.split(' ')
      const object = resources.find(
        one => one.apiVersion === apiVersion && one.kind === kind && isIt(one.metadata?.name ?? ''),
      )
      return { field: `${kind} ${path.join('/')}`, value: object && read(object, path) }
    })
  }
}

/** kustomize writes a version into the group here, so that no object is ever meant. */
const WITHOUT_OBJECTS = 'networking.k8s.io/v1/v1 IngressClass'

test.each(NAME_REFERENCES.map(one => [one.to, one] as const))(
  'kustomize rewrites the names of %s',
  async (to, { from }) => {
    const objects = new Objects()
    objects.of(to, 'target')
    for (const [key, kinds] of Object.entries(from)) {
      const path = splitPath(key)
      const isMapping = key.endsWith('/service') || key === 'subjects'
      for (const kind of kinds) {
        objects.add(kind, path, isMapping ? { kind: 'ServiceAccount', name: 'target' } : 'target')
        const { object } = objects.of(kind)
        const { apiVersion, kind: wanted } = identify(to)
        if (key === 'roleRef/name')
          put(object, ['roleRef'], { apiGroup: apiVersion.split('/')[0], kind: wanted, name: 'target' })
      }
    }
    const { resources, differences } = await render(objects.files({ namePrefix: 'p-' }))
    expect(differences).toEqual([])
    for (const { field, value } of objects.collect(resources, name => name.endsWith('referrer'))) {
      const name = typeof value === 'object' ? valueAt(value, ['name']) : value
      expect(`${field}: ${name}`).toBe(`${field}: ${to === WITHOUT_OBJECTS ? 'target' : 'p-target'}`)
    }
  },
)

test.each([
  ['commonLabels', { commonLabels: { team: 'shop' } }],
  ['commonAnnotations', { commonAnnotations: { team: 'shop' } }],
  ['templateLabels', { labels: [{ pairs: { team: 'shop' }, includeTemplates: true }] }],
] as const)('kustomize writes %s where the table says', async (name, kustomization) => {
  const objects = new Objects()
  for (const [key, kinds] of Object.entries<readonly string[]>(FIELD_SPECS[name])) {
    const path = splitPath(key.replace(/^\+/, ''))
    // Every kind has these two.
    for (const kind of kinds.length ? kinds : ['v1 ConfigMap']) objects.add(kind, path, { own: 'value' })
  }
  const { resources, differences } = await render(objects.files(kustomization))
  expect(differences).toEqual([])
  for (const { field, value } of objects.collect(resources, () => true))
    expect(`${field}: ${valueAt(value, ['team'])}`).toBe(`${field}: shop`)
})

test('kustomize sets images and replicas where the table says', async () => {
  const objects = new Objects()
  for (const key of Object.keys(FIELD_SPECS.images))
    objects.add('apps/v1 Deployment', splitPath(key.slice(1)), 'example/x:1')
  for (const kind of FIELD_SPECS.replicas['+spec/replicas']) objects.of(kind)
  const images = [{ name: 'example/x', newTag: '2' }]
  const { resources, differences } = await render(objects.files({ images, replicas: [{ name: 'referrer', count: 5 }] }))
  expect(differences).toEqual([])
  for (const { field, value } of objects.collect(resources, () => true))
    expect(`${field}: ${value}`).toBe(`${field}: example/x:2`)
  expect(resources.map(one => valueAt(one, ['spec', 'replicas']))).toEqual(resources.map(() => 5))
})

test('kustomize expands vars where the table says', async () => {
  const objects = new Objects()
  objects.of('v1 ConfigMap', 'source')
  for (const [key, kinds] of Object.entries<readonly string[]>(FIELD_SPECS.varReference)) {
    const path = splitPath(key)
    const isMapping = ['labels', 'annotations'].includes(path.at(-1) ?? '')
    for (const kind of kinds.length ? kinds : ['v1 ConfigMap'])
      objects.add(kind, isMapping ? [...path, 'own'] : path, '$(NAME)')
  }
  const vars = [{ name: 'NAME', objref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'source' } }]
  const { resources, differences } = await render(objects.files({ vars }))
  expect(differences).toEqual([])
  for (const { field, value } of objects.collect(resources, name => name === 'referrer'))
    expect(`${field}: ${value}`).toBe(`${field}: source`)
})

/** The lists below a shape that are merged, with their keys, each once. */
function* mergedLists(
  shape: string,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; keys: readonly string[] }> {
  for (const [field, text] of Object.entries(MERGE_SHAPES[shape] ?? {})) {
    const [, keys, item = ''] = /^\[([^\]]*)\]\s*(.*)$/.exec(text) ?? []
    if (keys !== undefined) {
      yield { path: [...path, field], keys: keys === '' ? [] : keys.split(' ') }
      if (item !== '' && path.length < 8) yield* mergedLists(item, [...path, `${field}[]`])
    } else if (!text.startsWith('* ') && path.length < 8) yield* mergedLists(text.replace('{} ', ''), [...path, field])
  }
}

test.each(Object.entries(SHAPES_OF_KINDS))(
  'kustomize merges the lists of %s by the keys of the table',
  async (shape, entries) => {
    const kinds = entries.map(entry => {
      const words = entry.split(' ')
      return `${words[0]} ${words.at(-1)}`
    })
    const item = (keys: readonly string[], which: string, more: Mapping): unknown =>
      keys.length === 0 ? which : { ...Object.fromEntries(keys.map(key => [key, which])), ...more }
    const [objects, patches] = [new Objects(), new Objects()]
    for (const kind of kinds) {
      for (const { path, keys } of mergedLists(shape)) {
        // Below an item only what the item itself needs to be found by.
        if (path.some(segment => segment.endsWith('[]'))) continue
        objects.add(kind, path, [item(keys, 'one', { kept: 'yes' }), item(keys, 'two', { kept: 'yes' })])
        patches.add(kind, path, [item(keys, 'one', { added: 'yes' }), item(keys, 'three', {})])
      }
    }
    const files = patches.files({})
    const named = Object.fromEntries(
      Object.entries(files).flatMap(([path, content]) =>
        path === 'kustomization.yaml' ? [] : [[`patch-${path}`, content]],
      ),
    )
    const entriesOfPatches = Object.keys(named).map(path => ({ path }))
    const { resources, differences } = await render({ ...objects.files({ patches: entriesOfPatches }), ...named })
    expect(differences).toEqual([])
    for (const { field, value } of objects.collect(resources, () => true))
      expect(`${field}: ${(value as readonly unknown[]).length} items`).toBe(`${field}: 3 items`)
  },
)
