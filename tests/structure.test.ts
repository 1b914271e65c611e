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

/** What a fault is known by is data: a kind in a word and words of the tree, never the sentence, which may be reworded. */
const listSentences = (text: string): readonly string[] =>
  [...text.matchAll(/\bvalues(?:: About =|:) \[([^\]]*)\]/g)]
    .map(([, items = '']) => items)
    .filter(items => /\b(?:message|say|says|hint|reason|explanation)\b|(['"`])[A-Za-z]+ [^'"`]*\1/.test(items))

test('no fault is known by its sentence', () => {
  const found = listModules(SCRIPTS)
    .filter(path => /^(?:tree|validate)\//.test(path))
    .flatMap(path => listSentences(readFileSync(join(SCRIPTS, path), 'utf8')).map(items => `${path}: ${items}`))
  expect(found).toEqual([])
})

test.each([
  ['yield { message, values: [message], places }', 1],
  ['yield { message, values: [policy.name, message], places }', 1],
  ["const values: About = ['odd-name', name]", 0],
  ["const values: About = ['odd-name', message]", 1],
  ["yield { message, values: ['a secret by its name'], places }", 1],
  ['yield { message, values: [kind, name], places }', 0],
])('%s', (text, sentences) => {
  expect(listSentences(text)).toHaveLength(sentences)
})

/** Whoever asks a fault's sentence decides by its wording: what is asked belongs into a field of the fault. */
const ASKED = /\bmessage\.(?:includes|startsWith|endsWith|match)\(|\.(?:test|exec)\((?:\w+\.)?message\b/

/** What a person or another program wrote can only be read; reports lay sentences out; a number is shown as it is written. */
const READERS: readonly string[] = [
  'tree/argocd/applicationset/go-template.ts',
  'tree/argocd/source/chart-source.ts',
  'tree/helm/template.ts',
  'validate/findings/gather.ts',
  'validate/policies/expression.ts',
  'validate/policies/named-field.ts',
  'validate/report/github.ts',
  'validate/report/group.ts',
  'validate/report/sarif.ts',
  'validate/schema/api/cel/check.ts',
  'validate/schema/api/cel/environment.ts',
]

test('nothing is decided by what a fault says', () => {
  const asking = listModules(SCRIPTS)
    .filter(path => /^(?:tree|validate)\//.test(path))
    .filter(path => ASKED.test(readFileSync(join(SCRIPTS, path), 'utf8')))
  expect(asking.sort()).toEqual(READERS)
})
