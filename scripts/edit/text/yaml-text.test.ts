// What is said of a file that cannot be read, and shapes that Go's reader takes.
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { setImage } from './kustomization/images.ts'
import { setReplicas } from './kustomization/replicas.ts'
import { readYaml } from './yaml-text.ts'

test.each([
  ['namespace: x\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> b\n', 'f.yaml:2:1: a merge conflict was left in the file'],
  ['# why\n---\na: 1\n---\nb: 2\n', 'f.yaml:4:1: a second document begins here (`---`), and a kustomization is one'],
  ['---\n---\na: 1\n', 'f.yaml:2:1: a second document begins here'],
  ['a: 1\na: 2\n', 'f.yaml:2:1: a key is written twice'],
  ['- a\n', 'f.yaml: a mapping is expected'],
])('%j', (text, message) => {
  expect(() => readYaml('f.yaml', text)).toThrow(message)
})

test('a position is said once', () => {
  try {
    readYaml('f.yaml', 'a: "x\nb: 1\n')
  } catch (error) {
    expect((error as Error).message).toMatch(/^f\.yaml:\d+:\d+: (?!.*line \d)/)
    return
  }
  throw new Error('it was read')
})

test.each([
  '---\nimages:\n  - name: a\n    newTag: v1\n',
  ...['---', '---\n', '---\n# the end\n', '--- # the end', '---\n---\n', '...\n', '...\n---\nnull\n'].map(
    end => `images:\n  - name: a\n    newTag: v1\n${end}`,
  ),
  'images:\r\n  - name: a\r\n    newTag: v1\r\n---\r\n',
  'images: [\n{name: a, newTag: v1}\n]\nnamespace: x\n',
  'images: [\n  {\n    name: a,\n    newTag: v1\n}\n]\n',
  'images: [\n  {name: a, newTag: v1},\n  # why\n]\n',
  'images: [\n  {name: a, newTag: v1}, # why, and a ]\n]\nnamespace: x\n',
  'images: [\n  {\n    name: a,\n    newTag: v1 # not "v0"\n  # why\n},\n# in column 1\n# twice\n]\n',
  'images: [\r\n  {name: a, newTag: v1},\r\n  # why\r\n]\r\nnamespace: x\r\n',
  'resources: ["a # b",\n  # why\n]\nimages: [{name: a, newTag: v1}]\n',
])('%j is edited', text => {
  const edited = setImage('f.yaml', text, 'a', { newTag: 'v2' })
  expect(edited).toBe(text.replace('v1', 'v2'))
})

test('a bracket in column 1 is edited with what stands around it', () => {
  const text = 'replicas: [\n  {name: a, count: 1}\n]\n# tail\nnamespace: x\n'
  expect(setReplicas('f.yaml', text, 'a', 2)).toBe(text.replace('count: 1', 'count: 2'))
})

test('a comment beside the first pair of an entry stays when the pair goes', () => {
  const text = 'images:\n  - newTag: v1 # set by CI\n    name: a\n'
  const edited = setImage('f.yaml', text, 'a', { digest: `sha256:${'a'.repeat(64)}` })
  expect(edited).toContain('# set by CI')
  expect(parse(edited)).toEqual({ images: [{ name: 'a', digest: `sha256:${'a'.repeat(64)}` }] })
})

test('what is added goes before a `---` that ends the file', () => {
  const text = 'namespace: x\n---\n'
  expect(setReplicas('f.yaml', text, 'a', 2)).toBe('namespace: x\n\nreplicas:\n  - name: a\n    count: 2\n---\n')
  const list = 'replicas:\n  - name: a\n    count: 1\n---\n# the end\n'
  expect(setReplicas('f.yaml', list, 'b', 2)).toBe(list.replace('1\n', '1\n  - name: b\n    count: 2\n'))
})

test.each(['"v1"', "'v1'", 'v1'])('the quotes of %s stay', written => {
  const text = `images:\n  - name: a\n    newTag: ${written} # CI\n`
  expect(setImage('f.yaml', text, 'a', { newTag: 'v2' })).toBe(text.replace('v1', 'v2'))
  expect(parse(setImage('f.yaml', text, 'a', { newTag: '1.10' }))).toEqual({ images: [{ name: 'a', newTag: '1.10' }] })
})
