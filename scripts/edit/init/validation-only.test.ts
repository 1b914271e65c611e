// npm run init -- --validation-only, in a repository that is not the template.
import { describe, expect, test } from 'vitest'
import { SourceFile } from '../../tree/source/source-file.ts'
import { readConfig } from '../../validate/config.ts'
import { createRepository } from '../test-repository.ts'

const read = (text: string) => readConfig(new SourceFile('validation.yaml', Buffer.from(text)))

/** With the proposals taken: prose stays a comment. */
const uncomment = (text: string): string =>
  text
    .split('\n')
    .map(line => (/^# (?:\w+:$|\w+: [a-z]+$| +- | {2}\w+:$| {6}builds:)/.test(line) ? line.slice(2) : line))
    .join('\n')

describe('init --validation-only', { timeout: 60_000 }, () => {
  test('writes what was found, as a configuration that can be read', () => {
    const repository = createRepository()
    repository.git('rm', '--quiet', '-r', 'validation.yaml', 'argocd')
    repository.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git')
    repository.write(
      'crs/foo.yaml',
      'apiVersion: acme.example.com/v1\nkind: Foo\nmetadata: { name: a }\n---\napiVersion: acme.example.com/v1\nkind: Foo\nmetadata: { name: b }\n',
    )
    repository.write('test/testdata/broken.yaml', 'kind: Nothing\n')
    repository.write('cm.yaml', 'kustomize.buildOptions: --load-restrictor LoadRestrictionsNone\n')
    repository.write('block.yaml', 'data:\n  kustomize.buildOptions: |\n    --enable-helm\n')
    const { code, stderr } = repository.edit('init', ['--validation-only'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('written: validation.yaml')])
    expect(repository.git('status', '--porcelain', '--untracked-files=all')).toContain('?? validation.yaml')
    const text = repository.read('validation.yaml')
    expect(read(text).repository.urls).toEqual(['https://github.com/acme/shop.git'])
    expect(text).toContain('cm.yaml: --load-restrictor LoadRestrictionsNone')
    expect(text).toContain('block.yaml: --enable-helm')
    const taken = read(uncomment(text))
    expect(taken.unknownKinds.allow).toEqual([{ apiVersion: 'acme.example.com/v1', kind: 'Foo' }])
    expect(taken.exclude).toEqual(['/test/testdata/'])
    expect(taken.suppressions).toHaveLength(1)
    expect(uncomment(text)).toContain('    - name: prod\n      builds: [overlays/prod]\n')
  })

  test('proposes environments by the names of their folders, and none that has others in it', () => {
    const repository = createRepository()
    repository.git('rm', '--quiet', '-r', 'validation.yaml', 'overlays', 'apps')
    for (const folder of ['web/envs/qa', 'web/envs/prod-eu', 'api/envs/prod-us', 'api/envs/qa', 'teams/dev-team'])
      repository.write(`${folder}/kustomization.yaml`, 'configMapGenerator: [{ name: a }]\n')
    expect(repository.edit('init', ['--validation-only']).code).toBe(0)
    expect(uncomment(repository.read('validation.yaml'))).toContain(`environments:
  order:
    - name: qa
      builds: ['*/envs/qa']
    - name: prod
      builds: [api/envs/prod-us, web/envs/prod-eu]

`)
  })

  test('proposes addresses of Git, and none of images and charts', () => {
    const repository = createRepository()
    repository.git('rm', '--quiet', '-r', 'validation.yaml', 'argocd')
    repository.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git')
    repository.write(
      'images.yaml',
      'kind: Warehouse\nspec:\n  subscriptions:\n    - image:\n        repoURL: ghcr.io/acme/web\n    - git:\n        repoURL: git@github.com:acme/one.git\n    - chart:\n        repoURL: https://charts.example.net\n        name: web\n',
    )
    repository.write(
      'apps.yaml',
      'spec:\n  sources:\n    - chart: web\n      repoURL: https://charts.example.com\n    - repoURL: https://charts.example.org\n      targetRevision: 1.0.0\n      chart: web\n    - repoURL: https://github.com/acme/two.git\n      path: web\n',
    )
    expect(repository.edit('init', ['--validation-only']).code).toBe(0)
    const proposed = repository.read('validation.yaml').match(/# - \S+ # named .*/g)
    expect(proposed).toEqual([
      '# - https://github.com/acme/two.git # named once',
      '# - git@github.com:acme/one.git # named once',
    ])
  })

  test('leaves a configuration that is there, and goes with nothing else', () => {
    const repository = createRepository()
    const there = repository.edit('init', ['--validation-only'])
    expect([there.code, there.stderr]).toEqual([1, expect.stringContaining('validation.yaml is there already')])
    expect(repository.edit('init', ['--validation-only', '--owner', 'acme']).code).toBe(2)
  })

  test('is what init advises in another repository', () => {
    const repository = createRepository()
    repository.git('rm', '--quiet', '-r', 'argocd')
    const { code, stderr } = repository.edit('init', ['--owner', 'acme'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--validation-only')])
  })
})
