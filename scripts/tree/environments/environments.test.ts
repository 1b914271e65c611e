// Names of environments inside other names, which builds belong together, and what an environment ran before.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeFiles } from '../../../tests/folder.ts'
import { askPast } from './history.ts'
import { createNameSearch, createNeutral, withoutHash } from './names.ts'
import { findSibling } from './siblings.ts'

test.each([
  ['web-dev', 'web-{environment}'],
  ['dev.example.com', '{environment}.example.com'],
  ['developer', 'developer'],
])('%s is %s in any environment', (text, expected) => expect(createNeutral('dev')(text)).toBe(expected))

test.each([
  ['db.dev.internal', ['dev']],
  ['https://dev.example.com', ['dev']],
  ['/dev/null', []],
  ['../dev', []],
  ['device', []],
  ['web-prod-eu', ['prod-eu']],
])('%s names %j', (text, expected) => expect(createNameSearch(['dev', 'prod', 'prod-eu'])(text)).toEqual(expected))

test('a hash of kustomize is not part of a name', () => {
  expect(withoutHash('web-2c88dh7t6h')).toBe('web')
  expect(withoutHash('web-production')).toBe('web-production')
})

describe('siblings', () => {
  const declare = (name: string, ...builds: string[]) => ({
    name,
    builds,
    registries: [],
    replicas: { minimum: 0, maximum: 9 },
    resources: { minimum: {}, maximum: {} },
  })

  test.each([
    [declare('dev', 'a/*/dev'), 'a/web/dev', declare('prod', 'a/*/prod'), ['a/api/prod', 'a/web/prod'], 'a/web/prod'],
    [declare('dev', 'dev/*'), 'dev/web', declare('prod', 'live/*'), ['live/api', 'live/web'], 'live/web'],
    [declare('dev', 'dev/web', 'dev/api'), 'dev/web', declare('prod', 'prod/*'), ['prod/api', 'prod/web'], 'prod/web'],
    [declare('qa', 'overlays/qa'), 'overlays/qa', declare('prod', 'p/eu', 'p/us'), ['p/eu', 'p/us'], undefined],
    [declare('prod', 'p/eu', 'p/us'), 'p/us', declare('qa', 'overlays/qa'), ['overlays/qa'], 'overlays/qa'],
    [declare('dev', 'a/*/dev'), 'a/new/dev', declare('prod', 'a/*/prod'), ['a/api/prod', 'a/web/prod'], undefined],
  ])('%#', (environment, folder, other, folders, expected) => {
    expect(findSibling(environment, folder, other, folders)).toBe(expected)
  })
})

describe('what ran before', () => {
  const root = mkdtempSync(join(tmpdir(), 'past-'))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root })
  const write = (path: string, text: string) => {
    writeFiles(root, { [path]: text })
  }
  const release = (tag: string): void => {
    write('tree/qa/kustomization.yaml', `resources: [web.yaml]\nimages:\n  - name: acme/web\n    newTag: ${tag}\n`)
    git('add', '.')
    // What a message says counts for nothing.
    git('commit', '-qm', 'Deploy acme/web:v9')
  }
  const paths = ['qa/kustomization.yaml', 'qa/web.yaml']
  const ask = (tag: string, commits: number, prefix = 'tree') =>
    askPast({ folder: root, prefix, commits }, 'qa', paths, { repository: 'acme/web', tag, digest: undefined })

  beforeAll(() => {
    git('init', '-q')
    const pod = '{ name: web, image: acme/web }'
    write('tree/qa/web.yaml', `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [${pod}] }\n`)
    for (const tag of ['v1', 'v2', 'v3', 'v4']) release(tag)
    write('tree/qa/notes.txt', 'v9\n')
    git('add', '.')
    git('commit', '-qm', 'Note v9')
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('an image that was replaced', async () => expect(await ask('v2', 10)).toBe('ran'))
  test('one that nobody deployed', async () => expect(await ask('v9', 10)).toBe('never'))
  test('a word of the first commit that is not an image', async () => expect(await ask('Pod', 10)).toBe('never'))
  test('one from before the commits that count', async () => expect(await ask('v1', 2)).toBe('never'))
  test('no checkout', async () => {
    const history = { folder: tmpdir(), prefix: '', commits: 5 }
    expect(await askPast(history, 'qa', paths, { repository: 'web', tag: 'v1', digest: undefined })).toBe('unknown')
  })
  test('a clone that was cut off', async () => {
    const clone = `${root}-shallow`
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone])
    const image = { repository: 'acme/web', tag: 'v2', digest: undefined }
    expect(await askPast({ folder: clone, prefix: 'tree', commits: 5 }, 'qa', paths, image)).toBe('unknown')
    rmSync(clone, { recursive: true })
  })
})
