// What npm and GitHub read besides the workflows: a wrong line there fails nobody's build, until the day it matters.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore from 'ignore'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Step } from './checkout/workflow-runner.ts'
import { PROJECT } from './tree.ts'

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8')

/** The lock file has no addresses, so npm asks the registry for every version, and an age holds for `npm ci` too. */
test('npm ci takes what the lock file names, also on the day it was published', () => {
  expect(read('.npmrc')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
  expect(read('.npmrc')).not.toMatch(/^(min-release-age|before)\b/m)
})

const OWNERS = read('.github/CODEOWNERS')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => line.split(/\s+/))

const ownersOf = (path: string): string | undefined =>
  OWNERS.findLast(([pattern = '']) => ignore().add(pattern).ignores(path))
    ?.slice(1)
    .join(' ')

test('those who own everything do not decide alone for prod, nor which namespace an Application names', () => {
  const paths = ['overlays/prod/kustomization.yaml', 'base/deployment.yaml', 'apps/kustomization.yaml', 'argocd/x.yaml']
  // `npm run init -- --owner @alice` makes one person the owner of everything: then that is what must hold.
  const isSole = new Set(OWNERS.map(([, ...owners]) => owners.join(' '))).size === 1
  for (const path of [...paths, 'apps/dev.yaml', 'apps/prod.yaml', 'apps/another.yaml', '.github/CODEOWNERS']) {
    expect(ownersOf(path) === ownersOf('README.md'), path).toBe(isSole)
  }
})

test('the action leaves the job its own Node.js where npm is all it needs', () => {
  const { runs } = parse(read('action.yml')) as { readonly runs: { readonly steps: readonly Step[] } }
  const condition = runs.steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'))?.if
  // The condition of a step reads like JavaScript.
  const decide = new Function('runner', 'steps', `return ${condition}`)
  const isSetUp = (os: string, arch: string, path: string): boolean =>
    decide({ os, arch }, { npm: { outputs: { path } } })
  expect(isSetUp('Linux', 'X64', '/usr/bin/npm')).toBe(false)
  expect(isSetUp('Linux', 'X64', '')).toBe(true)
  expect(isSetUp('Linux', 'ARM64', '/usr/bin/npm')).toBe(true)
  expect(isSetUp('macOS', 'ARM64', '/usr/bin/npm')).toBe(true)
})
