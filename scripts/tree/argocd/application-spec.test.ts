// What the application controller refuses of an Application by itself, or does not read as it is written.
import { expect, test } from 'vitest'
import { checkApplication, isImageOverride, listTools } from './application-spec.ts'
import { readYaml } from './applicationset/read-yaml.ts'
import type { ArgocdFault } from './fault.ts'

/** `PATH: KIND WORDS`, with a question mark where nothing is refused. */
const show = ({ fieldPath, values, severity }: ArgocdFault): string =>
  `${fieldPath.join('.')}: ${values.join(' ')}${severity === 'warning' ? '?' : ''}`

const TO = 'destination: { server: https://cluster, namespace: shop }'
const FROM = 'repoURL: https://git/shop, path: web'
const CHART = 'repoURL: https://charts, chart: web, targetRevision: 1.0.0'

const check = (metadata: string, spec: string): readonly string[] =>
  [...checkApplication(readYaml(`{ metadata: { name: web, ${metadata} }, spec: { ${spec} } }`))].map(show)

test.each([
  ['one source', `source: { ${FROM} }`, []],
  ['none', '', ['spec: incomplete-source']],
  ['one without a folder', 'source: { repoURL: https://git/shop }', ['spec.source: incomplete-source']],
  ['one with an empty URL', 'source: { repoURL: "", path: web }', ['spec.source: incomplete-source']],
  ['one whose URL the schema misses', 'source: { path: web }', []],
  ['one of a wrong type, which the schema tells', 'source: { repoURL: 1, path: web }', []],
  ['a list that is none, which the schema tells', 'sources: web', []],
  ['a chart', `source: { ${CHART} }`, []],
  ['a chart of no version', 'source: { repoURL: https://charts, chart: web }', ['spec.source: chart-without-version']],
  ['one with a ref', `source: { ${FROM}, ref: values }`, ['spec.source.ref: unread-ref?']],
  ['a ref alone', 'source: { repoURL: https://git/shop, ref: values }', ['spec.source: incomplete-source']],
  ['several', `sources: [{ ${FROM} }, { repoURL: https://git/values, ref: values }]`, []],
  ['several and one', `source: { ${FROM} }, sources: [{ ${FROM} }]`, ['spec.source: unread-source?']],
  [
    'a ref that no source has',
    `sources: [{ ${CHART}, helm: { valueFiles: [$values/a.yaml, b.yaml] } }]`,
    ['spec.sources.0.helm.valueFiles.0: unknown-ref values'],
  ],
  [
    'a ref that no source has, and one that nothing reads',
    `sources: [{ ${CHART}, helm: { valueFiles: [$values/a.yaml] } }, { repoURL: https://git/values, ref: value }]`,
    ['spec.sources.1.ref: unknown-ref values'],
  ],
  [
    'a ref that is read',
    `sources: [{ ${CHART}, helm: { valueFiles: [$values/a.yaml] } }, { repoURL: https://git/values, ref: values }]`,
    [],
  ],
  ['a ref with a dot', `sources: [{ ${FROM}, ref: a.b }]`, ['spec.sources.0.ref: odd-ref a.b']],
  [
    'a ref of two',
    `sources: [{ ${FROM}, ref: a }, { ${FROM}, ref: b }, { ${FROM}, ref: a }]`,
    ['spec.sources.2.ref: repeated-ref a'],
  ],
  [
    'settings of two tools',
    `source: { ${FROM}, helm: {}, kustomize: {} }`,
    ['spec.source.helm: several-tools kustomize helm'],
  ],
  ['settings of one tool that are null', `source: { ${FROM}, helm: null, kustomize: {} }`, []],
  [
    'a hydrator with an empty field, and nothing else is read',
    'sourceHydrator: { drySource: { repoURL: https://git, path: "", targetRevision: HEAD } }, source: {}',
    ['spec.sourceHydrator.drySource.path: empty-field'],
  ],
])('%s', (_, spec, expected) => {
  expect(check('', `${TO}, ${spec}`)).toEqual(expected)
})

test.each([
  ['replicas: [{ name: web, count: "3" }, { name: api, count: 2 }]', []],
  ['replicas: [{ name: web, count: three }]', ['replicas.0.count: odd-count three']],
  ['images: ["web:v1", "web=shop/web", "web@sha256:a", "--all"]', []],
  ['images: [web]', ['images.0: odd-image web']],
  ['images: ["web:v1", "api:v2 "]', ['images.1: image-with-blank api:v2 ']],
  ['kubeVersion: v1.36.4-gke.1', []],
  ['kubeVersion: latest', ['kubeVersion: odd-version latest']],
  ['labelIncludeTemplates: true, commonLabels: { a: b }', ['labelIncludeTemplates: lone-setting']],
  ['labelIncludeTemplates: true, labelWithoutSelector: true, commonLabels: { a: b }', []],
  ['labelIncludeTemplates: true, commonLabels: {}', []],
])('kustomize with %s', (settings, expected) => {
  const faults = check('', `${TO}, source: { ${FROM}, kustomize: { ${settings} } }`)
  expect(faults).toEqual(expected.map(one => `spec.source.kustomize.${one}`))
})

test.each([
  ['server: https://cluster', []],
  ['name: in-cluster, namespace: shop', []],
  ['namespace: shop', [': no-destination']],
  ['server: https://cluster, name: in-cluster', ['.name: two-destinations']],
  ['server: 1', []],
  ['server: https://cluster, namespace: Shop', ['.namespace: odd-namespace Shop']],
  ['server: https://cluster, namespace: "{{name}}"', []],
  [`server: https://cluster, namespace: ${'s'.repeat(64)}`, [`.namespace: odd-namespace ${'s'.repeat(64)}`]],
])('a destination with %s', (destination, expected) => {
  const faults = check('', `source: { ${FROM} }, destination: { ${destination} }`)
  expect(faults).toEqual(expected.map(one => `spec.destination${one}`))
})

test.each([
  ['duration: 5s, maxDuration: 1h30m', []],
  ['duration: "5"', []],
  ['duration: 1d', ['duration: unreadable-span 1d']],
  ['maxDuration: soon', ['maxDuration: unreadable-span soon']],
])('a backoff with %s', (backoff, expected) => {
  const faults = check('', `${TO}, source: { ${FROM} }, syncPolicy: { retry: { backoff: { ${backoff} } } }`)
  expect(faults).toEqual(expected.map(one => `spec.syncPolicy.retry.backoff.${one}`))
})

const FINALIZER = 'resources-finalizer.argocd.argoproj.io'

test.each([
  [`finalizers: [${FINALIZER}, ${FINALIZER}/background, foregroundDeletion]`, []],
  ['finalizers: [post-delete-finalizer.argocd.argoproj.io/cleanup]', []],
  [`finalizers: [${FINALIZER}/later]`, [`finalizers.0: unknown-finalizer ${FINALIZER}/later?`]],
  ['finalizers: [orphan, shop.example/keep]', ['finalizers.1: unknown-finalizer shop.example/keep?']],
  ['annotations: { argocd.argoproj.io/managed-by-url: https://argocd }', []],
  [
    'annotations: { argocd.argoproj.io/managed-by-url: argocd }',
    ['annotations.argocd.argoproj.io/managed-by-url: odd-url argocd'],
  ],
])('metadata with %s', (metadata, expected) => {
  expect(check(metadata, `${TO}, source: { ${FROM} }`)).toEqual(expected.map(one => `metadata.${one}`))
})

test.each([
  ['a:b', true],
  ['a=b', true],
  ['a@b', true],
  ['--a', true],
  ['a', false],
])('%s is an override of an image: %s', (text, expected) => {
  expect(isImageOverride(text)).toBe(expected)
})

test('the tools of a source are those whose settings are mappings', () => {
  expect(listTools(readYaml('{ plugin: {}, helm: text, directory: { recurse: true }, kustomize: null }'))).toEqual([
    'directory',
    'plugin',
  ])
})
