import { unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeImage, parseImage, parseRegistry } from '../promote/image.ts'
import { findSlug, parseRepositoryUrl, setGuard, setRepositoryUrl, setValidationUrl, setWorkflowImage } from './init.ts'
import { replaceOwner } from './owners.ts'
import { createLiveRepository, createRepository } from '../test-repository.ts'

const ARGUMENTS = ['--repo-url', 'https://github.com/acme/api.git', '--registry', 'ghcr.io/acme', '--owner', 'acme']

describe('init', { timeout: 60_000 }, () => {
  test('writes each value where it is read, and a second run changes nothing', () => {
    const repository = createRepository()
    const { code, stdout } = repository.edit('init', ARGUMENTS)
    expect(code).toBe(0)
    const changed = repository.git('diff', '--name-only').split('\n')
    expect(changed).toEqual(
      expect.arrayContaining([
        '.github/CODEOWNERS',
        '.github/workflows/image.yaml',
        'argocd/repository/repository.yaml',
        'overlays/dev/kustomization.yaml',
        'overlays/prod/kustomization.yaml',
        'overlays/qa/kustomization.yaml',
        'validation.yaml',
      ]),
    )
    expect(stdout).toMatch(/\.repoURL +\S+ -> https:\/\/github.com\/acme\/api.git/)
    expect(stdout).toMatch(/\.image +flask-api:v1 -> ghcr.io\/acme\/flask-api:v1/)
    const again = repository.edit('init', ARGUMENTS)
    expect([again.code, again.stderr]).toEqual([0, 'nothing to change: all of it is written already\n'])
    repository.git('commit', '--quiet', '--all', '--message=Init')
    expect(repository.edit('init', ['--registry', 'quay.io/other']).code).toBe(0)
    expect(repository.read('overlays/dev/kustomization.yaml')).toContain('    newName: quay.io/other/flask-api\n')
  })

  test('the badge and what others copy name the repository', () => {
    const repository = createRepository()
    expect(repository.edit('init', ['--repo-url', 'git@github.com:acme/api.git']).code).toBe(0)
    const actions = ['comment', 'diff'].map(name => `.github/actions/${name}/action.yml`)
    for (const path of ['README.md', 'action.yml', '.pre-commit-hooks.yaml', ...actions]) {
      expect(repository.read(path)).not.toContain('your-org')
      expect(repository.read(path)).toContain('acme/api')
    }
  })

  test('what stays is said', () => {
    const repository = createRepository()
    const { code, stderr } = repository.edit('init', ['--repo-url', 'https://gitlab.com/acme/team/api.git'])
    expect(code).toBe(0)
    expect(stderr).toContain("the workflows' guards (github.repository == ...) stay")
    expect(stderr).toMatch(
      /README\.md, action\.yml, \.pre-commit-hooks\.yaml, .* still name your-org\/flask-api-gitops/,
    )
  })

  test('is told that the root is not one', () => {
    const repository = createRepository()
    unlinkSync(join(repository.root, '.github/CODEOWNERS'))
    const { code, stderr } = repository.edit('init', ['--owner', 'acme'])
    expect([code, stderr]).toEqual([2, '\n.github/CODEOWNERS cannot be read: it does not exist\n'])
  })

  test('leaves no placeholder in this repository', () => {
    const repository = createLiveRepository()
    // A team: that goes also when the owner is a person by now.
    const { code, stderr } = repository.edit('init', [...ARGUMENTS.slice(0, -1), '@acme/developers'])
    expect(code, stderr).toBe(0)
    const tracked = repository.git('ls-files').split('\n')
    const left = tracked.filter(path => repository.read(path).includes('your-org'))
    expect(left).toEqual([])
  })

  test.each([
    [[], 'say at least one of'],
    [['--owner', ''], '--owner is empty'],
    [['--owner', 'a b'], 'is not an owner'],
    [['--owner', '-x'], '--owner has no value: what follows it begins with a dash\n'],
    [['--registry', 'ghcr.io:99999/acme'], 'there is no port 99999'],
    [['--registry', 'ghcr.io/acme/flask-api'], 'is added to it: write ghcr.io/acme\n'],
    [['--registry', 'https://ghcr.io/acme'], 'is not a registry'],
    [['--repo-url', 'acme/api'], 'is not a repository URL'],
    [['acme'], 'too many arguments: acme'],
    [['--repourl', 'x'], "Unknown option '--repourl'"],
  ])('%j is wrong usage', (args, message) => {
    const repository = createRepository()
    const { code, stderr } = repository.edit('init', args)
    expect([code, stderr, repository.git('status', '--porcelain')]).toEqual([2, expect.stringContaining(message), ''])
  })
})

describe('parseRepositoryUrl', () => {
  test.each([
    'https://github.com/acme/api.git',
    'https://git.example.com:8443/group/sub/api',
    'ssh://git@github.com/acme/api.git',
    'git@github.com:acme/api.git',
  ])('%s is one', url => expect(parseRepositoryUrl(url)).toBe(url))

  test.each([
    ['http://user:secret@github.com/acme/api', 'credentials'],
    ['http://github.com/acme/api', 'only https and ssh'],
    ['file:///etc', 'only https and ssh'],
    ['https://user:secret@github.com/acme/api', 'credentials'],
    ['https://token@github.com/acme/api', 'credentials'],
    ['https://github.com/', 'names no repository'],
    ['https://github.com/acme', 'it is owner/name'],
    ['https://github.com/acme/api/tree/main', 'it is owner/name'],
    ['git@github.com:acme', 'it is owner/name'],
    ['https://gitlab.com/acme/api/-/tree/main', 'the address of a page'],
    ['alice@host.example:2222/acme/api.git', 'write ssh://user@host:port'],
    ['https://github.com/acme/api?ref=x', 'a query'],
    ['https://github.com/acme/api#x', 'a query or a fragment'],
    ['https://github.com/acme/a pi', 'spaces'],
    ['https://github.com/acme/api\nrevision: evil', 'spaces'],
    ['--upload-pack=touch', 'write https://host'],
    ['git@github.com:../../x', 'names no repository'],
    ["https://github.com/acme/api'x", 'its path'],
    [`https://github.com/${'a'.repeat(600)}`, 'spaces or other'],
  ])('%j is none', (url, message) => expect(() => parseRepositoryUrl(url)).toThrow(message))

  test('a password is not printed', () => {
    expect(() => parseRepositoryUrl('https://user:secret@github.com/acme/api')).toThrow(/^(?!.*secret)/s)
  })

  test('owner and name, where there are just these', () => {
    expect(findSlug('https://github.com/acme/api.git')).toBe('acme/api')
    expect(findSlug('git@github.com:acme/api')).toBe('acme/api')
    expect(findSlug('https://gitlab.com/group/sub/api.git')).toBeUndefined()
  })
})

describe('images', () => {
  const digest = `sha256:${'0'.repeat(64)}`
  test('references', () => {
    expect(parseImage(`ghcr.io:443/acme/api:v1@${digest}`)).toEqual({
      repository: 'ghcr.io:443/acme/api',
      tag: 'v1',
      digest,
    })
    expect(parseImage('api:v1')).toEqual({ repository: 'api', tag: 'v1', digest: undefined })
    for (const wrong of [
      '',
      'Api:v1',
      'api:v1@sha256:12',
      '-api:v1',
      'a//b:v1',
      'api:',
      `${'a/'.repeat(40_000)}b:v1`,
    ]) {
      expect(() => parseImage(wrong), wrong.slice(0, 20)).toThrow('is not an image')
    }
    expect(describeImage({ name: 'api', digest })).toBe('api@sha256:000000000000')
  })

  test('registries', () => {
    for (const right of ['ghcr.io/acme', 'localhost:5000', 'localhost/x', 'docker.io/acme/team']) {
      expect(parseRegistry(right)).toBe(right)
    }
    for (const wrong of ['https://ghcr.io', 'ghcr.io/Acme', 'ghcr.io/acme/', 'ghcr.io/acme:v1', 'a b', '', '-x.io/a']) {
      expect(() => parseRegistry(wrong), wrong).toThrow('is not a registry')
    }
    expect(() => parseRegistry('acme')).toThrow('docker.io/acme')
  })
})

describe('replaceOwner', () => {
  const TEXT =
    '# Replace @your-org.\n\n*        @your-org/developers\n/base/   @your-org/a  @your-org/b # both\n/free/\n'

  test('an organization takes the teams over', () => {
    expect(replaceOwner(TEXT, 'acme')).toBe(
      '# Replace @your-org.\n\n*        @acme/developers\n/base/   @acme/a @acme/b # both\n/free/\n',
    )
  })

  test('a person or a team owns everything', () => {
    expect(replaceOwner(TEXT, '@alice')).toBe(
      '# Replace @your-org.\n\n*        @alice\n/base/   @alice # both\n/free/\n',
    )
    expect(replaceOwner(replaceOwner(TEXT, '@alice'), '@acme/all')).toContain('*        @acme/all\n')
    expect(() => replaceOwner(replaceOwner(TEXT, '@alice'), 'acme')).toThrow(/@alice is a person/)
  })

  test('nonsense is refused', () => {
    for (const wrong of ['', '@', '@a/b/c', 'a/b', '@a b', '-a', 'a\n* @evil']) {
      expect(() => replaceOwner(TEXT, wrong), wrong).toThrow('is not an owner')
    }
  })
})

describe('single values', () => {
  test('the URL keeps quotes and comments around it', () => {
    expect(setRepositoryUrl("data:\n  url: 'https://a/b' # here\n  revision: main\n", 'https://c/d')).toBe(
      "data:\n  url: 'https://c/d' # here\n  revision: main\n",
    )
    expect(() => setRepositoryUrl('data: {}\n', 'https://c/d')).toThrow('has no data.url')
  })

  test('the old URL is replaced, others stay, none is added twice', () => {
    const text = 'repository:\n  urls:\n    - https://a/b # old\n    - https://x/y\n'
    expect(setValidationUrl(text, 'https://a/b', 'https://c/d')).toBe(text.replace('https://a/b', 'https://c/d'))
    expect(setValidationUrl(text, 'https://gone', 'https://c/d')).toBe(
      `${text}    - https://c/d\n`.replace('y\n    -', 'y\n    -'),
    )
    expect(setValidationUrl(text, 'https://a/b', 'https://x/y')).toBe(text)
    expect(setValidationUrl('rules: {}\n', 'https://a/b', 'https://c/d')).toBe('rules: {}\n')
  })

  test('a workflow pushes to the registry and belongs to the repository', () => {
    const text =
      "env:\n  REGISTRY: ghcr.io\n  IMAGE: ghcr.io/your-org/flask-api # name\njobs:\n  a:\n    if: github.repository == 'x/y'\n"
    const edited = setGuard(setWorkflowImage('w.yaml', text, 'quay.io/acme'), 'acme/api')
    expect(edited).toBe(
      "env:\n  REGISTRY: quay.io\n  IMAGE: quay.io/acme/flask-api # name\njobs:\n  a:\n    if: github.repository == 'acme/api'\n",
    )
  })
})
