// npm run rollback, as a person runs it on a history.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changedLines, createRepository, type TestRepository } from '../test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'
const DEV = 'overlays/dev/kustomization.yaml'
const QA = 'overlays/qa/kustomization.yaml'

const changedSince = ({ git }: TestRepository, commit: string): readonly string[] =>
  git('diff', '--unified=0', commit, 'HEAD')
    .split('\n')
    .filter(line => /^[+-](?![+-])/.test(line))

describe('rollback', { timeout: 60_000 }, () => {
  function createHistory(): TestRepository {
    const repository = createRepository()
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Deploy v2 to prod')
    repository.change(PROD, 'newTag: v2', 'newTag: v3', 'Deploy v3 to prod')
    return repository
  }

  const run = (repository: TestRepository, ...more: readonly string[]) =>
    repository.edit('rollback', ['prod', '--commit', ...more])

  test('goes to the release before; again, to the one it left, as kubectl does', () => {
    const repository = createHistory()
    const first = run(repository)
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringMatching(/^back to the release of \S+, \w{10} \(Deploy v2 to prod\)\ncommitted \w+ on main\n$/),
    ])
    expect(first.stdout).toMatch(/containers\[flask-api-container\]\.image +flask-api:v3 -> flask-api:v2/)
    expect(repository.git('log', '-1', '--format=%s')).toMatch(/^Roll prod back to \w{10}: Deploy v2 to prod$/)
    expect(run(repository).code).toBe(0)
    expect(repository.read(PROD)).toContain('newTag: v3')
  })

  test('to any commit or tag, and not twice', () => {
    const repository = createHistory()
    repository.git('tag', 'first', 'HEAD~2')
    expect(run(repository, '--to', 'first').code).toBe(0)
    expect(repository.git('diff', '--stat', 'first', 'HEAD')).toBe('')
    const again = run(repository, '--to', 'first', '--detailed-exit-code')
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('prod renders what it rendered at')])
    expect(run(repository, '--to', 'nowhere').stderr).toContain('"nowhere" is neither a commit nor a tag here')
    expect(run(repository, '--to=-x').stderr).toContain('neither a commit')
  })

  test('believes no message', () => {
    const repository = createHistory()
    const good = repository.git('rev-parse', 'HEAD~1')
    repository.write(PROD, repository.read(PROD).replace('newTag: v3', 'newTag: v4'))
    repository.git('commit', '--quiet', '--all', `--message=Deploy v4\n\nThis reverts commit ${good}.`)
    expect(run(repository).code).toBe(0)
    expect(changedSince(repository, 'HEAD~1')).toEqual(['-    newTag: v4', '+    newTag: v3'])
  })

  test.each(['merge', 'squash'])('after a %s of the rollback there is nothing special', how => {
    const repository = createHistory()
    repository.git('checkout', '--quiet', '-b', 'topic')
    expect(run(repository).code).toBe(0)
    repository.git('checkout', '--quiet', 'main')
    if (how === 'merge') repository.git('merge', '--no-ff', '--message=Merge pull request #9', 'topic')
    else {
      repository.git('merge', '--squash', 'topic')
      repository.git('commit', '--quiet', '--message=Put it right (#9)')
    }
    repository.change(PROD, 'count: 3', 'count: 4', 'Give prod four')
    expect(run(repository).code).toBe(0)
    expect(repository.read(PROD)).toMatch(/newTag: v2[\s\S]*count: 3/)
    expect(run(repository, '--to', 'HEAD~2').code).toBe(0)
    expect(repository.read(PROD)).toMatch(/newTag: v2[\s\S]*count: 3/)
  })

  test('--image takes back the image alone', () => {
    const repository = createHistory()
    repository.change(PROD, 'count: 3', 'count: 4', 'Give prod four')
    expect(run(repository, '--image', '--to', 'HEAD~2').code).toBe(0)
    expect(changedSince(repository, 'HEAD~1')).toEqual(['-    newTag: v3', '+    newTag: v2'])
  })

  test('--image goes back to the registry, too, and says so', () => {
    const repository = createHistory()
    const moved = 'newName: mirror.example.com/flask-api\n    newTag: v4'
    repository.change(PROD, 'newTag: v3', moved, 'Use the mirror')
    const { code, stderr } = run(repository, '--image')
    expect([code, stderr]).toEqual([0, expect.stringContaining('the registry changes from mirror.example.com to none')])
    expect(repository.read(PROD)).not.toContain('mirror')
    expect(repository.read(PROD)).toContain('newTag: v3')
  })

  test('--list shows the releases and asks nothing', () => {
    const repository = createHistory()
    repository.change(PROD, '# Three:', '# Three replicas:', 'Say it better')
    repository.change(PROD, '- THREADS=16', '- THREADS=8 # promote', 'Fewer threads')
    const text = repository.run('rollback', ['prod', '--list'])
    expect([text.code, text.stderr]).toEqual([0, ''])
    expect(text.stdout.match(/^..\w{10} .*$/gm)).toEqual([
      expect.stringMatching(/^\* \w{10} {2}\S+ {2}Test {2}flask-api:v3 {2}flask-api-deployment=3 {2}THREADS=8$/),
      expect.stringContaining('flask-api:v3'),
      expect.stringContaining('flask-api:v2'),
      expect.stringContaining('flask-api:v1'),
    ])
    const { releases } = JSON.parse(repository.run('rollback', ['prod', '--list', '--format', 'json']).stdout)
    expect(releases[0]).toEqual({
      commit: repository.git('rev-parse', 'HEAD'),
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      author: 'Test',
      subject: 'Fewer threads',
      images: ['flask-api:v3'],
      replicas: ['flask-api-deployment=3'],
      settings: ['THREADS=8'],
    })
  })

  test('lines of others stay, and it is said', () => {
    const repository = createRepository()
    repository.change(PROD, 'newTag: v1', 'newTag: v2', 'Deploy v2 to prod')
    repository.write(PROD, repository.read(PROD).replace('newTag: v2', 'newTag: v3'))
    repository.change('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1', 'Deploy v3 and its limit')
    const { code, stderr } = run(repository)
    expect([code, stderr]).toEqual([0, expect.stringContaining('what changed since in base/kustomization.yaml stays')])
    expect(changedSince(repository, 'HEAD~1')).toEqual(['-    newTag: v3', '+    newTag: v2'])
    expect(run(repository, '--to', 'HEAD~2', '--all-environments').code).toBe(0)
    expect(repository.git('diff', '--stat', 'HEAD~3', 'HEAD')).toBe('')
  })

  test('works in a folder of a checkout', () => {
    const repository = createHistory()
    mkdirSync(join(repository.root, 'deploy'))
    for (const folder of ['overlays', 'base', 'components']) repository.git('mv', folder, `deploy/${folder}`)
    repository.git('commit', '--quiet', '--message=Move')
    repository.change(`deploy/${PROD}`, 'newTag: v3', 'newTag: v4', 'Deploy v4')
    const { code, stderr } = repository.edit('rollback', [
      'prod',
      '--commit',
      '--root',
      join(repository.root, 'deploy'),
    ])
    expect(code, stderr).toBe(0)
    expect(changedSince(repository, 'HEAD~1')).toEqual(['-    newTag: v4', '+    newTag: v3'])
  })

  test('a clone that is behind its remote is refused', () => {
    const repository = createHistory()
    repository.git('init', '--quiet', '--bare', '--initial-branch=main', '.git/remote.git')
    repository.git('remote', 'add', 'origin', '.git/remote.git')
    repository.git('push', '--quiet', '--set-upstream', 'origin', 'main')
    expect(repository.edit('rollback', ['prod', '--dry-run']).stderr).not.toContain('behind')
    repository.git('reset', '--quiet', '--hard', 'HEAD~1')
    const { code, stderr } = run(repository)
    expect([code, stderr]).toEqual([1, expect.stringContaining('this clone is behind origin/main')])
    expect(run(repository, '--force').code).toBe(0)
    repository.git('remote', 'set-url', 'origin', '.git/nowhere.git')
    expect(repository.edit('rollback', ['prod']).stderr).toContain(
      'origin cannot be asked whether it has newer commits',
    )
  })

  test('without --commit the files are put back and nothing is committed', () => {
    const repository = createHistory()
    expect(repository.edit('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    newTag: v3', '+    newTag: v2'])
    expect(repository.git('log', '-1', '--format=%s')).toBe('Deploy v3 to prod')
  })

  test('passes over what is not rendered and keeps what came later', () => {
    const repository = createHistory()
    repository.change(PROD, '# Three:', '# Three replicas:', 'Say it better')
    repository.change('overlays/dev/kustomization.yaml', 'newTag: v1', 'newTag: v4', 'Deploy v4 to dev')
    expect(repository.edit('rollback', ['prod']).code).toBe(0)
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
    expect(repository.edit('rollback', ['prod', '--commit']).code).toBe(0)
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
    expect(repository.edit('rollback', ['prod']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    newTag: v2', '+    newTag: v1', '-    count: 4', '+    count: 3'])
  })

  test('what other environments read too needs a word more', () => {
    const repository = createRepository()
    repository.change('base/kustomization.yaml', 'MAX_TEXT_CHARS=10000', 'MAX_TEXT_CHARS=1', 'Shorten texts')
    const refused = repository.edit('rollback', ['prod'])
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/in base\/kustomization\.yaml, which .*overlays\/dev.* read too/),
    ])
    expect(changedLines(repository)).toEqual([])
    expect(repository.edit('rollback', ['prod', '--all-environments']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-      - MAX_TEXT_CHARS=1', '+      - MAX_TEXT_CHARS=10000'])
  })

  test('a file that the change added goes again', () => {
    const repository = createRepository()
    repository.write('overlays/prod/extra.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n')
    repository.change(PROD, '  - namespace.yaml\n', '  - namespace.yaml\n  - extra.yaml\n', 'Add a ConfigMap')
    const { code, stdout } = repository.edit('rollback', ['prod', '--commit'])
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
      const { code, stderr } = repository.edit('rollback', ['prod', '--commit'])
      expect(code, stderr).toBe(0)
      expect(repository.git('show', '--name-only', '--format=', 'HEAD')).toBe(PROD)
    })

    test('the component goes when nothing else reads it', () => {
      const repository = createWithComponent()
      repository.git('rm', '--quiet', '-r', 'components/quota/example')
      repository.git('commit', '--quiet', '--message=Do without the example')
      const { code, stderr } = repository.edit('rollback', ['prod', '--commit'])
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
      const { code, stderr } = repository.edit('rollback', ['prod'])
      expect([code, stderr]).toEqual([1, expect.stringContaining('components/quota/example would not render')])
      expect(changedLines(repository)).toEqual([])
    })
  })

  test('of an environment that never rendered here it is said why', () => {
    const repository = createRepository()
    repository.write('overlays/prod/kustomization.yaml', 'resources: [https://example.com/prod.yaml]\n')
    repository.git('commit', '--quiet', '--all', '--amend', '--no-edit')
    const { code, stderr } = repository.edit('rollback', ['prod'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/no commit here has overlays\/prod rendered, .*is remote/),
    ])
  })

  test('is refused over changes that are not committed, and in a shallow clone', () => {
    const repository = createHistory()
    repository.write('overlays/prod/namespace.yaml', '# mine\n')
    const dirty = repository.edit('rollback', ['prod'])
    expect([dirty.code, dirty.stderr]).toEqual([
      1,
      expect.stringContaining('overlays/prod/namespace.yaml: not committed'),
    ])
    repository.git('checkout', '--quiet', '--', '.')
    repository.write('.git/shallow', `${repository.git('rev-parse', 'HEAD')}\n`)
    const shallow = repository.edit('rollback', ['prod'])
    expect([shallow.code, shallow.stderr]).toEqual([2, expect.stringContaining('git fetch --unshallow')])
  })
})
