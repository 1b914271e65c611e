import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { promoteImage } from './promote.ts'
import { changedLines, createRepository, REAL_ROOT, type TestRepository } from './test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'
const DEV = 'overlays/dev/kustomization.yaml'
const QA = 'overlays/qa/kustomization.yaml'
const DIGEST = `sha256:${'ab'.repeat(32)}`

describe('scale', { timeout: 60_000 }, () => {
  let repository: TestRepository
  beforeAll(() => {
    repository = createRepository(afterAll)
  })

  test('a replicas change is one changed line, shown as Git and as rendered', () => {
    const repository = createRepository()
    const { code, stdout, stderr } = repository.run('scale', ['prod', '5'])
    expect(stderr).toBe(`written: ${PROD} (not committed)\n`)
    expect(code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
    const [edited = '', rendered = ''] = stdout.split('\nRendered, prod:\n')
    expect(edited).toContain(`diff --git a/${PROD} b/${PROD}\n`)
    expect(edited).toContain('-    count: 3\n+    count: 5\n')
    expect(rendered.split('\n').filter(line => /^[+-] /.test(line))).toEqual(['-  replicas: 3', '+  replicas: 5'])
  })

  test('--dry-run writes nothing', () => {
    const { code, stdout } = repository.run('scale', ['prod', '5', '--dry-run'])
    expect([code, changedLines(repository)]).toEqual([0, []])
    expect(stdout).toContain('+  replicas: 5')
  })

  test('the number that is there already is no change', () => {
    const { code, stdout, stderr } = repository.run('scale', ['prod', '3'])
    expect([code, stdout, stderr]).toEqual([0, '', 'prod has 3 replicas of flask-api-deployment already\n'])
  })

  test.each([
    [['prud', '5'], 'no environment "prud", did you mean prod?'],
    [['../prod', '5'], 'no environment "../prod". There are: dev, prod, qa\n'],
    [[], 'name an environment: dev, prod, qa'],
    [['prod'], 'say how many replicas'],
    [['prod', '-1'], 'replicas are a whole number from 0\n'],
    [['prod', '1.5'], 'a whole number from 0 to 1000, not "1.5"'],
    [['prod', '1001'], 'a whole number from 0 to 1000, not "1001"'],
    [['prod', '5', 'other'], 'no workload "other" in prod. There are: flask-api-deployment'],
    [['prod', '5', 'flask-api-deployment', 'x'], 'too many arguments: x'],
    [['prod', '5', '--commit'], 'add --yes'],
    [['prod', '5', '--commit', '--pull-request', '--yes'], 'exclude each other'],
    [['prod', '5', '--commit', '--dry-run'], '--dry-run writes nothing'],
  ])('%j is wrong usage', (args, message) => {
    const { code, stdout, stderr } = repository.run('scale', args)
    expect(stderr).toContain(message)
    expect([code, stdout, changedLines(repository)]).toEqual([2, '', []])
  })

  test('asks which of several workloads, also where only one has a count', () => {
    const repository = createRepository()
    const worker = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
`
    repository.write('overlays/prod/worker.yaml', worker)
    repository.change(PROD, '  - namespace.yaml\n', '  - namespace.yaml\n  - worker.yaml\n', 'Add a worker')
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('prod has several workloads, say which: flask-api-deployment, worker'),
    ])
    expect(repository.run('scale', ['prod', '5', 'flask-api-deployment']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
  })

  test('is refused where an autoscaler decides', () => {
    const repository = createRepository()
    const text = repository.read(PROD)
    repository.write(PROD, text.replace('components:\n', 'components:\n  - ../../components/hpa/component\n'))
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('prod has the HorizontalPodAutoscaler flask-api-hpa')])
  })

  test('is refused where a transformer sets the number after it', () => {
    const repository = createRepository()
    repository.write(
      'overlays/prod/nine.yaml',
      `apiVersion: builtin
kind: ReplicaCountTransformer
metadata:
  name: nine
replica:
  name: flask-api-deployment
  count: 9
fieldSpecs:
  - path: spec/replicas
    kind: Deployment
`,
    )
    repository.write(PROD, `${repository.read(PROD)}\ntransformers:\n  - nine.yaml\n`)
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('decides nothing: a transformer')])
    expect(repository.read(PROD)).toContain('count: 3')
  })

  test('a count that is no number, and breaks the rendering, is mended', () => {
    const repository = createRepository()
    repository.write(PROD, repository.read(PROD).replace('count: 3', "count: '3'"))
    const { code, stderr } = repository.run('scale', ['prod', '3'])
    expect(code, stderr).toBe(0)
    expect(changedLines(repository)).toEqual([])
  })

  test('an environment that does not render is not touched', () => {
    const repository = createRepository()
    repository.write(PROD, repository.read(PROD).replace('  - namespace.yaml\n', '  - nowhere.yaml\n'))
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`${PROD}:8:5: overlays/prod/nowhere.yaml does not exist`),
    ])
    expect(repository.read(PROD)).toContain('count: 3')
  })

  test('--commit commits this file and leaves what else has changed', () => {
    const repository = createRepository()
    repository.write('base/service.yaml', `${repository.read('base/service.yaml')}# mine\n`)
    repository.write('new.txt', 'mine\n')
    repository.git('add', 'new.txt')
    const { code, stderr } = repository.run('scale', ['prod', '5', '--commit', '--yes'])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^committed [0-9a-f]+: Scale flask-api-deployment in prod from 3 to 5\n$/),
    ])
    expect(repository.git('show', '--name-only', '--format=%s', 'HEAD')).toBe(
      `Scale flask-api-deployment in prod from 3 to 5\n\n${PROD}`,
    )
    expect(repository.git('status', '--porcelain')).toBe('M base/service.yaml\nA  new.txt')
  })

  test('--commit is refused over a change that is not committed, and in the middle of a merge', () => {
    const repository = createRepository()
    repository.write(PROD, `${repository.read(PROD)}# mine\n`)
    const dirty = repository.run('scale', ['prod', '5', '--commit', '--yes'])
    expect([dirty.code, dirty.stderr]).toEqual([1, expect.stringContaining(`${PROD}: not committed`)])
    repository.git('checkout', '--quiet', '--', '.')
    repository.write('.git/MERGE_HEAD', `${repository.git('rev-parse', 'HEAD')}\n`)
    const merging = repository.run('scale', ['prod', '5', '--commit', '--yes'])
    expect([merging.code, merging.stderr]).toEqual([1, 'a merge is under way: finish it first\n'])
    expect(changedLines(repository)).toEqual([])
  })

  test('a commit that a hook refuses leaves files and index as they were', () => {
    const repository = createRepository()
    repository.write('.git/hooks/pre-commit', '#!/bin/sh\necho "not today" >&2\nexit 1\n')
    chmodSync(join(repository.root, '.git/hooks/pre-commit'), 0o755)
    const { code, stderr } = repository.run('scale', ['prod', '5', '--commit', '--yes'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/not today\nNothing is committed, and .* is as before\n$/),
    ])
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('a file that is no UTF-8, and one that is a link out of the repository, stay as they are', () => {
    const repository = createRepository()
    writeFileSync(join(repository.root, PROD), Buffer.from([0x61, 0x3a, 0xff]))
    const { code, stderr } = repository.run('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([2, `${PROD} cannot be read: it is not UTF-8\n`])
  })
})

describe('on a terminal', { timeout: 60_000 }, () => {
  let repository: TestRepository
  beforeAll(() => {
    repository = createRepository(afterAll)
  })

  test.each([
    ['Ctrl-C', '\x03', 130],
    ['Ctrl-D', '\x04', 0],
    ['n', 'n\r', 0],
    ['Enter', '\r', 0],
  ])('%s writes nothing, and says so', (_, keys, expected) => {
    const { code, stdout } = repository.runOnTerminal('scale', ['prod', '5'], keys)
    expect(stdout).toMatch(/Write this\? \[y\/N\] [\s\S]*\nnothing written\r\n$/)
    expect(stdout).not.toContain('    at ')
    expect([code, changedLines(repository)]).toEqual([expected, []])
  })

  test('it asks also when what it prints goes to a pipe', () => {
    const { stdout } = repository.runOnTerminal('scale', ['prod', '5'], 'n\r', '| cat')
    expect(stdout).toContain('Write this? [y/N]')
    expect(changedLines(repository)).toEqual([])
  })

  test('yes writes', () => {
    const repository = createRepository()
    expect(repository.runOnTerminal('scale', ['prod', '5'], 'y\r').code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
  })
})

test.each([
  [['--bogus'], "Unknown option '--bogus'"],
  [['foo'], "Unexpected argument 'foo'"],
  [['--apps', 'abc'], '--apps is a whole number from 1 to 9999, not "abc"'],
  [['--runs', '0'], '--runs is a whole number from 1 to 9999, not "0"'],
])('bench %j is wrong usage', (args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(REAL_ROOT, 'scripts/bench.ts'), ...args], {
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)])
  expect(stderr).not.toContain('    at ')
})

test('a reader that goes away is no fault', () => {
  const repository = createRepository()
  const { code, stdout } = repository.runOnTerminal('scale', ['prod', '5', '--yes'], '', '| true; echo')
  expect(stdout).toMatch(/written: .*\(not committed\)/)
  expect([code, stdout]).toEqual([0, expect.not.stringContaining('EPIPE')])
})

describe('promote', { timeout: 60_000 }, () => {
  let repository: TestRepository
  beforeAll(() => {
    repository = createRepository(afterAll)
  })

  test('takes the image and what is marked, and nothing else', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', `newTag: v2\n    digest: ${DIGEST}`, 'Deploy v2 to dev')
    repository.change(
      DEV,
      '- THREADS=4',
      '- THREADS=4\n      - MAX_TEXT_CHARS=20000 # promote',
      'Allow longer texts in dev',
    )
    const { code, stdout } = repository.run('promote', ['dev', 'qa'])
    expect(code).toBe(0)
    expect(changedLines(repository)).toEqual([
      '-    newTag: v1',
      '+    newTag: v2',
      `+    digest: ${DIGEST}`,
      '+      - MAX_TEXT_CHARS=20000 # promote',
    ])
    expect(stdout).toContain('-  MAX_TEXT_CHARS: "10000"\n+  MAX_TEXT_CHARS: "20000"')
    expect(stdout).toContain(`+          image: flask-api:v2@${DIGEST}`)
    expect(repository.run('promote', ['dev', 'qa']).stderr).toBe(
      'qa runs what dev runs already: flask-api:v2@sha256:abababababab\n',
    )
    expect(repository.run('promote', ['qa', 'prod']).code).toBe(0)
    expect(repository.read(PROD)).toContain('      - MAX_TEXT_CHARS=20000 # promote\n')
  })

  test('a source that is not committed is not committed as a target', () => {
    const repository = createRepository()
    repository.write(DEV, repository.read(DEV).replace('newTag: v1', 'newTag: wip'))
    const { code, stderr } = repository.run('promote', ['dev', 'qa', '--commit', '--yes'])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${DEV}: not committed`)])
    expect(changedLines(repository)).toEqual(['-    newTag: v1', '+    newTag: wip'])
  })

  test('what the source has no more goes', () => {
    const repository = createRepository()
    repository.change(QA, '- ENVIRONMENT=qa', '- ENVIRONMENT=qa\n      - OLD=1 # promote', 'Set OLD')
    expect(repository.run('promote', ['dev', 'qa']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-      - OLD=1 # promote'])
  })

  test('--image sets what a build gives, by digest', () => {
    const repository = createRepository()
    const image = `ghcr.io/acme/flask-api:3f9c2a1@${DIGEST}`
    const { code, stderr } = repository.run('promote', ['--image', image, 'dev'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^the registry changes from none \(.*\) to ghcr\.io\/acme\n/)
    expect(changedLines(repository)).toEqual([
      '-    newTag: v1',
      '+    newName: ghcr.io/acme/flask-api',
      '+    newTag: 3f9c2a1',
      `+    digest: ${DIGEST}`,
    ])
    expect(repository.run('promote', ['--image', image, 'dev']).stderr).toBe(
      'dev runs ghcr.io/acme/flask-api:3f9c2a1@sha256:abababababab already\n',
    )
    expect(repository.run('promote', ['--image', 'flask-api:v3', 'dev']).stderr).toContain('from ghcr.io/acme to none')
  })

  test.each([
    [['dev', 'dev'], 'dev cannot be promoted to itself'],
    [['dev'], 'say where dev is promoted to'],
    [['--image', 'flask-api', 'dev'], 'names no tag and no digest'],
    [['--image', 'flask-api:latest', 'dev'], 'another image tomorrow'],
    [['--image', 'Flask API:v1', 'dev'], 'is not an image'],
    [['--image', 'flask-api:v1\n', 'dev'], 'is not an image'],
    [['--image', '-x', 'dev'], '--image has no value: what follows it begins with a dash\n'],
  ])('%j is wrong usage', (args, message) => {
    const { code, stderr } = repository.run('promote', args)
    expect([code, stderr, changedLines(repository)]).toEqual([2, expect.stringContaining(message), []])
  })

  test('a tag that is a commit is shown as Git shows it', () => {
    const change = promoteImage(repository.root, `ghcr.io/acme/flask-api:${'1a'.repeat(20)}@${DIGEST}`, 'dev')
    return expect(change).resolves.toMatchObject({
      subject: 'Deploy flask-api:1a1a1a1a1a to dev',
      branch: 'deploy-dev',
    })
  })

  test('an image that the environment does not have is refused', () => {
    const { code, stderr } = createRepository().run('promote', ['--image', 'nginx:1.29', 'dev'])
    expect([code, stderr]).toEqual([1, `${DEV} has no image entry for nginx. It has: flask-api\n`])
  })
})

describe('rollback', { timeout: 60_000 }, () => {
  function createHistory(): TestRepository {
    const repository = createRepository()
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Deploy v2 to prod')
    repository.change(PROD, 'newTag: v2', 'newTag: v3', 'Deploy v3 to prod')
    return repository
  }

  test('takes back the last change, and a second time the one before', () => {
    const repository = createHistory()
    const first = repository.run('rollback', ['prod', '--commit', '--yes'])
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringMatching(/^committed .*: Roll prod back: Deploy v3 to prod\n$/),
    ])
    expect(first.stdout).toContain('-          image: flask-api:v3\n+          image: flask-api:v2')
    expect(repository.git('log', '-1', '--format=%B')).toContain(
      `This reverts commit ${repository.git('rev-parse', 'HEAD~1')}`,
    )
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    expect(repository.read(PROD)).toContain('newTag: v1')
    const third = repository.run('rollback', ['prod'])
    expect([third.code, third.stderr]).toEqual([1, expect.stringContaining('nothing to take back')])
  })

  describe.each(['merge', 'squash'])('when the first rollback came by a %s that keeps no message', how => {
    /** Takes back v3 on a branch, and brings it to main as GitHub does. */
    function createRolledBack(later: (repository: TestRepository) => void): TestRepository {
      const repository = createHistory()
      repository.git('checkout', '--quiet', '-b', 'topic')
      expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
      repository.git('checkout', '--quiet', 'main')
      later(repository)
      if (how === 'merge') repository.git('merge', '--no-ff', '--message=Merge pull request #9', 'topic')
      else {
        repository.git('merge', '--squash', 'topic')
        repository.git('commit', '--quiet', '--message=Put it right (#9)')
      }
      expect(repository.read(PROD)).toContain('newTag: v2')
      return repository
    }

    test('the second one goes further back', () => {
      const repository = createRolledBack(() => undefined)
      expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
      expect(repository.read(PROD)).toContain('newTag: v1')
      expect(repository.run('rollback', ['prod']).stderr).toContain('nothing to take back')
    })

    test('what came between is taken back first', () => {
      const repository = createRolledBack(made => made.change(PROD, 'count: 3', 'count: 4', 'Give prod four'))
      expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
      expect(repository.read(PROD)).toMatch(/newTag: v2[\s\S]*count: 3/)
      expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
      expect(repository.read(PROD)).toMatch(/newTag: v1[\s\S]*count: 3/)
    })
  })

  test('a release that went back by hand over two is not brought up again', () => {
    const repository = createHistory()
    repository.change(PROD, 'newTag: v3', 'newTag: v1', 'Back to v1')
    expect(repository.run('rollback', ['prod']).stderr).toContain('nothing to take back')
  })

  test('a release that came again after a rollback is taken back again', () => {
    const repository = createHistory()
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    repository.change(PROD, 'newTag: v2', 'newTag: v3', 'Deploy v3 to prod once more')
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    expect(repository.read(PROD)).toContain('newTag: v2')
  })

  test('a value that went up and down is taken back when it goes up once more', () => {
    const repository = createRepository()
    repository.change(PROD, 'count: 3', 'count: 5', 'Give prod five')
    repository.change(PROD, 'count: 5', 'count: 3', 'Three are enough')
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Deploy v2 to prod')
    repository.change(PROD, 'count: 3', 'count: 5', 'Five, once more')
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    expect(repository.read(PROD)).toMatch(/newTag: v2[\s\S]*count: 3/)
    const second = repository.run('rollback', ['prod', '--commit', '--yes'])
    expect([second.code, second.stderr]).toEqual([
      0,
      expect.stringMatching(
        /^newer, but .*Roll prod back: Five.*Five, once more\)\ncommitted .*: Deploy v2 to prod\n$/,
      ),
    ])
    expect(repository.read(PROD)).toMatch(/newTag: v1[\s\S]*count: 3/)
    expect(repository.run('rollback', ['prod']).stderr).toContain('nothing to take back')
  })

  test('a release whose revert was reverted is taken back', () => {
    const repository = createHistory()
    repository.git('revert', '--no-edit', 'HEAD')
    repository.git('revert', '--no-edit', 'HEAD')
    expect(repository.read(PROD)).toContain('newTag: v3')
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    expect(repository.read(PROD)).toContain('newTag: v2')
  })

  test('of a change that was taken back in part the rest is taken back', () => {
    const repository = createRepository()
    repository.change(PROD, 'count: 3', 'count: 4', 'Give prod four')
    for (const file of [QA, PROD]) repository.write(file, repository.read(file).replace('newTag: v1', 'newTag: v2'))
    repository.change('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1', 'Deploy v2 and its limit')
    expect(repository.run('rollback', ['qa', '--all-environments', '--commit', '--yes']).code).toBe(0)
    expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(`base/kustomization.yaml\n${QA}`)
    const { code, stderr } = repository.run('rollback', ['prod', '--commit', '--yes'])
    expect(code, stderr).toBe(0)
    expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(PROD)
    expect(repository.read(PROD)).toMatch(/newTag: v1[\s\S]*count: 4/)
    expect(repository.run('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 4', '+    count: 3'])
  })

  test('without --commit the files are put back and nothing is committed', () => {
    const repository = createHistory()
    expect(repository.run('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    newTag: v3', '+    newTag: v2'])
    expect(repository.git('log', '-1', '--format=%s')).toBe('Deploy v3 to prod')
  })

  test('passes over what is not rendered and keeps what came later', () => {
    const repository = createHistory()
    repository.change(PROD, '# Three:', '# Three replicas:', 'Say it better')
    repository.change('overlays/dev/kustomization.yaml', 'newTag: v1', 'newTag: v4', 'Deploy v4 to dev')
    expect(repository.run('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    newTag: v3', '+    newTag: v2'])
    expect(repository.read(PROD)).toContain('# Three replicas:')
  })

  test('of a commit over several environments only this one is taken back', () => {
    const repository = createRepository()
    for (const file of [DEV, QA, PROD]) {
      repository.write(file, repository.read(file).replace('newTag: v1', 'newTag: v2'))
    }
    repository.write('notes.txt', 'kept\n')
    repository.git('add', '--all')
    repository.git('commit', '--quiet', '--message=Deploy v2 everywhere')
    expect(repository.run('rollback', ['prod', '--commit', '--yes']).code).toBe(0)
    expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(PROD)
    expect(repository.read('notes.txt')).toBe('kept\n')
  })

  test('a merge counts as one change', () => {
    const repository = createRepository()
    repository.git('checkout', '--quiet', '-b', 'topic')
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Try v2')
    repository.change(PROD, 'count: 3', 'count: 4', 'With four replicas')
    repository.git('checkout', '--quiet', 'main')
    repository.git('merge', '--quiet', '--no-ff', '--message=Merge topic', 'topic')
    expect(repository.run('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    newTag: v2', '+    newTag: v1', '-    count: 4', '+    count: 3'])
  })

  test('what other environments read too needs a word more', () => {
    const repository = createRepository()
    repository.change('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1', 'Shorten texts')
    const refused = repository.run('rollback', ['prod'])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('which dev, qa read too')])
    expect(changedLines(repository)).toEqual([])
    expect(repository.run('rollback', ['prod', '--all-environments']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-      - MAX_TEXT_CHARS=1', '+      - MAX_TEXT_CHARS=10000'])
  })

  test('a file that the change added goes again', () => {
    const repository = createRepository()
    repository.write('overlays/prod/extra.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n')
    repository.change(PROD, '  - namespace.yaml\n', '  - namespace.yaml\n  - extra.yaml\n', 'Add a ConfigMap')
    const { code, stdout } = repository.run('rollback', ['prod', '--commit', '--yes'])
    expect(code).toBe(0)
    expect(stdout).toContain('diff --git a/overlays/prod/extra.yaml b/overlays/prod/extra.yaml\ndeleted file')
    expect(repository.git('ls-files', 'overlays/prod/extra.yaml')).toBe('')
    expect(repository.git('diff', '--stat', 'HEAD~2', 'HEAD')).toBe('')
  })

  describe('of a commit that brings a component, its example and its use', () => {
    function createWithComponent(): TestRepository {
      const repository = createRepository()
      const kustomization = (kind: string, rest: string) =>
        `apiVersion: kustomize.config.k8s.io/v1${kind === 'Component' ? 'alpha1' : 'beta1'}\nkind: ${kind}\n${rest}`
      const folder = 'components/quota'
      repository.write(
        `${folder}/component/kustomization.yaml`,
        kustomization('Component', 'resources:\n  - quota.yaml\n'),
      )
      repository.write(
        `${folder}/component/quota.yaml`,
        'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: quota\nspec:\n  hard:\n    pods: "9"\n',
      )
      const uses = 'resources:\n  - ../../../base\ncomponents:\n  - ../component\n'
      repository.write(`${folder}/example/kustomization.yaml`, kustomization('Kustomization', uses))
      repository.change(PROD, 'components:\n', 'components:\n  - ../../components/quota/component\n', 'Limit prod')
      return repository
    }

    test('the component stays, because the example reads it', () => {
      const repository = createWithComponent()
      const { code, stderr } = repository.run('rollback', ['prod', '--commit', '--yes'])
      expect(code, stderr).toBe(0)
      expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(PROD)
      expect(repository.run('rollback', ['prod']).stderr).toContain('nothing to take back')
    })

    test('the component goes when nothing else reads it', () => {
      const repository = createWithComponent()
      repository.git('rm', '--quiet', '-r', 'components/quota/example')
      repository.git('commit', '--quiet', '--message=Do without the example')
      const { code, stderr } = repository.run('rollback', ['prod', '--commit', '--yes'])
      expect(code, stderr).toBe(0)
      expect(repository.git('ls-files', 'components/quota')).toBe('')
    })

    test('it is refused when the example would not render any more', () => {
      const repository = createWithComponent()
      const limits = ['apiVersion: v1', 'kind: ConfigMap', 'metadata:', '  name: limits', 'data:', '  pods: "9"']
      const patch = limits.map(line => `      ${line}\n`).join('')
      const example = 'components/quota/example/kustomization.yaml'
      repository.write(example, `${repository.read(example)}patches:\n  - patch: |-\n${patch}`)
      const extra = `---\n${limits.join('\n')}\n`
      const quota = 'components/quota/component/quota.yaml'
      repository.change(quota, 'pods: "9"\n', `pods: "9"\n${extra}`, 'Say the limits')
      const { code, stderr } = repository.run('rollback', ['prod'])
      expect([code, stderr]).toEqual([1, expect.stringContaining('components/quota/example would not render')])
      expect(changedLines(repository)).toEqual([])
    })
  })

  test('a conflict with a later change is refused', () => {
    const repository = createRepository()
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Deploy v2 to prod')
    // Not rendered, and on the same line.
    repository.change(PROD, 'newTag: v2', 'newTag: v2 # good', 'Praise v2')
    const { code, stderr } = repository.run('rollback', ['prod'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('was changed after')])
    expect(changedLines(repository)).toEqual([])
  })

  test('is refused over changes that are not committed, and in a shallow clone', () => {
    const repository = createHistory()
    repository.write('overlays/prod/namespace.yaml', '# mine\n')
    const dirty = repository.run('rollback', ['prod'])
    expect([dirty.code, dirty.stderr]).toEqual([
      1,
      expect.stringContaining('overlays/prod/namespace.yaml: not committed'),
    ])
    repository.git('checkout', '--quiet', '--', '.')
    repository.write('.git/shallow', `${repository.git('rev-parse', 'HEAD')}\n`)
    const shallow = repository.run('rollback', ['prod'])
    expect([shallow.code, shallow.stderr]).toEqual([2, expect.stringContaining('git fetch --unshallow')])
  })
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
    const { code, stderr } = repository.run('scale', ['prod', '5', '--pull-request', '--yes'], { PATH })
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
    expect(repository.read('.git/bin/body')).toContain('```diff\n')
    expect(repository.read('.git/bin/body')).toContain('+  replicas: 5\n')
    const again = repository.run('scale', ['prod', '5', '--pull-request', '--yes'], { PATH })
    expect([again.code, again.stderr]).toEqual([
      0,
      'this pull request is open already: https://github.com/acme/api/pull/7\n',
    ])
  })

  describe('on a branch of its own that the remote has too', () => {
    const ARGUMENTS = ['prod', '5', '--pull-request', '--yes']
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
      const { code, stderr } = repository.run('scale', ARGUMENTS, { PATH })
      expect([code, stderr]).toEqual([0, 'pull request: https://github.com/acme/api/pull/7\n'])
      expect(commits(repository)).toBe('Scale flask-api-deployment in prod from 3 to 5')
      const again = repository.run('scale', ARGUMENTS, { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('is open already')])
    })

    test('what main has and HEAD has not is no commit of somebody else on the branch', () => {
      const repository = createOnBranch(DEV, 'count: 1', 'count: 2')
      const PATH = installGh(repository, WORKING)
      expect(repository.run('scale', ARGUMENTS, { PATH }).code).toBe(0)
      repository.git('push', '--quiet', 'origin', 'feature:main')
      repository.git('fetch', '--quiet', 'origin', BRANCH)
      repository.git('checkout', '--quiet', '--detach', 'FETCH_HEAD')
      repository.git('rebase', '--quiet', 'feature')
      repository.git('push', '--quiet', '--force', 'origin', `HEAD:${BRANCH}`)
      repository.git('checkout', '--quiet', 'main')
      repository.change(PROD, '# Three:', '# Three replicas:', 'Say it better')
      const { code, stderr } = repository.run('scale', ARGUMENTS, { PATH })
      expect([code, stderr]).toEqual([0, expect.stringContaining('has this one now')])
    })

    test('what goes along is said before, and in the pull request', () => {
      const repository = createOnBranch('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1')
      const PATH = installGh(repository, WORKING)
      const { code, stderr } = repository.run('scale', ARGUMENTS, { PATH })
      const commit = `${repository.git('rev-parse', '--short', 'HEAD')} WIP: *break* everything`
      const said = 'commits of HEAD that origin/main does not have yet, and that go along: 1\n'
      expect([code, stderr]).toEqual([0, `${said}  ${commit}\npull request: https://github.com/acme/api/pull/7\n`])
      expect(repository.read('.git/bin/body')).toContain(`${said}\n    ${commit}\n\nWhat changes`)
      expect(commits(repository)).toMatch(/^Scale .*\nWIP: \*break\* everything$/)
    })
  })

  test('a remote without a default branch is refused before anything is written', () => {
    const repository = createRepository()
    repository.git('init', '--quiet', '--bare', '.git/remote.git')
    repository.git('remote', 'add', 'origin', '.git/remote.git')
    const PATH = installGh(repository, WORKING)
    const { code, stderr } = repository.run('scale', ['prod', '5', '--pull-request', '--yes'], { PATH })
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
    const { code, stderr } = repository.run('scale', ['dev', '2', '--pull-request', '--yes'], { PATH })
    expect(code, stderr).toBe(0)
    const branch = 'scale-dev-flask-api-deployment-2'
    expect(repository.git('--git-dir=.git/remote.git', 'show', '--numstat', '--format=', branch)).toBe(`1\t1\t${DEV}`)
  })

  describe('when the branch is there already', () => {
    const OTHER = `sha256:${'cd'.repeat(32)}`
    const ARGUMENTS = (digest: string): string[] => [
      ...['--image', `flask-api:v2@${digest}`, 'dev'],
      ...['--pull-request', '--yes'],
    ]

    test('an open pull request with another digest gets this one', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.run('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      const again = repository.run('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
      expect(repository.read('.git/bin/calls')).toContain(
        'pr edit https://github.com/acme/api/pull/7 --title Deploy flask-api:v2 to dev --body-file -',
      )
    })

    test('an open pull request of an older image gets the newer one, on what main is now', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.run('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.change(DEV, 'LOG_LEVEL=debug', 'LOG_LEVEL=info', 'Talk less')
      repository.git('push', '--quiet', 'origin', 'main')
      const newer = ['--image', `flask-api:v3@${OTHER}`, 'dev', '--pull-request', '--yes']
      const again = repository.run('promote', newer, { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(repository.git('--git-dir=.git/remote.git', 'rev-parse', 'deploy-dev^')).toBe(
        repository.git('rev-parse', 'main'),
      )
      expect(pushed(repository, 'deploy-dev')).toContain('LOG_LEVEL=info')
    })

    test('also when it was brought up to date with the button of GitHub', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.run('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.change(DEV, 'LOG_LEVEL=debug', 'LOG_LEVEL=info', 'Talk less')
      repository.git('push', '--quiet', 'origin', 'main')
      repository.git('fetch', '--quiet', 'origin')
      repository.git('checkout', '--quiet', 'deploy-dev')
      repository.git('merge', '--quiet', '--no-ff', '--message=Update branch', 'main')
      repository.git('push', '--quiet', 'origin', 'deploy-dev')
      repository.git('checkout', '--quiet', 'main')
      const again = repository.run('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('has this one now: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
    })

    test('and is not overwritten when somebody added a commit', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, WORKING)
      expect(repository.run('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.git('fetch', '--quiet', 'origin')
      repository.git('checkout', '--quiet', 'deploy-dev')
      repository.change(DEV, 'count: 1', 'count: 2', 'And two')
      repository.git('push', '--quiet', 'origin', 'deploy-dev')
      repository.git('checkout', '--quiet', 'main')
      const again = repository.run('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('push origin --delete deploy-dev`')])
      expect(pushed(repository, 'deploy-dev')).toContain('count: 2')
    })

    test('a failed pull request is opened by running again', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, '[ "$2" != create ] || { echo "no network" >&2; exit 1; }')
      const first = repository.run('promote', ARGUMENTS(DIGEST), { PATH })
      expect([first.code, first.stderr]).toEqual([
        1,
        expect.stringMatching(/not opened: no network\nRun this again .*`git push origin --delete deploy-dev`\n$/),
      ])
      writeFileSync(
        join(repository.root, '.git/bin/gh'),
        '#!/bin/sh\n[ "$2" != create ] || echo https://github.com/acme/api/pull/8\n',
      )
      const again = repository.run('promote', ARGUMENTS(DIGEST), { PATH })
      expect([again.code, again.stderr]).toEqual([0, 'pull request: https://github.com/acme/api/pull/8\n'])
    })

    test('what is left of a merged one is used again', () => {
      const repository = createWithRemote()
      const PATH = installGh(repository, '[ "$2" != create ] || echo https://github.com/acme/api/pull/8')
      expect(repository.run('promote', ARGUMENTS(DIGEST), { PATH }).code).toBe(0)
      repository.git('fetch', '--quiet', 'origin')
      repository.git('merge', '--quiet', '--no-ff', '--message=Merge pull request #8', 'origin/deploy-dev')
      const again = repository.run('promote', ARGUMENTS(OTHER), { PATH })
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('pull request: https://github.com')])
      expect(pushed(repository, 'deploy-dev')).toContain(OTHER)
    })
  })

  test('without gh, without a login and without a remote it says so and writes nothing', () => {
    const repository = createRepository()
    const args = ['prod', '5', '--pull-request', '--yes']
    const folder = join(repository.root, '.git', 'only-git')
    mkdirSync(folder)
    writeFileSync(join(folder, 'git'), `#!/bin/sh\nPATH="${process.env.PATH}" exec git "$@"\n`)
    chmodSync(join(folder, 'git'), 0o755)
    const missing = repository.run('scale', args, { PATH: folder })
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--pull-request needs GitHub')])
    const PATH = installGh(repository, '[ "$1" != auth ] || { echo "not logged in" >&2; exit 1; }')
    const loggedOut = repository.run('scale', args, { PATH })
    expect([loggedOut.code, loggedOut.stderr]).toEqual([2, expect.stringContaining('run `gh auth login`')])
    writeFileSync(join(repository.root, '.git', 'bin', 'gh'), '#!/bin/sh\n')
    const alone = repository.run('scale', args, { PATH })
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('no remote named origin')])
    expect(changedLines(repository)).toEqual([])
  })
})
