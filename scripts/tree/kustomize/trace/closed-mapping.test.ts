// A long mapping is read when somebody looks into it, and says the same as one that was read at once.
import { expect, test } from 'vitest'
import { SourceFile } from '../../source/source-file.ts'
import { readFile } from './read.ts'
import { snapshot } from './step.ts'
import { rangeOfSpan } from './text.ts'
import { clone, ClosedMapping, entriesOf, fieldOf, type Mapping, scalar, setField, textAt, toValue } from './value.ts'

const fields = Array.from({ length: 6_000 }, (_, index) => `    f${index}: { type: string, text: "${index}" }\n`).join(
  '',
)
const text = `kind: Long\nspec:\n  long:\n${fields}  after: yes\nlast:\n`
const read = (content: string): Mapping =>
  readFile(new SourceFile('a.yaml', new TextEncoder().encode(content)), 'resource', 0)[0] as Mapping

test('it has the values and the places of the file', () => {
  const root = read(text)
  const spec = fieldOf(root, 'spec')
  expect(spec).toBeInstanceOf(ClosedMapping)
  expect((spec as ClosedMapping).isOpen).toBe(false)
  const file = new SourceFile('a.yaml', new TextEncoder().encode(text))
  expect(toValue(root)).toEqual(file.parse('kustomize').documents[0])
  expect((spec as ClosedMapping).isOpen).toBe(false)
  for (const path of [['spec', 'long', 'f5999', 'text'], ['spec', 'after'], ['last']]) {
    let node: ReturnType<typeof fieldOf> = root
    for (const name of path) node = fieldOf(node, name)
    const { at } = node?.origin ?? root.origin
    const { line, column } = file.rangeOf(0, path)
    const found = rangeOfSpan(at.text, at, false)
    expect({ line: found.line, column: found.column }, path.join('/')).toEqual({ line, column })
  }
})

test('what it says is noted without opening it', () => {
  const root = read(text)
  expect(snapshot(root)).toEqual({ text: JSON.stringify(toValue(root)), leaves: 1 + 2 * 6_000 + 2 })
  expect((fieldOf(root, 'spec') as ClosedMapping).isOpen).toBe(false)
})

test('a copy changes by itself', () => {
  const root = read(text)
  const copy = clone(root)
  const long = fieldOf(fieldOf(copy, 'spec'), 'long') as Mapping
  setField(long, 'f1', scalar('other', root.origin))
  expect(textAt(copy, 'spec', 'long', 'f1')).toBe('other')
  expect(textAt(root, 'spec', 'long', 'f1', 'text')).toBe('1')
  expect(textAt(clone(copy), 'spec', 'long', 'f1')).toBe('other')
})

test('what an anchor or an alias ties to the rest is read at once', () => {
  for (const content of [text.replace('f7: {', 'f7: &f {'), `a: &f x\n${text.replace('"7"', '*f')}`]) {
    const spec = fieldOf(read(content), 'spec') as Mapping
    expect(spec).not.toBeInstanceOf(ClosedMapping)
    expect(entriesOf(fieldOf(spec, 'long') as Mapping).size).toBe(6_000)
  }
})
