// Files beside manifests that change the settings of a source.
import { expect, test } from 'vitest'
import { holdFiles } from '../../source/testing.ts'
import { readYaml } from '../applicationset/read-yaml.ts'
import { applyOverrides } from './overrides.ts'

const apply = (files: Readonly<Record<string, string>>, source = 'path: web, repoURL: here'): unknown => {
  const written = readYaml(`{ ${source} }`) as Readonly<Record<string, unknown>>
  const applied = applyOverrides(written, 'web', 'prod', holdFiles(files))
  return 'source' in applied ? applied.source : `${applied.range.line} ${applied.message}`
}

const OWN = 'web/.argocd-source.yaml'
const OF_PROD = 'web/.argocd-source-prod.yaml'
const KEPT = { path: 'web', repoURL: 'here', chart: undefined, targetRevision: undefined }

test.each([
  ['nothing', {}, { path: 'web', repoURL: 'here' }],
  ['settings', { [OWN]: 'helm: { version: v3 }\n' }, { ...KEPT, helm: { version: 'v3' } }],
  [
    'settings of the Application over those of all',
    { [OWN]: 'helm: { version: v3, releaseName: a }\n', [OF_PROD]: 'helm: { releaseName: b }\n' },
    { ...KEPT, helm: { version: 'v3', releaseName: 'b' } },
  ],
  ['those of another Application', { 'web/.argocd-source-dev.yaml': 'helm: {}\n' }, { path: 'web', repoURL: 'here' }],
  [
    'null takes away',
    { [OWN]: 'helm: { version: v3, releaseName: a }\n', [OF_PROD]: 'helm: { version: null }\n' },
    { ...KEPT, helm: { releaseName: 'a' } },
  ],
  [
    'lists are replaced',
    { [OWN]: 'helm: { valueFiles: [a] }\n', [OF_PROD]: 'helm: { valueFiles: [b] }\n' },
    { ...KEPT, helm: { valueFiles: ['b'] } },
  ],
  [
    'what the Application says of its place stays',
    { [OWN]: 'path: other\nrepoURL: there\ntargetRevision: v2\n' },
    KEPT,
  ],
  ['what is not YAML', { [OWN]: 'a: [\n' }, expect.stringContaining('Argo CD cannot read this file')],
  ['a list', { [OWN]: '- a\n' }, '1 the settings of a source are a mapping'],
  ['a tool that is not a mapping', { [OWN]: '\nhelm: v3\n' }, '2 helm is a mapping of settings'],
  ['a list that is none', { [OWN]: 'kustomize:\n  images: web\n' }, '2 kustomize.images is a list'],
  ['a text that is none', { [OWN]: 'kustomize:\n  version: 5\n' }, '2 kustomize.version must be a string: quote it'],
  [
    'fields that are null',
    { [OWN]: 'helm: { version: null, valueFiles: null }\nkustomize: null\n' },
    { ...KEPT, helm: {} },
  ],
])('%s', (_, files, expected) => {
  expect(apply(files)).toEqual(expected)
})

test('one tool is the Application, another the file: both are too many', () => {
  const files = { [OWN]: 'kustomize: { namePrefix: a- }\n' }
  expect(apply(files, 'path: web, helm: {}')).toContain('settings of kustomize and helm')
  // That the Application has two is said of the Application.
  expect(apply(files, 'path: web, helm: {}, directory: {}')).toMatchObject({ kustomize: { namePrefix: 'a-' } })
})
