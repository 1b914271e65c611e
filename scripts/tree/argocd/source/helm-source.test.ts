// What helm is asked for, and which files of values an Application means.
import { expect, test } from 'vitest'
import { holdFiles } from '../../source/testing.ts'
import { readYaml } from '../applicationset/read-yaml.ts'
import { type HelmContext, readChart, readHelmSource } from './helm-source.ts'

const FILES: Readonly<Record<string, string>> = {
  'charts/web/Chart.yaml': 'name: web\ndependencies: [{ name: lib, repository: "file://../lib" }]\n',
  'charts/web/Chart.lock': 'dependencies: []\n',
  'charts/web/values-prod.yaml': 'a: 1\n',
  'charts/web/values/eu.yaml': 'b: 1\n',
  'charts/web/values/us.yaml': 'c: 1\n',
  'charts/lib/Chart.yaml': 'name: lib\n',
  'values/shared.yaml': 'd: 1\n',
}

const context: HelmContext = {
  sources: holdFiles(FILES),
  files: Object.keys(FILES),
  folder: 'charts/web',
  prefix: '',
  application: { name: 'web', namespace: 'shop' },
  environment: { ARGOCD_APP_NAME: 'prod' },
  references: new Map([
    ['own', true],
    ['other', false],
  ]),
}

/** The files of values, `-` for nothing known, or the fault with its place. */
function read(settings: string, more: Partial<HelmContext> = {}): readonly string[] | string {
  const source = readHelmSource(readYaml(`{ ${settings} }`), { ...context, ...more })
  if (source.kind === 'request') return source.files
  return source.kind === 'unknown' ? '-' : `${source.fieldPath.join('.')}: ${source.values.join(' ')}`
}

test.each<readonly [file: string, expected: readonly string[] | string]>([
  ['values-prod.yaml', ['charts/web/values-prod.yaml']],
  ['./values/../values-prod.yaml', ['charts/web/values-prod.yaml']],
  ['values-$ARGOCD_APP_NAME.yaml', ['charts/web/values-prod.yaml']],
  ['values/*.yaml', ['charts/web/values/eu.yaml', 'charts/web/values/us.yaml']],
  ['../../values/shared.yaml', ['values/shared.yaml']],
  ['/values/shared.yaml', ['values/shared.yaml']],
  ['$own/values/shared.yaml', ['values/shared.yaml']],
  ['$other/values/shared.yaml', '-'],
  ['https://values.example/web.yaml', '-'],
  ['s3://values/web.yaml', 'fault'],
  ['gone.yaml', 'fault'],
  ['gone/*.yaml', 'fault'],
  ['values', 'fault'],
  ['$own', 'fault'],
  ['$own/', 'fault'],
  ['$own/../x.yaml', 'fault'],
  ['../../../x.yaml', 'fault'],
  ['values/[.yaml', 'fault'],
])('values of %s', (file, expected) => {
  const fault = `valueFiles.0: no-file ${file}`
  expect(read(`valueFiles: [${JSON.stringify(file)}]`)).toEqual(expected === 'fault' ? fault : expected)
})

test('what may be missing is left out, and what leads out may not', () => {
  expect(read('valueFiles: [gone.yaml, "gone/*", values-prod.yaml], ignoreMissingValueFiles: true')).toEqual([
    'charts/web/values-prod.yaml',
  ])
  expect(read('valueFiles: [../../../x.yaml], ignoreMissingValueFiles: true')).toBe(
    'valueFiles.0: no-file ../../../x.yaml',
  )
})

test('of a folder below its repository, what lies outside of the folder is not known', () => {
  const below = { prefix: 'config' }
  expect(read('valueFiles: [/config/values/shared.yaml]', below)).toEqual(['values/shared.yaml'])
  expect(read('valueFiles: [/values/shared.yaml]', below)).toBe('-')
  expect(read('valueFiles: [values-prod.yaml]', below)).toEqual(['charts/web/values-prod.yaml'])
})

test.each([
  ['version: v3', []],
  ['version: v2', 'version: unknown-version v2'],
  ['fileParameters: [{ name: a, path: values-prod.yaml }]', []],
  ['fileParameters: [{ name: a, path: gone }]', 'fileParameters.0.path: no-file gone'],
  ['valueFiles: [1]', []],
])('%s', (settings, expected) => {
  expect(read(settings)).toEqual(expected)
})

test('helm is asked as Argo CD asks it', () => {
  const ask = (settings: string) => {
    const source = readHelmSource(readYaml(`{ ${settings} }`), context)
    return source.kind === 'request' ? source.request : undefined
  }
  expect(ask('')).toMatchObject({ release: 'web', namespace: 'shop', values: [], parameters: [], skipCrds: false })
  expect(ask('releaseName: a, namespace: b, skipCrds: true')).toMatchObject({
    ...{ release: 'a', namespace: 'b', skipCrds: true, skipTests: false },
  })
  expect(ask('values: "a: 1", valuesObject: { b: 2 }')?.values).toEqual(['{"b":2}'])
  expect(ask('values: "a: 1"')?.values).toEqual(['a: 1'])
  expect(
    ask('parameters: [{ name: a, value: $ARGOCD_APP_NAME }, { name: b, value: c, forceString: true }]'),
  ).toMatchObject({
    parameters: [
      { name: 'a', kind: 'value', value: 'prod' },
      { name: 'b', kind: 'string', value: 'c' },
    ],
  })
  expect(ask('apiVersions: [v1, 2], kubeVersion: 1.36.0')).toMatchObject({ apiVersions: ['v1'], kubeVersion: '1.36.0' })
})

test('a chart has its files without the lock, and local dependencies', () => {
  const chart = readChart(context.sources, context.files, 'charts/web')
  expect([...(chart?.keys() ?? [])].sort()).toEqual([
    ...['Chart.yaml', 'charts/lib/Chart.yaml', 'values-prod.yaml', 'values/eu.yaml', 'values/us.yaml'],
  ])
  const held = { ...FILES, 'charts/web/charts/lib/Chart.yaml': 'name: own\n' }
  const own = readChart(holdFiles(held), Object.keys(held), 'charts/web')
  expect(Buffer.from(own?.get('charts/lib/Chart.yaml') ?? []).toString()).toBe('name: own\n')
})
