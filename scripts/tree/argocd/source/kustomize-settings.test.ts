// Settings of an Application over a kustomization, as `kustomize edit` writes them.
import { expect, test } from 'vitest'
import { readYaml } from '../applicationset/read-yaml.ts'
import { editKustomization, hasKustomizeSettings, readImageOverride, splitImage } from './kustomize-settings.ts'

const IS_THERE = (folder: string): boolean => folder === '../parts/tls'

const edit = (written: string, settings: string): unknown => {
  const own = readYaml(`{ ${written} }`) as Readonly<Record<string, never>>
  const edited = editKustomization(own, readYaml(`{ ${settings} }`), { ARGOCD_APP_NAME: 'web' }, IS_THERE)
  return 'value' in edited ? edited.value : edited.fieldPath
}

test.each([
  [
    'namePrefix: a-',
    'namePrefix: b-, nameSuffix: -c, namespace: shop',
    'namePrefix: b-, nameSuffix: -c, namespace: shop',
  ],
  ['namePrefix: a-', 'namePrefix: ""', 'namePrefix: a-'],
  ['images: [{ name: web, newTag: v1 }]', 'images: ["web:v2"]', 'images: [{ name: web, newTag: v2 }]'],
  [
    'images: [{ name: api, newTag: v1 }]',
    'images: ["web=shop/web:v2"]',
    'images: [{ name: api, newTag: v1 }, { name: web, newName: shop/web, newTag: v2 }]',
  ],
  [
    'images: [{ name: web, newName: shop/web, newTag: v1 }]',
    'images: ["web=*:v2"]',
    'images: [{ name: web, newName: shop/web, newTag: v2 }]',
  ],
  ['', 'images: ["web=*:v2"]', 'images: [{ name: web, newTag: v2 }]'],
  ['', 'images: ["web:$ARGOCD_APP_NAME"]', 'images: [{ name: web, newTag: web }]'],
  ['images: [{ name: web, newTag: v1, digest: a }]', 'images: ["web@*"]', 'images: [{ name: web, digest: a }]'],
  ['', 'images: ["--all"]', 'images: []'],
  [
    'replicas: [{ name: a, count: 1 }, { name: b, count: 1 }]',
    'replicas: [{ name: b, count: "3" }]',
    'replicas: [{ name: a, count: 1 }, { name: b, count: 3 }]',
  ],
  ['commonLabels: { a: b }', 'commonLabels: { c: $ARGOCD_APP_NAME }', 'commonLabels: { a: b, c: web }'],
  ['commonLabels: { a: b }', 'commonLabels: { a: c }, forceCommonLabels: true', 'commonLabels: { a: c }'],
  ['', 'commonLabels: { a: 1 }', ''],
  ['', 'commonAnnotations: { a: $ARGOCD_APP_NAME }', 'commonAnnotations: { a: $ARGOCD_APP_NAME }'],
  ['', 'commonAnnotations: { a: $ARGOCD_APP_NAME }, commonAnnotationsEnvsubst: true', 'commonAnnotations: { a: web }'],
  [
    'labels: [{ pairs: { a: b } }]',
    'commonLabels: { c: d }, labelWithoutSelector: true',
    'labels: [{ pairs: { a: b } }, { pairs: { c: d } }]',
  ],
  [
    '',
    'commonLabels: { c: d }, labelWithoutSelector: true, labelIncludeTemplates: true',
    'labels: [{ pairs: { c: d }, includeTemplates: true }]',
  ],
  [
    'commonLabels: { c: d }',
    'commonLabels: { c: e }, labelWithoutSelector: true',
    'commonLabels: { c: d }, labels: [{ pairs: { c: e } }]',
  ],
  ['patches: [{ path: a.yaml }]', 'patches: [{ patch: b }]', 'patches: [{ path: a.yaml }, { patch: b }]'],
  ['components: [a]', 'components: [../parts/tls, a]', 'components: [a, ../parts/tls]'],
  ['', 'components: [../parts/none], ignoreMissingComponents: true', ''],
])('%s with %s is %s', (written, settings, expected) => {
  expect(edit(written, settings)).toEqual(readYaml(`{ ${expected} }`))
})

test.each([
  ['commonLabels: { a: b }', 'commonLabels: { c: d, a: c }', ['commonLabels', 'a']],
  ['commonAnnotations: { a: b }', 'commonAnnotations: { a: c }, forceCommonLabels: true', ['commonAnnotations', 'a']],
  ['labels: [{ pairs: { a: b } }]', 'commonLabels: { a: c }, labelWithoutSelector: true', ['commonLabels', 'a']],
  ['', 'components: [../parts/tls, ../parts/none]', ['components', 1]],
  ['', 'components: [/parts/tls]', ['components', 0]],
])('%s with %s is refused', (written, settings, path) => {
  expect(edit(written, settings)).toEqual(path)
})

test('what is written is left as it is', () => {
  const written = { images: [{ name: 'web', newTag: 'v1' }], patches: [] }
  editKustomization(written, { images: ['web:v2'], namespace: 'shop' }, {}, IS_THERE)
  expect(written).toEqual({ images: [{ name: 'web', newTag: 'v1' }], patches: [] })
})

test.each([
  ['', false],
  ['images: []', false],
  ['commonLabels: {}', false],
  ['namePrefix: ""', false],
  ['version: v5, forceCommonLabels: true', false],
  ['commonLabels: { a: b }', true],
  ['namespace: shop', true],
  ['components: [a]', true],
])('settings %s change what is rendered: %s', (settings, expected) => {
  expect(hasKustomizeSettings(readYaml(`{ ${settings} }`))).toBe(expected)
})

test.each([
  ['web:v1', { name: 'web', newTag: 'v1' }],
  ['web=shop:5000/web', { name: 'web', newName: 'shop:5000/web' }],
  ['web=:v2', { name: 'web', newTag: 'v2' }],
  ['web@sha256:a', { name: 'web', digest: 'sha256:a' }],
  ['shop:5000/web:v1@sha256:a', { name: 'shop:5000/web', newTag: 'v1', digest: 'sha256:a' }],
  ['--web', undefined],
])('%s is read as %j', (text, expected) => {
  expect(readImageOverride(text)).toEqual(expected)
})

test('a port is a part of the name', () => {
  expect(splitImage('shop:5000/web')).toEqual({ name: 'shop:5000/web', tag: '', digest: '' })
})
