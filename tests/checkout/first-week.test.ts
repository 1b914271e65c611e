// The first week of a user, in a fresh clone: each change that the README tells of leaves every check green.
//
// After each of them: `validate`, and the tests that read what it changes. On the last state, which has all the changes in
// it: every test that opens this checkout. The others read fixtures and a frozen tree: no change of a user reaches them.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROJECT } from '../tree.ts'
import { createOrigin, inheritEnvironment, type Origin } from './origin.ts'

/** A test opens this checkout by this name, or as a copy of it. */
const OPENS_CHECKOUT = /\b(?:PROJECT|createCheckout)\b/
const READERS = ['scripts', 'tests']
  .flatMap(folder =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map(path => `${folder}/${path}`),
  )
  .filter(path => path.endsWith('.test.ts') && !/^tests\/(?:checkout|cluster)\//.test(path))
  .filter(path => OPENS_CHECKOUT.test(readFileSync(join(PROJECT, path), 'utf8')))
  .sort()
/** Of these, what says something of the manifests, the README, the workflows and the settings of this repository. */
const TOUCHED = READERS.filter(path => /^tests\/(?:manifests|readme|repository|workflows|after-push)\./.test(path))
const IMAGE = `ghcr.io/acme/flask-api:${'1a'.repeat(20)}@sha256:${'ab'.repeat(32)}`
const KUSTOMIZATION = 'kustomization.yaml'

let origin: Origin
let root: string
beforeAll(() => {
  origin = createOrigin()
  root = mkdtempSync(join(tmpdir(), 'first-week-'))
  run('git', 'clone', '--quiet', origin.url, '.')
  run('npm', 'ci', '--silent')
})
afterAll(() => {
  origin.remove()
  rmSync(root, { recursive: true, force: true })
})

/** As its user runs it: nothing of the tests around it takes part. */
function run(program: string, ...args: readonly string[]): string {
  const identity = ['AUTHOR', 'COMMITTER'].flatMap(who => [
    [`GIT_${who}_NAME`, 'user'],
    [`GIT_${who}_EMAIL`, 'user@example.invalid'],
  ])
  const env = { ...inheritEnvironment(process.env), ...(Object.fromEntries(identity) as Record<string, string>) }
  const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  expect(status, `${program} ${args.join(' ')}\n${stdout}${stderr}${error ?? ''}`).toBe(0)
  return stdout
}

const npm = (command: string, ...args: readonly string[]): string =>
  run('npm', 'run', '--silent', command, '--', ...args, '--commit', '--yes')

function change(path: string, pattern: RegExp | string, text: string): void {
  const before = readFileSync(join(root, path), 'utf8')
  const after = before.replace(pattern, text)
  expect(after, path).not.toBe(before)
  writeFileSync(join(root, path), after)
}

/** As the README says: an overlay, a project and an Application are copied, and the names in them changed. */
function addEnvironment(): void {
  cpSync(join(root, 'overlays/qa'), join(root, 'overlays/stage'), { recursive: true })
  for (const file of [KUSTOMIZATION, 'namespace.yaml']) change(`overlays/stage/${file}`, /\bqa\b/g, 'stage')
  for (const folder of ['apps', 'argocd/projects']) {
    cpSync(join(root, folder, 'qa.yaml'), join(root, folder, 'stage.yaml'))
    change(`${folder}/stage.yaml`, /\bqa\b/g, 'stage')
  }
  change(`apps/${KUSTOMIZATION}`, '  - qa.yaml\n', '  - qa.yaml\n  - stage.yaml\n')
  change(`argocd/${KUSTOMIZATION}`, '  - projects/qa.yaml\n', '  - projects/qa.yaml\n  - projects/stage.yaml\n')
  change(
    'validation.yaml',
    /( {4}- name: qa\n {6}builds: \[overlays\/)qa/,
    '    - name: stage\n      builds: [overlays/stage]\n$1qa',
  )
}

function addComponent(): void {
  for (const folder of ['components', 'components/examples']) {
    cpSync(join(root, folder, 'pdb'), join(root, folder, 'budget'), { recursive: true })
  }
  change(`components/examples/budget/${KUSTOMIZATION}`, /\bpdb\b/g, 'budget')
}

const CHANGES: readonly (readonly [name: string, make: () => unknown])[] = [
  [
    'init',
    () =>
      npm(
        'init',
        ...['--repo-url', 'https://github.com/acme/api.git', '--registry', 'ghcr.io/acme', '--owner', '@alice'],
      ),
  ],
  ['scale', () => npm('scale', 'dev', '4')],
  ['promote an image', () => npm('promote', '--image', IMAGE, 'dev')],
  ['promote', () => npm('promote', 'dev', 'qa')],
  ['rollback', () => npm('rollback', 'qa')],
  ['a new environment', addEnvironment],
  ['a new component', addComponent],
]

test.each(CHANGES)('%s leaves the tree valid and its tests green', (_, make) => {
  make()
  run('git', 'add', '--all')
  run('git', 'commit', '--quiet', '--allow-empty', '--message=By hand')
  run('npm', 'run', '--silent', 'validate')
  run('npm', 'run', '--silent', 'test', '--', ...TOUCHED)
})

test('with all of it, every test that opens the checkout is green', () => {
  expect(TOUCHED).toHaveLength(5)
  expect(READERS.length).toBeGreaterThan(TOUCHED.length + 5)
  expect(run('git', 'log', '--format=%s', '-9')).toMatch(/Promote dev to qa/)
  run('npm', 'run', '--silent', 'test', '--', ...READERS)
})
