// Recipes are anybody's text: reading them takes a time that grows with their length, and no more.
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { openFolder } from './source/folder.ts'
import { findMade } from './recipes.ts'

const folder = useFolder('recipes')

test.each(['cp ', 'tee/', 'mkdir ', ' -o', '> ', '>a/', '\n', '\nrun:', '$(cp '])('a script of %j', text => {
  const path = text.startsWith('\n') ? 'steps.yml' : 'make.sh'
  folder.write(path, text.repeat(200_000 / text.length))
  const start = performance.now()
  expect(findMade(openFolder(folder.root), [path])('web/made.yaml')).toBe(false)
  expect(performance.now() - start).toBeLessThan(2000)
})
