// Which options hold: what is given, else what was before, and an empty one ends that.
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type GivenOptions, recall } from './recall.ts'
import type { RememberedOptions, State } from '../state/state.ts'

const url = 'https://git.example.invalid/acme/api.git'
const stateOf = (options: RememberedOptions, more: Partial<State> = {}): State => ({
  version: 1,
  name: 'test',
  provider: 'kind',
  context: 'test',
  cluster: 'created',
  argocd: 'none',
  options,
  ...more,
})
const twice = (first: GivenOptions, second: GivenOptions) => {
  const { provider, context, ...options } = first
  const known = {
    ...(provider === undefined ? {} : { provider: provider as State['provider'] }),
    ...(context === undefined ? {} : { context }),
  }
  return recall(second, stateOf(recall(options, undefined).remembered, known), 'kind')
}

test('nothing was before: the defaults, and nothing is said', () => {
  const { options, remembered, used } = recall({}, undefined)
  expect(options).toMatchObject({ remote: 'cluster', buildArgs: [] })
  expect(options.repoUrl).toBeUndefined()
  expect({ remembered, used }).toEqual({ remembered: {}, used: [] })
})

test('all that was given before holds, is said, and is kept', () => {
  const given = { repoUrl: url, revision: 'trial', remote: 'mine', argocdManifest: 'argocd.yaml', buildArgs: ['A=1'] }
  const argocdManifest = resolve('argocd.yaml')
  const { options, remembered, used } = twice({ provider: 'existing', context: 'staging', ...given }, {})
  expect(options).toEqual({ ...given, provider: 'existing', context: 'staging', argocdManifest })
  expect(used).toEqual([
    '--provider existing',
    '--context staging',
    `--repo-url ${url}`,
    '--revision trial',
    '--remote mine',
    `--argocd-manifest ${argocdManifest}`,
    '--build-arg A',
  ])
  expect(remembered).toEqual({ ...given, argocdManifest })
})

test('what is given now wins, and is not said to be as before', () => {
  const { options, used } = twice({ remote: 'mine', buildArgs: ['A=1'] }, { remote: 'other', buildArgs: ['B=2'] })
  expect(options).toMatchObject({ remote: 'other', buildArgs: ['B=2'] })
  expect(used).toEqual([])
})

test('an empty one goes back to the default', () => {
  const given = { repoUrl: url, revision: 'trial', remote: 'mine', argocdManifest: 'argocd.yaml', buildArgs: ['A=1'] }
  const empty = { repoUrl: '', remote: '', argocdManifest: '', buildArgs: [] }
  const { options, remembered, used } = twice(given, empty)
  expect(options).toMatchObject({ remote: 'cluster', buildArgs: [] })
  expect([options.repoUrl, options.revision, options.argocdManifest]).toEqual([undefined, undefined, undefined])
  expect({ remembered, used }).toEqual({ remembered: {}, used: [] })
})

test('the revision of one remote is not asked of another one', () => {
  const { options } = twice({ repoUrl: url, revision: 'trial' }, { repoUrl: `${url}/other` })
  expect(options.revision).toBeUndefined()
  expect(twice({ repoUrl: url, revision: 'trial' }, { repoUrl: url }).options.revision).toBe('trial')
})

test('a build argument may be a secret: its name is printed', () => {
  expect(twice({ buildArgs: ['TOKEN=secret'] }, {}).used).toEqual(['--build-arg TOKEN'])
})

test('a context is not asked of a provider that has its own', () => {
  expect(twice({ provider: 'kind', context: 'kind-test' }, {}).options.context).toBeUndefined()
})
