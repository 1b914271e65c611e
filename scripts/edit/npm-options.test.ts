// What npm leaves of an option that stands before `--`: measured with npm 11.
import { expect, test } from 'vitest'
import { findSwallowed } from './npm-options.ts'

const OPTIONS = ['root', 'commit', 'pull-request', 'dry-run', 'yes', 'image', 'force', 'registry']
const find = (environment: Readonly<Record<string, string>>, given: readonly string[] = []) =>
  findSwallowed('scale', OPTIONS, name => given.includes(name), { npm_lifecycle_event: 'scale', ...environment })

test('--dry-run is honoured, and told', () => {
  expect(find({ npm_config_dry_run: 'true', npm_config_yes: '' })).toMatchObject({ dryRun: true })
  expect(find({ npm_config_dry_run: 'true' }, ['dry-run'])).toEqual({ dryRun: false, notes: [] })
})

test.each([
  [{ npm_config_pull_request: 'true' }, '--pull-request'],
  [{ npm_config_image: 'a:v1' }, '--image a:v1'],
])('%j changes what the command does: refused', (environment, shown) => {
  expect(() => find(environment)).toThrow('npm took')
  try {
    find(environment)
  } catch (error) {
    expect((error as { advice: readonly string[] }).advice.join()).toContain(`npm run scale -- ... ${shown}`)
  }
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
