// npm run scale, as a person runs it on a tree.
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changedLines, createRepository, type TestRepository } from '../test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'

describe('scale', { timeout: 60_000 }, () => {
  let repository: TestRepository
  beforeAll(() => {
    repository = createRepository(afterAll)
  })

  test('a replicas change is one changed line, shown as Git and as the clusters take it', () => {
    const repository = createRepository()
    const { code, stdout, stderr } = repository.edit('scale', ['prod', '5'])
    expect(stderr).toBe(`written: ${PROD} (not committed)\n`)
    expect(code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
    const [edited = '', rendered = ''] = stdout.split('\n\n')
    expect(edited).toContain(`diff --git a/${PROD} b/${PROD}\n`)
    expect(edited).toContain('-    count: 3\n+    count: 5\n')
    expect(rendered.split('\n')).toEqual([
      'prod · flask-api-prod  overlays/prod  1 changed',
      '  ~ Deployment flask-api-deployment',
      `      spec.replicas  3 -> 5   ${PROD}:28`,
    ])
  })

  test('--dry-run writes nothing', () => {
    const { code, stdout } = repository.edit('scale', ['prod', '5', '--dry-run'])
    expect([code, changedLines(repository)]).toEqual([0, []])
    expect(stdout).toContain('spec.replicas  3 -> 5')
  })

  test('the number that is there already is not a change', () => {
    const { code, stdout, stderr } = repository.edit('scale', ['prod', '3'])
    expect([code, stdout, stderr]).toEqual([0, '', 'prod has 3 replicas of flask-api-deployment already\n'])
  })

  test.each([
    [['prud', '5'], 'no environment "prud"; did you mean prod?'],
    [['../prod', '5'], 'no environment "../prod". There are: dev, qa, prod\n'],
    [[], 'name an environment: dev, qa, prod'],
    [['prod'], 'say how many replicas in prod'],
    [['prod', '-1'], 'replicas are a whole number from 0\n'],
    [['prod', '1.5'], 'a whole number from 0 to 1000, or 3..10 for the bounds of an autoscaler, not "1.5"'],
    [['prod', '1001'], 'bounds of an autoscaler, not "1001"'],
    [['prod', '5', 'other'], 'no workload "other" in prod. There are: flask-api-deployment'],
    [['prod', '5', 'flask-api-deployment', 'x'], 'say how many replicas in x'],
    [['prod', '5', '--commit', '--pull-request'], 'exclude each other'],
    [['prod', '5', '--commit', '--dry-run'], '--dry-run writes nothing'],
  ])('%j is wrong usage', (args, message) => {
    const { code, stdout, stderr } = repository.edit('scale', args)
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
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('prod has several workloads, say which: flask-api-deployment, worker'),
    ])
    expect(repository.edit('scale', ['prod', '5', 'flask-api-deployment']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-    count: 3', '+    count: 5'])
  })

  test('is refused where an autoscaler decides', () => {
    const repository = createRepository()
    const text = repository.read(PROD)
    repository.write(PROD, text.replace('components:\n', 'components:\n  - ../../components/hpa/component\n'))
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
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
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('overlays/prod/nine.yaml:7 decides replicas')])
    expect(repository.read(PROD)).toContain('count: 3')
  })

  test('a count that is not a number, and breaks the rendering, is mended', () => {
    const repository = createRepository()
    repository.write(PROD, repository.read(PROD).replace('count: 3', "count: '3'"))
    const { code, stderr } = repository.edit('scale', ['prod', '3'])
    expect(code, stderr).toBe(0)
    expect(changedLines(repository)).toEqual([])
  })

  test('an environment that does not render is not touched', () => {
    const repository = createRepository()
    repository.write(PROD, repository.read(PROD).replace('  - namespace.yaml\n', '  - nowhere.yaml\n'))
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
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
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--commit'])
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^committed [0-9a-f]+ on main\n$/)])
    expect(repository.git('show', '--name-only', '--format=%s', 'HEAD')).toBe(
      `Scale flask-api-deployment in prod from 3 to 5\n\n${PROD}`,
    )
    expect(repository.git('status', '--porcelain')).toBe('M base/service.yaml\nA  new.txt')
  })

  test('--commit is refused over a change that is not committed, and in the middle of a merge', () => {
    const repository = createRepository()
    repository.write(PROD, `${repository.read(PROD)}# mine\n`)
    const dirty = repository.edit('scale', ['prod', '5', '--commit'])
    expect([dirty.code, dirty.stderr]).toEqual([1, expect.stringContaining(`${PROD}: not committed`)])
    repository.git('checkout', '--quiet', '--', '.')
    repository.write('.git/MERGE_HEAD', `${repository.git('rev-parse', 'HEAD')}\n`)
    const merging = repository.edit('scale', ['prod', '5', '--commit'])
    expect([merging.code, merging.stderr]).toEqual([
      1,
      '\na merge is under way\nWhat to do:\n  - git merge --continue finishes it, git merge --abort takes it back\n',
    ])
    expect(changedLines(repository)).toEqual([])
  })

  test('a commit that a hook refuses leaves files and index as they were', () => {
    const repository = createRepository()
    repository.write('.git/hooks/pre-commit', '#!/bin/sh\necho "not today" >&2\nexit 1\n')
    chmodSync(join(repository.root, '.git/hooks/pre-commit'), 0o755)
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--commit'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/Nothing is committed, and .* is as before\n {2}not today\n$/),
    ])
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('a hook that changes the file is told: what is committed is not what was shown', () => {
    const repository = createRepository()
    const said = 'a hook of Git changed'
    const quiet = repository.edit('scale', ['prod', '4', '--commit'])
    expect([quiet.code, quiet.stderr]).toEqual([0, expect.not.stringContaining(said)])
    const hook = '#!/bin/sh\nsed -i "s/count: 5/count: 55/" overlays/prod/kustomization.yaml\ngit add --all\n'
    repository.write('.git/hooks/pre-commit', hook)
    chmodSync(join(repository.root, '.git/hooks/pre-commit'), 0o755)
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--commit'])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^${said} ${PROD}: .*\\ncommitted \\w+ on main\\n$`)),
    ])
  })

  test('another git that is at work keeps it from the commit: told, and files are as they were', () => {
    const repository = createRepository()
    repository.write('.git/index.lock', '')
    const { code, stderr } = repository.edit('scale', ['prod', '5', '--commit'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/git add failed\. Nothing is committed, and .* is as before/),
    ])
    rmSync(join(repository.root, '.git/index.lock'))
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test.each([
    [['prod', '--replicas=5'], 'the number is a word, and no option'],
    [['prod5'], 'did you mean prod 5?'],
    [['5', 'prod'], 'the environment comes before the number'],
    [['overlay/prod', '5'], 'did you mean overlays/prod?'],
    [['flask-api-prod', '5'], 'did you mean prod?'],
    [['prod', '5.0'], 'or 3..10 for the bounds of an autoscaler, not "5.0"'],
  ])('%j says how it is written', (words, message) => {
    const repository = createRepository()
    const { code, stderr } = repository.edit('scale', words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(stderr).toContain('npm run scale -- prod 5')
  })

  test('an environment without its folder, and a root that is a file', () => {
    const repository = createRepository()
    expect(repository.edit('scale', ['prod', '5', '--root', join(repository.root, 'validation.yaml')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a folder'),
    })
    rmSync(join(repository.root, PROD))
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('has prod at overlays/prod, and no kustomization is there'),
    ])
  })

  test('a file that is not UTF-8, and one that is a link out of the repository, stay as they are', () => {
    const repository = createRepository()
    writeFileSync(join(repository.root, PROD), Buffer.from([0x61, 0x3a, 0xff]))
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([2, `\n${PROD} cannot be read: the file is not valid UTF-8\n`])
  })

  test('a component is not an environment', () => {
    const repository = createRepository()
    for (const path of ['validation.yaml', 'overlays/dev', 'overlays/qa']) repository.git('rm', '-rq', path)
    repository.git('mv', 'overlays/prod', 'production')
    repository.change('production/kustomization.yaml', '../../', '../', 'Move')
    repository.change('production/kustomization.yaml', '../../', '../', 'Move the rest')
    const { code, stderr } = repository.run('scale', ['--dry-run'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/name an environment: .*production/)])
    expect(stderr).not.toContain('pdb/component')
  })
})
