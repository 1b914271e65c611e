// How validation.yaml declares environments, with what holds where it says nothing.
import { expect, test } from 'vitest'
import { SourceFile } from '../source/source-file.ts'
import { captureSegments, environmentOfValues, isBuildOf, readDeclaration } from './declared.ts'

const declare = (text: string) => readDeclaration(new SourceFile('validation.yaml', Buffer.from(text)))

test('without a file, or without the section, nothing is declared', () => {
  const nothing = { order: [], mayDiffer: undefined, commits: 200 }
  expect(readDeclaration(undefined)).toEqual(nothing)
  expect(declare('exclude: [a]\n')).toEqual(nothing)
  expect(declare('environments: { order: {}, mayDiffer: all, commits: many }\n')).toEqual(nothing)
})

test('an environment has no bounds but those that are said', () => {
  const { order, commits } = declare(`environments:
  commits: 0
  order:
    - { name: dev, builds: [overlays/dev/, ./a/../b, 5] }
    - name: prod
      builds: ['*/prod']
      registries: [ghcr.io/acme, 5]
      replicas: { minimum: 2, maximum: five }
      resources: { minimum: { cpu: 1 }, maximum: [2] }
    - { builds: [overlays/qa] }
    - staging
`)
  expect(commits).toBe(0)
  expect(order).toEqual([
    {
      ...{ name: 'dev', builds: ['overlays/dev', 'b'], registries: [] },
      replicas: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
      resources: { minimum: {}, maximum: {} },
    },
    {
      ...{ name: 'prod', builds: ['*/prod'], registries: ['ghcr.io/acme'] },
      replicas: { minimum: 2, maximum: Number.POSITIVE_INFINITY },
      resources: { minimum: { cpu: 1 }, maximum: {} },
    },
  ])
})

test('what may differ is a pointer, or an object with or without one', () => {
  const text = `environments:
  mayDiffer:
    - /metadata/labels/app.kubernetes.io~1version
    - { kind: ConfigMap, name: web, path: /data/a~0b }
    - { kind: PodDisruptionBudget }
    - 5
`
  expect(declare(text).mayDiffer).toEqual([
    { path: ['metadata', 'labels', 'app.kubernetes.io/version'] },
    { kind: 'ConfigMap', name: 'web', path: ['data', 'a~b'] },
    { kind: 'PodDisruptionBudget' },
  ])
  expect(declare('environments: { mayDiffer: [] }\n').mayDiffer).toEqual([])
})

test.each([
  ['overlays/dev', 'overlays/dev', []],
  ['overlays/*', 'overlays/dev', ['dev']],
  ['*/prod/*', 'web/prod/eu', ['web', 'eu']],
  ['overlays/*', 'overlays', undefined],
  ['overlays/*', 'overlays/dev/west', undefined],
  ['overlays/dev', 'overlays/qa', undefined],
  ['*', 'dev', ['dev']],
])('%s fits %s: %j', (pattern, folder, expected) => {
  expect(captureSegments(pattern, folder)).toEqual(expected)
})

test('values belong to the one environment that names their file or their folder', () => {
  const { order } = declare(`environments:
  order:
    - { name: dev, builds: [values/dev.yaml, overlays/dev] }
    - { name: prod, builds: [prod, overlays/prod] }
    - { name: all, builds: ['overlays/*'] }
`)
  const nameOf = (path: string): string | undefined => environmentOfValues(path, order)?.name
  expect(['values/dev.yaml', 'prod/values.yaml', 'values/qa.yaml'].map(nameOf)).toEqual(['dev', 'prod', undefined])
  // Two say that it is theirs.
  expect(nameOf('overlays/dev/values.yaml')).toBeUndefined()
  expect(order.map(one => isBuildOf(one, 'overlays/prod'))).toEqual([false, true, true])
})
