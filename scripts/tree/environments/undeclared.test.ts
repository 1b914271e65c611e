// A copied overlay is told, what merely lies beside the environments is not.
import { expect, test } from 'vitest'
import { findUndeclared } from './undeclared.ts'

const build = (folder: string, ...files: readonly string[]) => ({ folder, files: new Set(files) })
const environment = (name: string, folder: string, ...files: readonly string[]) => ({
  ...build(folder, ...files),
  environment: { name },
})

const DECLARED = [
  environment('dev', 'overlays/dev', 'base/web.yaml', 'overlays/dev/dev.yaml'),
  environment('qa', 'overlays/qa', 'base/web.yaml', 'components/budget.yaml'),
  environment('prod', 'overlays/prod', 'base/web.yaml', 'components/budget.yaml'),
]

test.each([
  ['reads what all of them read', build('overlays/staging', 'base/web.yaml'), true],
  ['reads what two of them read', build('overlays/staging', 'components/budget.yaml'), true],
  ['reads what one of them reads', build('overlays/dev-fix', 'overlays/dev/dev.yaml'), false],
  ['reads nothing of theirs', build('overlays/tools', 'tools.yaml'), false],
  ['lies elsewhere', build('examples/staging', 'base/web.yaml'), false],
  ['lies below one of them', build('overlays/dev/west', 'base/web.yaml'), false],
])('a build that %s', (_, other, isTold) => {
  expect(findUndeclared(DECLARED, [other])).toEqual(isTold ? [other.folder] : [])
})

test('two builds of one environment are one environment', () => {
  const regions = ['eu', 'us'].map(name => environment('prod', `prod/${name}`, 'base/web.yaml'))
  expect(findUndeclared(regions, [build('prod/asia', 'base/web.yaml')])).toEqual([])
})
