// How a change is asked about, written, committed and proposed; scale and promote stand for all commands.
import { chmodSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEdits } from '../../diff/describe.ts'
import { changedLines, createRepository, type TestRepository } from '../test-repository.ts'
import { openFolder } from '../../tree/source/folder.ts'
import { scale } from '../scale/scale.ts'
import { propose } from './propose.ts'

const PROD = 'overlays/prod/kustomization.yaml'
const DEV = 'overlays/dev/kustomization.yaml'
const DIGEST = `sha256:${'ab'.repeat(32)}`

describe('on a terminal', { timeout: 60_000 }, () => {
  let repository: TestRepository
  beforeAll(() => {
    repository = createRepository(afterAll)
  })

  test.each([
    ['Ctrl-C', '\x03', 130],
    ['Ctrl-D', '\x04', 1],
    ['n', 'n\r', 1],
    ['Enter', '\r', 1],
  ])('%s writes nothing, and says so', (_, keys, expected) => {
    const { code, stdout } = repository.runOnTerminal('scale', ['prod', '5'], keys)
    expect(stdout).toMatch(/Write this \(on main\)\? \[y\/N\] [\s\S]*\nnothing written\r\n$/)
    expect(stdout).not.toContain('    at ')
    expect([code, changedLines(repository)]).toEqual([expected, []])
  })

  test('it asks also when what it prints goes to a pipe', () => {
    const { stdout } = repository.runOnTerminal('scale', ['prod', '5'], 'n\r', '| cat')
    expect(stdout).toContain('Write this (on main)? [y/N]')
    expect(changedLines(repository)).toEqual([])
  })

  test('yes writes', () => {
    const repository = createRepository()
    expect(repository.runOnTerminal('scale', ['prod', '5'], 'y\r').code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
  })
})

test('a reader that goes away is not a fault', () => {
  const repository = createRepository()
  const { code, stdout } = repository.runOnTerminal('scale', ['prod', '5', '--yes'], '', '| true; echo')
  expect(stdout).toMatch(/written: .*\(not committed\)/)
  expect([code, stdout]).toEqual([0, expect.not.stringContaining('EPIPE')])
})

describe('--pull-request', { timeout: 60_000 }, () => {
  /** A stand-in for gh that records how it is called. */
  function installGh(repository: TestRepository, answers: string): string {
    const folder = join(repository.root, '.git', 'bin')
    mkdirSync(folder)
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> "$(dirname "$0")/calls"\n${answers}\n`
    writeFileSync(join(folder, 'gh'), script)
    chmodSync(join(folder, 'gh'), 0o755)
    return `${folder}:${process.env.PATH}`
  }
  const WORKING = `case "$1 $2" in
    "pr create") cat > "$(dirname "$0")/body"; echo https://github.com/acme/api/pull/7;;
    "pr list") echo https://github.com/acme/api/pull/7;;
  esac`

  /** With a bare repository for a remote. */
  function createWithRemote(): TestRepository {
    const repository = createRepository()
    repository.git('init', '--quiet', '--bare', '--initial-branch=main', '.git/remote.git')
    repository.git('remote', 'add', 'origin', '.git/remote.git')
    repository.git('push', '--quiet', 'origin', 'main')
    return repository
  }
  const pushed = (repository: TestRepository, branch: string): string =>
    repository.git('--git-dir=.git/remote.git', 'show', `${branch}:${DEV}`)

  test('pushes a branch, opens it with the rendered difference, and leaves the checkout as it was', () => {
    const repository = createWithRemote()
    const PATH = installGh(repository, WORKING)
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--pull-request'], { PATH })
    expect([code, stderr]).toEqual([0, 'pull request: https://github.com/acme/api/pull/7\n'])
    expect(repository.git('status', '--porcelain')).toBe('')
    expect(repository.git('branch', '--list')).toBe('* main')
    const branch = 'scale-prod-flask-api-deployment-5'
    expect(repository.git('--git-dir=.git/remote.git', 'show', '--format=%s', '--unified=0', branch)).toMatch(
      /^Scale flask-api-deployment in prod from 3 to 5\n[\s\S]*- {4}count: 3\n\+ {4}count: 5$/,
    )
    expect(repository.git('--git-dir=.git/remote.git', 'rev-parse', `${branch}^`)).toBe(
      repository.git('rev-parse', 'main'),
    )
    expect(repository.read('.git/bin/calls').split('\n')).toContain(
      `pr create --head ${branch} --title Scale flask-api-deployment in prod from 3 to 5 --body-file -`,
    )
    expect(repository.read('.git/bin/body')).toContain('## 1 changed in prod\n')
    expect(repository.read('.git/bin/body')).toContain('<code>spec.replicas</code> | <code>3</code> | <code>5</code>')
    const again = repository.edit('scale', ['prod', '5', '--pull-request'], { PATH })
    expect([again.code, again.stderr]).toEqual([
      0,
      'this pull request is open already: https://github.com/acme/api/pull/7\npull request: https://github.com/acme/api/pull/7\n',
    ])
  })

  test('what is dangerous stands in the pull request and on the screen, with the Application that brings it', () => {
    const repository = createWithRemote()
    const PATH = installGh(repository, WORKING)
    const args = ['--image', `flask-api:v2@${DIGEST}`, 'prod', '--force', '--pull-request']
    const { code, stdout } = repository.edit('promote', args, { PATH })
    expect(code).toBe(0)
    expect(stdout).toContain('image-skips-environment')
    expect(stdout).toContain('prod · flask-api-prod  overlays/prod')
    expect(repository.read('.git/bin/body')).toMatch(/\| 🛑 danger \| prod \|.*<code>image-skips-environment<\/code>/)
    const { stdout: down } = repository.run('scale', ['prod', '0', '--force', '--dry-run'])
    expect(down).toMatch(/danger .*downtime-by-strategy {2}prod/)
  })

  describe('on a branch of its own that the remote has too', () => {
    const ARGUMENTS = ['prod', '5', '--pull-request']
    const BRANCH = 'scale-prod-flask-api-deployment-5'

    /** The main branch of the remote `cluster`, which `npm run up` makes, has it as well. */
    function createOnBranch(path: string, from: string, to: string): TestRepository {
      const repository = createWithRemote()
      repository.git('init', '--quiet', '--bare', '--initial-branch=main', '.git/cluster.git')
      repository.git('remote', 'add', 'cluster', '.git/cluster.git')
      repository.git('checkout', '--quiet', '-b', 'feature')
      repository.change(path, from, to, 'WIP: *break* everything')
      repository.git('push', '--quiet', 'origin', 'feature')
      repository.git('push', '--quiet', 'cluster', 'feature:main')
      return repository
    }
    const commits = (repository: TestRepository): string =>
      repository.git('--git-dir=.git/remote.git', 'log', '--format=%s', `main..${BRANCH}`)

    test('the commit comes alone where the files it is about are the same', () => {
      const repository = createOnBranch(DEV, 'count: 1', 'count: 2')
      const PATH = installGh(repository, WORKING)
      const { code, stderr } = repository.edit('scale', ARGUMENTS, { PATH })
      expect([code, stderr]).toEqual([0, 'pull request: https://github.com/acme/api/pull/7\n'])
      expect(commits(repository)).toBe('Scale flask-api-deployment in prod from 3 to 5')
      const again = repository.edit('scale', ARGUMENTS, { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('is open already')])
    })

    test('what main has and HEAD has not is not a commit of somebody else on the branch', () => {
      const repository = createOnBranch(DEV, 'count: 1', 'count: 2')
      const PATH = installGh(repository, WORKING)
      expect(repository.edit('scale', ARGUMENTS, { PATH }).code).toBe(0)
      repository.git('push', '--quiet', 'origin', 'feature:main')
      repository.git('fetch', '--quiet', 'origin', BRANCH)
      repository.git('checkout', '--quiet', '--detach', 'FETCH_HEAD')
      repository.git('rebase', '--quiet', 'feature')
      repository.git('push', '--quiet', '--force', 'origin', `HEAD:${BRANCH}`)
      repository.git('checkout', '--quiet', 'main')
      repository.change(PROD, '# Three:', '# Three replicas:', 'Say it better')
      const { code, stderr } = repository.edit('scale', ARGUMENTS, { PATH })
      expect([code, stderr]).toEqual([0, expect.stringContaining('has this one now')])
    })

    test('what goes along is said before, and in the pull request', () => {
      const repository = createOnBranch('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1')
      const PATH = installGh(repository, WORKING)
      const { code, stderr } = repository.edit('scale', ARGUMENTS, { PATH })
      const commit = `${repository.git('rev-parse', '--short', 'HEAD')} WIP: *break* everything`
      const said = 'commits of HEAD that origin/main does not have yet, and that go along: 1\n'
      expect([code, stderr]).toEqual([0, `${said}  ${commit}\npull request: https://github.com/acme/api/pull/7\n`])
      expect(repository.read('.git/bin/body')).toContain(`${said}\n    ${commit}\n\n## 1 changed in prod`)
      expect(commits(repository)).toMatch(/^Scale .*\nWIP: \*break\* everything$/)
    })
  })

  test('a remote without a default branch is refused before anything is written', () => {
    const repository = createRepository()
    repository.git('init', '--quiet', '--bare', '.git/remote.git')
    repository.git('remote', 'add', 'origin', '.git/remote.git')
    const PATH = installGh(repository, WORKING)
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--pull-request'], { PATH })
    expect([code, stderr]).toEqual([1, expect.stringContaining('origin has no default branch')])
    expect(repository.git('--git-dir=.git/remote.git', 'branch', '--list')).toBe('')
  })

  test('line ends are converted as `git add` converts them', () => {
    const repository = createWithRemote()
    repository.git('config', 'core.autocrlf', 'true')
    unlinkSync(join(repository.root, DEV))
    repository.git('checkout', '--', DEV)
    expect(repository.read(DEV)).toContain('\r\n')
    const PATH = installGh(repository, WORKING)
    const { code, stderr } = repository.edit('scale', ['dev', '2', '--pull-request'], { PATH })
    expect(code, stderr).toBe(0)
    const branch = 'scale-dev-flask-api-deployment-2'
    expect(repository.git('--git-dir=.git/remote.git', 'show', '--numstat', '--format=', branch)).toBe(`1\t1\t${DEV}`)
  })

  describe('when the branch is there already', () => {
    const OTHER = `sha256:${'cd'.repeat(32)}`
    const ARGUMENTS = (digest: string): string[] => [
      ...['--image', `flask-api:v2@${digest}`, 'dev'],
      ...['--pull-request'],
    ]

    test('an open pull request with another digest gets this one', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.edit('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      const again = repository.edit('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
      expect(repository.read('.git/bin/calls')).toContain(
        'pr edit https://github.com/acme/api/pull/7 --title Deploy flask-api:v2 to dev --body-file -',
      )
    })

    test('an open pull request of an older image gets the newer one, on what main is now', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.edit('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.change(DEV, 'LOG_LEVEL=debug', 'LOG_LEVEL=info', 'Talk less')
      repository.git('push', '--quiet', 'origin', 'main')
      const newer = ['--image', `flask-api:v3@${OTHER}`, 'dev', '--pull-request']
      const again = repository.edit('promote', newer, { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(repository.git('--git-dir=.git/remote.git', 'rev-parse', 'deploy-dev^')).toBe(
        repository.git('rev-parse', 'main'),
      )
      expect(pushed(repository, 'deploy-dev')).toContain('LOG_LEVEL=info')
    })

    test('also when it was brought up to date with the button of GitHub', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.edit('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.change(DEV, 'LOG_LEVEL=debug', 'LOG_LEVEL=info', 'Talk less')
      repository.git('push', '--quiet', 'origin', 'main')
      repository.git('fetch', '--quiet', 'origin')
      repository.git('checkout', '--quiet', 'deploy-dev')
      repository.git('merge', '--quiet', '--no-ff', '--message=Update branch', 'main')
      repository.git('push', '--quiet', 'origin', 'deploy-dev')
      repository.git('checkout', '--quiet', 'main')
      const again = repository.edit('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
    })

    test('and is not overwritten when somebody added a commit', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.edit('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.git('fetch', '--quiet', 'origin')
      repository.git('checkout', '--quiet', 'deploy-dev')
      repository.change(DEV, 'count: 1', 'count: 2', 'And two')
      repository.git('push', '--quiet', 'origin', 'deploy-dev')
      repository.git('checkout', '--quiet', 'main')
      const again = repository.edit('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('push origin --delete deploy-dev`')])
      expect(pushed(repository, 'deploy-dev')).toContain('count: 2')
    })

    test('a failed pull request is opened by running again', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, '[ "$2" != create ] || { echo "no network" >&2; exit 1; }')
      const first = repository.edit('promote', ARGUMENTS(DIGEST), { PATH })
      expect([first.code, first.stderr]).toEqual([
        1,
        expect.stringMatching(
          /not opened: no network\n[\s\S]*run this again .*`git push origin --delete deploy-dev`\n$/,
        ),
      ])
      writeFileSync(
        join(repository.root, '.git/bin/gh'),
        '#!/bin/sh\n[ "$2" != create ] || echo https://github.com/acme/api/pull/8\n',
      )
      const again = repository.edit('promote', ARGUMENTS(DIGEST), { PATH })
      expect([again.code, again.stderr]).toEqual([0, 'pull request: https://github.com/acme/api/pull/8\n'])
    })

    test('what is left of a merged one is used again', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, '[ "$2" != create ] || echo https://github.com/acme/api/pull/8')
      expect(repository.edit('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.git('fetch', '--quiet', 'origin')
      repository.git('merge', '--quiet', '--no-ff', '--message=Merge pull request #8', 'origin/deploy-dev')
      const again = repository.edit('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('pull request: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
    })
  })

  test('without gh, without a login and without a remote it says so and writes nothing', () => {
    const repository = createRepository()
    const args = ['prod', '5', '--pull-request']
    const folder = join(repository.root, '.git', 'only-git')
    mkdirSync(folder)
    writeFileSync(join(folder, 'git'), `#!/bin/sh\nPATH="${process.env.PATH}" exec git "$@"\n`)
    chmodSync(join(folder, 'git'), 0o755)
    const missing = repository.edit('scale', args, { PATH: folder })
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--pull-request needs GitHub')])
    const PATH = installGh(repository, '[ "$1" != auth ] || { echo "not logged in" >&2; exit 1; }')
    const loggedOut = repository.edit('scale', args, { PATH })
    expect([loggedOut.code, loggedOut.stderr]).toEqual([2, expect.stringContaining('gh auth login')])
    writeFileSync(join(repository.root, '.git', 'bin', 'gh'), '#!/bin/sh\n')
    const alone = repository.edit('scale', args, { PATH })
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('no remote named origin')])
    expect(changedLines(repository)).toEqual([])
  })
})

describe('where it is written', { timeout: 60_000 }, () => {
  const scaleProd = (repository: TestRepository, ...more: readonly string[]) =>
    repository.edit('scale', ['prod', '5', ...more])

  test('without a terminal nothing is written without --yes', () => {
    const repository = createRepository()
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('add --yes, or --dry-run')])
    expect(changedLines(repository)).toEqual([])
  })

  test.each([
    [
      'a detached HEAD',
      (repository: TestRepository) => repository.git('checkout', '--quiet', '--detach'),
      'HEAD is detached',
    ],
    ['a bisect', (repository: TestRepository) => repository.git('bisect', 'start'), 'a bisect is under way'],
    [
      'a file that git does not look at',
      (repository: TestRepository) => repository.git('update-index', '--assume-unchanged', PROD),
      `git does not look at ${PROD}`,
    ],
  ])('%s is refused for a commit', (_, prepare, message) => {
    const repository = createRepository()
    prepare(repository)
    const { code, stderr } = scaleProd(repository, '--commit')
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
    expect(repository.read(PROD)).toContain('count: 3')
  })

  test.each([
    [(repository: TestRepository) => repository.git('checkout', '--quiet', '--detach'), 'HEAD is detached: switch'],
    [
      (repository: TestRepository) => repository.git('update-index', '--skip-worktree', PROD),
      `git does not look at ${PROD}`,
    ],
  ])('and said where files are written alone', (prepare, message) => {
    const repository = createRepository()
    prepare(repository)
    const { code, stderr } = scaleProd(repository)
    expect([code, stderr]).toEqual([0, expect.stringContaining(message)])
    expect(repository.read(PROD)).toContain('count: 5')
  })

  test('a branch that changes at the question is refused', async () => {
    const repository = createRepository()
    const sources = openFolder(repository.root)
    const change = await scale(sources, ['prod', '5'], { from: undefined, force: false })
    if (typeof change === 'string') throw new Error(change)
    const terminal = {
      isInteractive: true,
      hasColor: false,
      print: () => undefined,
      note: () => undefined,
      ask: async (question: string) => {
        expect(question).toBe('Write this and commit it on main?')
        repository.git('switch', '--quiet', '--create', 'other')
        return true
      },
    }
    const delivery = { how: 'commit', yes: false, message: undefined, signoff: false, format: 'text' } as const
    const tell = () => describeEdits(repository.root, sources, change.edits, [...change.after.keys()])
    await expect(propose(repository.root, change, delivery, terminal, tell)).rejects.toThrow(
      'was at main, and is at other',
    )
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('another user owns the clone: git says so, and so does the command', () => {
    const repository = createRepository()
    const folder = join(repository.root, '.git', 'mine')
    mkdirSync(folder)
    const words =
      "fatal: detected dubious ownership in repository at '/x'\n\tgit config --global --add safe.directory /x"
    writeFileSync(join(folder, 'git'), `#!/bin/sh\nprintf "${words}\\n" >&2\nexit 128\n`)
    chmodSync(join(folder, 'git'), 0o755)
    const { code, stderr } = repository.edit('scale', ['prod', '5'], { PATH: `${folder}:${process.env.PATH}` })
    expect([code, stderr]).toEqual([2, expect.stringContaining('dubious ownership')])
    expect(stderr).toContain('git config --global --add safe.directory /x')
  })

  test('a message of ones own, and a signature', () => {
    const repository = createRepository()
    expect(scaleProd(repository, '--commit', '--message', 'ABC-1: more', '--signoff').code).toBe(0)
    expect(repository.git('log', '-1', '--format=%B')).toBe('ABC-1: more\n\nSigned-off-by: Test <test@example.com>')
    expect(scaleProd(repository, '--message', ' ').stderr).toContain('--message is empty')
  })

  test('JSON says what was done, and nothing else stands on stdout', () => {
    const repository = createRepository()
    const { stdout } = scaleProd(repository, '--commit', '--format', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: 'scale',
      status: 'committed',
      message: 'Scale flask-api-deployment in prod from 3 to 5',
      files: [PROD],
      builds: ['overlays/prod'],
      branch: 'main',
      commit: repository.git('rev-parse', '--short', 'HEAD'),
    })
    const again = scaleProd(repository, '--format', 'json', '--detailed-exit-code')
    expect([again.code, JSON.parse(again.stdout).status]).toEqual([4, 'nothing to do'])
  })

  test('a folder of a checkout is a tree', () => {
    const repository = createRepository()
    mkdirSync(join(repository.root, 'deploy'))
    for (const folder of ['overlays', 'base', 'components']) repository.git('mv', folder, `deploy/${folder}`)
    repository.git('commit', '--quiet', '--message=Move')
    const root = join(repository.root, 'deploy')
    expect(scaleProd(repository, '--root', root, '--commit').code).toBe(0)
    expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(`deploy/${PROD}`)
    repository.git('init', '--quiet', '--bare', '--initial-branch=main', '.git/remote.git')
    repository.git('remote', 'add', 'origin', '.git/remote.git')
    repository.git('push', '--quiet', 'origin', 'main')
    const { code, stderr } = repository.edit('scale', ['prod', '6', '--root', root, '--push-branch'])
    expect([code, stderr]).toEqual([0, 'pushed scale-prod-flask-api-deployment-6\n'])
    const args = ['--git-dir=.git/remote.git', 'show', '--name-only', '--format=', 'scale-prod-flask-api-deployment-6']
    expect(repository.git(...args)).toBe(`deploy/${PROD}`)
    expect(repository.git('status', '--porcelain')).toBe('')
  })
})
