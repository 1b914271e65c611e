// The rooms of scripts/ and who may stand on whom: arrows go down only.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT } from './tree.ts'

const SCRIPTS = join(PROJECT, 'scripts')

/** Which rooms a room may import; its own is always allowed. The longest name that fits a file is its room. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'tree/model': [],
  'tree/source': ['tree/model'],
  tree: ['tree/model', 'tree/source', 'command/problem.ts', 'versions.ts'],
  'command/problem.ts': [],
  command: ['command/problem.ts'],
  validate: ['tree', 'tree/model', 'tree/source', 'command', 'command/problem.ts', 'versions.ts'],
  edit: ['tree', 'tree/model', 'tree/source', 'command', 'command/problem.ts', 'versions.ts'],
  cluster: ['tree', 'tree/model', 'tree/source', 'command', 'command/problem.ts', 'versions.ts'],
  diff: ['tree', 'tree/model', 'tree/source', 'command', 'command/problem.ts', 'versions.ts'],
  why: ['tree', 'tree/model', 'tree/source', 'command', 'command/problem.ts'],
  'versions.ts': [],
}

/** A test may use what is above it: it is nobody's ground. So may a command, which is a file beside the rooms. */
const listModules = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.split(sep).join('/'))
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('fixtures/'))

const roomOf = (path: string): string | undefined =>
  Object.keys(ROOMS)
    .filter(room => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]

/** Imports that no room of `path` may have, as `from -> to`. */
function findWrongArrows(path: string, text: string): readonly string[] {
  const room = roomOf(path)
  if (room === undefined) return []
  const allowed = [room, ...(ROOMS[room] ?? [])]
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)].flatMap(([, target = '']) => {
    const to = relative(SCRIPTS, resolve(SCRIPTS, dirname(path), target))
      .split(sep)
      .join('/')
    const other = roomOf(to)
    return other !== undefined && allowed.includes(other) ? [] : [`${path} -> ${to}`]
  })
}

test('arrows go down only', () => {
  const modules = listModules(SCRIPTS)
  expect(modules.length).toBeGreaterThan(100)
  const wrong = modules.flatMap(path => findWrongArrows(path, readFileSync(join(SCRIPTS, path), 'utf8')))
  expect(wrong).toEqual([])
})

test.each([
  ['tree/model/build.ts', '../source/folder.ts'],
  ['tree/engine.ts', '../validate/run.ts'],
  ['validate/run.ts', '../edit/scale.ts'],
  ['cluster/smoke.ts', '../validate/run.ts'],
  ['command/frame.ts', '../tree/engine.ts'],
])('%s may not import %s', (path, target) => {
  expect(findWrongArrows(path, `import { x } from '${target}'`)).toHaveLength(1)
})
