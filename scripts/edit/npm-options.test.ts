// What npm leaves of an option that stands before `--`: measured with npm 11.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Command } from '../command/frame.ts'
import { findSwallowed } from './npm-options.ts'

const OPTIONS: Command['options'] = Object.fromEntries([
  ...['commit', 'pull-request', 'dry-run', 'yes', 'force', 'detailed-exit-code'].map(name => [
    name,
    { type: 'boolean' },
  ]),
  ...['root', 'image', 'registry', 'message', 'format', 'to', 'from'].map(name => [name, { type: 'string' }]),
])
const find = (environment: Readonly<Record<string, string>>, given: readonly string[] = []) =>
  findSwallowed('scale', OPTIONS, name => given.includes(name), { npm_lifecycle_event: 'scale', ...environment })

test('the next command is written out, but where a value stands among the words', () => {
  const adviceOf = (environment: Readonly<Record<string, string>>, words: readonly string[]): unknown => {
    try {
      findSwallowed('scale', OPTIONS, () => false, { npm_lifecycle_event: 'scale', ...environment }, words)
    } catch (error) {
      return (error as { readonly advice: readonly string[] }).advice.join()
    }
    return undefined
  }
  expect(adviceOf({ npm_config_commit_hooks: 'true', npm_config_yes: 'true' }, ['prod', '5'])).toBe(
    'write options behind --: npm run scale -- prod 5 --commit --yes',
  )
  expect(adviceOf({ npm_config_from: 'true' }, ['prod', '5', '3'])).toBe(
    'write options behind --: npm run scale -- ... --from',
  )
})

test('.npmrc makes npm hand on --commit', () => {
  expect(readFileSync(new URL('../../.npmrc', import.meta.url), 'utf8')).toMatch(/^commit-hooks=false$/m)
})

test('--dry-run is honoured, and told', () => {
  expect(find({ npm_config_dry_run: 'true', npm_config_yes: '' })).toMatchObject({ dryRun: true })
  expect(find({ npm_config_dry_run: 'true' }, ['dry-run'])).toEqual({ dryRun: false, notes: [] })
})

test.each([
  [{ npm_config_pull_request: 'true' }, '--pull-request'],
  [{ npm_config_image: 'a:v1' }, '--image a:v1'],
  [{ npm_config_message: 'x', npm_config_yes: 'true' }, '--yes --message x'],
  [{ npm_config_message: 'Scale it' }, '--message "Scale it"'],
  [{ npm_config_token_description: 'v1' }, '--to v1'],
  [{ npm_config_commit_hooks: 'true' }, '--commit'],
])('%j changes what the command does: refused', (environment, shown) => {
  expect(() => find(environment)).toThrow('npm took')
  try {
    find(environment)
  } catch (error) {
    expect((error as { advice: readonly string[] }).advice.join()).toContain(`npm run scale -- ... ${shown}`)
  }
})

test('--format leaves its value alone behind', () => {
  expect(() => findSwallowed('scale', OPTIONS, () => false, { npm_lifecycle_event: 'scale' }, ['dev', 'json'])).toThrow(
    'npm took --format',
  )
  const given = (name: string) => name === 'format'
  const words = ['json', '5']
  expect(findSwallowed('scale', OPTIONS, given, { npm_lifecycle_event: 'scale' }, words).notes).toEqual([])
})

test.each([
  ['npm_config_dryrun', 'true', '--dry-run'],
  ['npm_config_comit', 'true', '--commit'],
  ['npm_config_pull', 'true', '--pull-request'],
  ['npm_config_detailed_exit_cod', 'true', '--detailed-exit-code'],
])('%s is nearly an option: refused', (key, value, meant) => {
  expect(() => find({ [key]: value })).toThrow(`did you mean ${meant}?`)
})

test('npm takes a negative number, too', () => {
  expect(() => find({ npm_config_1: 'true' })).toThrow('no number is negative')
})

test('what npm or .npmrc set for npm itself is nobody’s slip', () => {
  const own = [
    'cafile',
    'fund',
    'audit',
    'format_package_lock',
    'node_gyp',
    'init_module',
    'prefix',
    'cache',
    'local_prefix',
  ]
  expect(find(Object.fromEntries(own.map(name => [`npm_config_${name}`, 'x']))).notes).toEqual([])
  expect(find({ npm_config_message: 'Release %s' }).notes).toEqual([expect.stringContaining('npm has --message set')])
})

test("an option of npm's own may come from .npmrc: told, and not taken", () => {
  expect(find({ npm_config_yes: 'true', npm_config_registry: 'https://registry.example.com/' })).toEqual({
    dryRun: false,
    notes: [expect.stringContaining('npm has --yes set')],
  })
})

test('another script of npm says nothing of this one', () => {
  const environment = { npm_lifecycle_event: 'test', npm_config_dry_run: 'true', npm_config_image: 'x' }
  expect(findSwallowed('scale', OPTIONS, () => false, environment)).toEqual({ dryRun: false, notes: [] })
})
