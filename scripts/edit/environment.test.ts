// Which environments a tree has, and which folder a word on the command line means.
import { expect, test } from 'vitest'
import { holdFiles } from '../tree/source/testing.ts'
import { findEnvironment, findSibling, listEnvironments } from './environment.ts'

const K = 'resources: []\n'
const kustomizations = (...folders: readonly string[]) =>
  Object.fromEntries(folders.map(folder => [`${folder}/kustomization.yaml`, K]))

const declared = (more = '') => ({
  'validation.yaml': `environments:\n  order:\n    - { name: qa, builds: ['*/overlays/qa'] }\n    - { name: prod, builds: ['*/overlays/prod'] }\n${more}`,
})
const TWO = kustomizations('api/overlays/qa', 'api/overlays/prod', 'web/overlays/qa', 'web/overlays/prod', 'web/base')

test.each<readonly [what: string, files: Readonly<Record<string, string>>, names: readonly string[]]>([
  ['the folders of overlays/', kustomizations('base', 'overlays/dev', 'overlays/prod'), ['dev', 'prod']],
  ['else each folder', kustomizations('dev', 'prod'), ['dev', 'prod']],
  ['a component is none', { ...kustomizations('dev'), 'parts/kustomization.yaml': 'kind: Component\n' }, ['dev']],
  ['folders where a name is not enough', kustomizations('api/dev', 'web/dev', 'web/qa'), ['api/dev', 'web/dev', 'qa']],
  [
    'those that are declared, in their order',
    { ...declared(), ...TWO, ...kustomizations('overlays/dev') },
    ['api/overlays/qa', 'web/overlays/qa', 'api/overlays/prod', 'web/overlays/prod'],
  ],
  [
    'declared ones of one application',
    { ...declared(), ...kustomizations('web/overlays/prod', 'web/overlays/qa') },
    ['qa', 'prod'],
  ],
  ['none', { 'a.yaml': 'a: 1\n' }, []],
])('%s', (_, files, names) => {
  expect(listEnvironments(holdFiles(files)).map(({ name }) => name)).toEqual(names)
})

test('an environment knows which come before it', () => {
  const files = { ...declared(), ...kustomizations('web/overlays/prod', 'web/overlays/qa') }
  const [qa, prod] = listEnvironments(holdFiles(files))
  expect(qa).toMatchObject({ folder: 'web/overlays/qa', file: 'web/overlays/qa/kustomization.yaml', earlier: [] })
  expect(prod?.earlier.map(({ name }) => name)).toEqual(['qa'])
  expect(prod?.declared?.name).toBe('prod')
})

const FILES = {
  ...kustomizations('overlays/dev', 'overlays/prod', 'teams/a/canary', 'teams/b/canary', 'solo/only'),
  'base/kustomization.yml': K,
}

test.each<readonly [wanted: string, folder: string]>([
  ['prod', 'overlays/prod'],
  ['overlays/prod', 'overlays/prod'],
  ['./overlays/prod/', 'overlays/prod'],
  ['overlays/prod/kustomization.yaml', 'overlays/prod'],
  ['teams/a/canary', 'teams/a/canary'],
  ['only', 'solo/only'],
])('%s is %s', (wanted, folder) => {
  expect(findEnvironment(holdFiles(FILES), wanted).folder).toBe(folder)
})

test.each<readonly [wanted: string | undefined, words: string]>([
  [undefined, 'name an environment: dev, prod'],
  ['prd', 'did you mean prod?'],
  ['web-prod', 'did you mean prod?'],
  ['overlays/prd', 'did you mean overlays/prod?'],
  ['canary', '"canary" may be teams/a/canary or teams/b/canary: write the folder'],
  ['elsewhere', 'no environment "elsewhere". There are: dev, prod'],
])('%s is refused: %s', (wanted, words) => {
  expect(() => findEnvironment(holdFiles(FILES), wanted)).toThrow(words)
})

test('what is declared and not there is told as that, and a tree without any as that', () => {
  const gone = { ...declared(), ...kustomizations('web/overlays/qa') }
  expect(() => findEnvironment(holdFiles(gone), 'prod')).toThrow('validation.yaml has prod at */overlays/prod')
  expect(() => findEnvironment(holdFiles({}), 'prod')).toThrow('there is no kustomization here')
})

test('the environment of another stage is that of the same application', () => {
  const sources = holdFiles({ ...declared(), ...TWO })
  const prod = findEnvironment(sources, 'web/overlays/prod')
  const [qa] = prod.earlier
  expect(qa && findSibling(sources, qa, prod)?.folder).toBe('web/overlays/qa')
})
