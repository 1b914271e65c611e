// npm run promote, as a person runs it on a tree.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changedLines, createRepository, type TestRepository } from '../test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'
const DEV = 'overlays/dev/kustomization.yaml'
const QA = 'overlays/qa/kustomization.yaml'
const DIGEST = `sha256:${'ab'.repeat(32)}`

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
    const { code, stdout } = repository.edit('promote', ['dev', 'qa'])
    expect(code).toBe(0)
    expect(changedLines(repository)).toEqual([
      '-    newTag: v1',
      '+    newTag: v2',
      `+    digest: ${DIGEST}`,
      '+      - MAX_TEXT_CHARS=20000 # promote',
    ])
    expect(stdout).toMatch(/data\.MAX_TEXT_CHARS +"10000" -> "20000"/)
    expect(stdout).toContain(`flask-api:v1 -> flask-api:v2@${DIGEST}`)
    expect(repository.edit('promote', ['dev', 'qa']).stderr).toBe(
      'qa runs what dev runs already: flask-api:v2@sha256:abababababab\n',
    )
    expect(repository.edit('promote', ['qa', 'prod']).code).toBe(0)
    expect(repository.read(PROD)).toContain('      - MAX_TEXT_CHARS=20000 # promote\n')
  })

  test('a source that is not committed is not committed as a target', () => {
    const repository = createRepository()
    repository.write(DEV, repository.read(DEV).replace('newTag: v1', 'newTag: wip'))
    const { code, stderr } = repository.edit('promote', ['dev', 'qa', '--commit'])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${DEV}: not committed`)])
    expect(changedLines(repository)).toEqual(['-    newTag: v1', '+    newTag: wip'])
  })

  test('what the source has no more goes', () => {
    const repository = createRepository()
    repository.change(QA, '- ENVIRONMENT=qa', '- ENVIRONMENT=qa\n      - OLD=1 # promote', 'Set OLD')
    expect(repository.edit('promote', ['dev', 'qa']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-      - OLD=1 # promote'])
  })

  test('--image sets what a build gives, by digest', () => {
    const repository = createRepository()
    const image = `ghcr.io/acme/flask-api:3f9c2a1@${DIGEST}`
    const { code, stderr } = repository.edit('promote', ['--image', image, 'dev'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^the registry changes from none \(.*\) to ghcr\.io\/acme in dev\n/)
    expect(changedLines(repository)).toEqual([
      '-    newTag: v1',
      '+    newName: ghcr.io/acme/flask-api',
      '+    newTag: 3f9c2a1',
      `+    digest: ${DIGEST}`,
    ])
    expect(repository.edit('promote', ['--image', image, 'dev']).stderr).toBe(
      'dev runs ghcr.io/acme/flask-api:3f9c2a1@sha256:abababababab already\n',
    )
    expect(repository.edit('promote', ['--image', 'flask-api:v3', 'dev']).stderr).toContain('from ghcr.io/acme to none')
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
    const { code, stderr } = repository.edit('promote', args)
    expect([code, stderr, changedLines(repository)]).toEqual([2, expect.stringContaining(message), []])
  })

  test('a tag that is a commit is shown as Git shows it', () => {
    const image = `ghcr.io/acme/flask-api:${'1a'.repeat(20)}@${DIGEST}`
    const { stdout } = repository.run('promote', ['--image', image, 'dev', '--dry-run', '--format', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'shown', message: 'Deploy flask-api:1a1a1a1a1a to dev' })
  })

  test('an image that the environment does not have is refused', () => {
    const { code, stderr } = createRepository().edit('promote', ['--image', 'nginx:1.29', 'dev'])
    expect([code, stderr]).toEqual([1, '\nnothing in dev runs nginx. It runs: flask-api:v1\n'])
  })
})

describe('promote, in an order', { timeout: 60_000 }, () => {
  const runV2 = (repository: TestRepository, ...files: readonly string[]): void => {
    for (const file of files) repository.change(file, 'newTag: v1', 'newTag: v2', `Deploy v2 in ${file}`)
  }

  test('what skips an environment, goes back, or never ran before is refused, and forced it is said', () => {
    const repository = createRepository()
    runV2(repository, DEV)
    const skip = repository.edit('promote', ['dev', 'prod'])
    expect([skip.code, skip.stderr]).toEqual([1, expect.stringContaining('prod is promoted from dev, which skips qa')])
    expect(skip.stderr).toContain('flask-api:v2 never ran in qa, which comes before prod')
    expect(repository.edit('promote', ['prod', 'dev']).stderr).toContain('prod comes after dev: this goes back')
    expect(repository.edit('promote', ['--image', 'flask-api:v9', 'qa']).stderr).toContain('never ran in dev')
    expect(changedLines(repository)).toEqual([])
    const forced = repository.edit('promote', ['dev', 'prod', '--force'])
    expect([forced.code, forced.stderr]).toEqual([
      0,
      expect.stringMatching(/^prod is promoted from dev, which skips qa\n/),
    ])
  })

  test('what ran in the environment before, and does not any more, may be promoted', () => {
    const repository = createRepository()
    runV2(repository, DEV)
    repository.change(DEV, 'newTag: v2', 'newTag: v3', 'Deploy v3 to dev')
    expect(repository.edit('promote', ['--image', 'flask-api:v2', 'qa']).code).toBe(0)
  })

  test('several at once', () => {
    const repository = createRepository()
    runV2(repository, DEV)
    const { code, stderr } = repository.edit('promote', ['dev', 'qa', 'prod', '--force', '--commit'])
    expect(code, stderr).toBe(0)
    expect(repository.git('show', '--name-only', '--format=%s', 'HEAD')).toBe(
      `Promote dev to qa and prod: flask-api:v2\n\n${PROD}\n${QA}`,
    )
  })

  test('the commits between two images are in the message; an image that goes back is refused', () => {
    const repository = createRepository()
    const [first, second] = ['One', 'Two'].map(subject => {
      repository.write('app.txt', subject)
      repository.git('add', '--all')
      repository.git('commit', '--quiet', `--message=${subject}`)
      return repository.git('rev-parse', 'HEAD')
    })
    repository.change(QA, 'newTag: v1', `newTag: ${first}`, 'Deploy one')
    repository.change(DEV, 'newTag: v1', `newTag: ${second}`, 'Deploy two')
    expect(repository.edit('promote', ['dev', 'qa', '--commit']).code).toBe(0)
    expect(repository.git('log', '-1', '--format=%b')).toMatch(
      /^Commits of flask-api from \w{10} to \w{10}: 1\n\n {2}\w+ Two$/,
    )
    const back = repository.edit('promote', ['--image', `flask-api:${first}`, 'dev'])
    expect([back.code, back.stderr]).toEqual([1, expect.stringMatching(/flask-api goes back from \w{10} to \w{10}/)])
  })
})

describe('promote, where something else decides', { timeout: 60_000 }, () => {
  test("the target's registry stays", () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', `newName: ghcr.io/acme/flask-api\n    newTag: v2`, 'Deploy v2')
    repository.change(QA, 'newTag: v1', 'newName: mirror.example.com/flask-api\n    newTag: v1', 'Use the mirror')
    const { code, stderr } = repository.edit('promote', ['dev', 'qa'])
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('registry')])
    expect(changedLines(repository)).toEqual(['-    newTag: v1', '+    newTag: v2'])
    const named = repository.edit('promote', ['--image', 'ghcr.io/acme/flask-api:v2', 'qa'])
    expect(named.stderr).toMatch(/^the registry changes from mirror\.example\.com to ghcr\.io\/acme in qa\n/)
  })

  test('validation.yaml names the registry of an environment that has none yet', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', `newName: ghcr.io/acme/flask-api\n    newTag: v2`, 'Deploy v2')
    repository.change(
      'validation.yaml',
      '[overlays/qa]',
      '[overlays/qa]\n      registries: [mirror.example.com]',
      'Map',
    )
    expect(repository.edit('promote', ['dev', 'qa']).code).toBe(0)
    expect(repository.read(QA)).toContain('    newName: mirror.example.com/flask-api\n    newTag: v2\n')
  })

  test('a patch that decides the image is where it is changed', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', 'newTag: v2', 'Deploy v2')
    const patch = (image: string): string =>
      `patches:\n  - target:\n      kind: Deployment\n    patch: |-\n      - op: replace\n        path: /spec/template/spec/containers/0/image\n        value: ${image}\n`
    const text = repository.read(QA).replace(/images:[\s\S]*?newTag: v1\n\n/, '')
    repository.write(QA, text.replace('patches:\n', patch('registry.example.com/flask-api:v1')))
    repository.git('commit', '--quiet', '--all', '--message=Patch')
    const { code, stderr } = repository.edit('promote', ['dev', 'qa'])
    expect(code, stderr).toBe(0)
    expect(changedLines(repository)).toEqual([
      '-        value: registry.example.com/flask-api:v1',
      '+        value: registry.example.com/flask-api:v2',
    ])
  })

  test('what is not an image is refused, and is not taken for what runs already', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', "newTag: '.5'", 'Slip')
    const { code, stderr } = repository.edit('promote', ['dev', 'qa'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/dev has "flask-api:\.5" for .* which is not an image/)])
    expect(changedLines(repository)).toEqual([])
  })

  test('a patch that is written as JSON', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', 'newTag: v2', 'Deploy v2')
    const json =
      '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"mine.example.com/flask-api:v1"}]\n'
    const patch = 'patches:\n  - path: image.json\n    target:\n      kind: Deployment\n'
    const text = repository.read(QA).replace(/images:[\s\S]*?newTag: v1\n\n/, '')
    repository.write(QA, text.replace('patches:\n', patch))
    repository.write('overlays/qa/image.json', json)
    repository.git('add', '--all')
    repository.git('commit', '--quiet', '--message=Patch')
    const { code, stderr } = repository.edit('promote', ['dev', 'qa'])
    expect(code, stderr).toBe(0)
    expect(repository.read('overlays/qa/image.json')).toBe(json.replace(':v1', ':v2'))
  })

  test('an entry of images in a component is changed there, where no other environment reads it', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', 'newTag: v2', 'Deploy v2')
    const text = repository.read(QA).replace(/images:[\s\S]*?newTag: v1\n\n/, '')
    const path = 'components/image/kustomization.yaml'
    const component =
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n  - name: flask-api\n    newTag: v1 # CI\n'
    repository.write(path, component)
    repository.write(QA, text.replace('components:\n', 'components:\n  - ../../components/image\n'))
    repository.git('add', '--all')
    repository.git('commit', '--quiet', '--message=Component')
    const { code, stderr } = repository.edit('promote', ['dev', 'qa', '--commit'])
    expect(code, stderr).toBe(0)
    expect(repository.read(path)).toBe(component.replace('v1 #', 'v2 #'))
    repository.change(PROD, 'components:\n', 'components:\n  - ../../components/image\n', 'Share it')
    const shared = repository.edit('promote', ['--image', 'flask-api:v3', 'qa', '--force'])
    expect([shared.code, shared.stderr]).toEqual([1, expect.stringContaining(`${path}:5 decides the image`)])
  })

  test('whole entries travel by a mark, with their files, and go again', () => {
    const repository = createRepository()
    repository.write(
      'overlays/dev/patches/grace.yaml',
      '- op: add\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 40\n',
    )
    repository.write('overlays/dev/key.pub', 'key\n')
    repository.change(
      DEV,
      'patches:\n',
      `secretGenerator:
  - name: model-key # promote
    files:
      - key.pub

components:
  - ../../components/pdb/component # promote

patches:
  - path: patches/grace.yaml # promote
    target:
      kind: Deployment
`,
      'More',
    )
    repository.write(QA, repository.read(QA).replace(/components:\n(?: {2}- .*\n)+\n/, ''))
    repository.git('commit', '--quiet', '--all', '--message=Fewer')
    const { code, stderr, stdout } = repository.edit('promote', ['dev', 'qa', '--commit'])
    expect(code, stderr).toBe(0)
    expect(stdout).not.toContain(Buffer.from('key\n').toString('base64'))
    expect(repository.git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual([
      'overlays/qa/key.pub',
      QA,
      'overlays/qa/patches/grace.yaml',
    ])
    for (const entry of [
      '  - name: model-key # promote\n',
      '  - ../../components/pdb/component # promote\n',
      '  - path: patches/grace.yaml # promote\n',
    ]) {
      expect(repository.read(QA)).toContain(entry)
    }
    expect(repository.edit('promote', ['dev', 'qa', '--detailed-exit-code']).code).toBe(4)
    repository.change(DEV, '  - ../../components/pdb/component # promote\n', '', 'Less')
    repository.change(DEV, 'components:\n', '', 'Less')
    expect(repository.edit('promote', ['dev', 'qa']).code).toBe(0)
    expect(repository.read(QA)).not.toContain('components/pdb')
  })

  test('marks that nothing comes of are said', () => {
    const repository = createRepository()
    repository.change(DEV, 'newTag: v1', 'newTag: v2', 'Deploy v2')
    const text = repository.read(DEV)
    repository.write(
      DEV,
      text
        .replace('      - THREADS=4', '      # promote\n      - THREADS=4')
        .replace('    newTag: v2', '    newTag: v2 # promote'),
    )
    repository.git('commit', '--quiet', '--all', '--message=Marks')
    const { stderr } = repository.edit('promote', ['dev', 'qa'])
    expect(stderr.match(/:\d+: the mark "# promote" is not heeded/g)).toHaveLength(2)
  })
})
