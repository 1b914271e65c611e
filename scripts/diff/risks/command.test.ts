import { expect, test } from 'vitest'
import { createRepository } from '../../edit/test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'

test('a danger is shown first, with its line, and fails where it is asked to', () => {
  const repository = createRepository()
  repository.write(PROD, repository.read(PROD).replace('count: 3', 'count: 0'))
  const run = (...args: string[]) => repository.run('diff', ['HEAD', ...args])
  const shown = run()
  const line = `danger  Deployment flask-api-deployment is scaled to no replica: nobody answers any more  downtime-by-strategy  prod  ${PROD}:28`
  expect({ code: shown.code, first: shown.stdout.split('\n')[0] }).toEqual({ code: 0, first: line })
  expect(['danger', 'caution', 'never'].map(level => run('--fail-on', level).code)).toEqual([1, 1, 0])
  expect(run('--fail-on', 'all')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown level all') })
})

test('a change without a risk has none', () => {
  const repository = createRepository()
  repository.write(PROD, repository.read(PROD).replace('count: 3', 'count: 4'))
  const { code, stdout } = repository.run('diff', ['HEAD', '--fail-on', 'caution', '--format', 'json'])
  expect({ code, risks: JSON.parse(stdout).risks }).toEqual({ code: 0, risks: [] })
})
