// Patterns in Kubernetes schemas are RE2's: other flags, other classes and no backtracking. This reads their syntax as
// Go's regexp/syntax does.

import {
  type CharacterTest,
  ignoringCase,
  namedClass,
  oneOf,
  PatternError,
  range,
  UnsupportedPattern,
  unicodeClass,
} from './re2-classes.ts'

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary'

export type PatternNode =
  | { readonly type: 'character'; readonly test: CharacterTest }
  | { readonly type: 'assertion'; readonly at: Assertion }
  | { readonly type: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number }

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
}

/** A place in the pattern, one entry a code point. */
interface Cursor {
  readonly text: readonly string[]
  at: number
}

const maxDepth = 200
const controls: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 }
const assertions: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-boundary',
  B: 'no-word-boundary',
}

/** Throws PatternError. */
export function parsePattern(source: string): PatternNode {
  const cursor: Cursor = { text: [...source], at: 0 }
  const node = readChoice(cursor, { i: false, m: false, s: false }, 0)
  if (cursor.at < cursor.text.length) throw new PatternError('unexpected )')
  return node
}

function accept(cursor: Cursor, word: string): boolean {
  for (let index = 0; index < word.length; index++) if (cursor.text[cursor.at + index] !== word[index]) return false
  cursor.at += word.length
  return true
}

function next(cursor: Cursor): string {
  const character = cursor.text[cursor.at++]
  if (character === undefined) throw new PatternError('unexpected end')
  return character
}

function readUntil(cursor: Cursor, end: string): string {
  let read = ''
  while (!accept(cursor, end)) read += next(cursor)
  return read
}

function readChoice(cursor: Cursor, outer: Flags, depth: number): PatternNode {
  if (depth > maxDepth) throw new UnsupportedPattern('nested too deeply')
  const choices: PatternNode[] = []
  let flags = outer
  let nodes: PatternNode[] = []
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== ')') {
    if (accept(cursor, '|')) {
      choices.push({ type: 'sequence', nodes })
      nodes = []
    } else if (accept(cursor, '\\Q')) {
      const quoted = readQuoted(cursor).map(character => literal(character, flags))
      const last = quoted.pop()
      nodes.push(...quoted, ...(last ? [readRepeats(cursor, last)] : []))
    } else if (accept(cursor, '(?P<') || accept(cursor, '(?<')) {
      readUntil(cursor, '>')
      nodes.push(readRepeats(cursor, readGroup(cursor, flags, depth)))
    } else if (accept(cursor, '(?')) {
      const changed = readFlags(cursor, flags)
      if (next(cursor) === ')') {
        // In Go a repetition here is one of what stands before.
        if (readCounts(cursor)) throw new UnsupportedPattern('a repetition of flags')
        flags = changed
      } else nodes.push(readRepeats(cursor, readGroup(cursor, changed, depth)))
    } else if (accept(cursor, '(')) nodes.push(readRepeats(cursor, readGroup(cursor, flags, depth)))
    else nodes.push(readRepeats(cursor, readAtom(cursor, flags)))
  }
  choices.push({ type: 'sequence', nodes })
  return choices.length === 1 ? (choices[0] as PatternNode) : { type: 'choice', nodes: choices }
}

function readGroup(cursor: Cursor, flags: Flags, depth: number): PatternNode {
  const node = readChoice(cursor, flags, depth + 1)
  if (!accept(cursor, ')')) throw new PatternError('missing )')
  return node
}

/** The letters of `(?i-s:` and `(?i)`; what ends them is left to be read. U only turns which match is preferred. */
function readFlags(cursor: Cursor, flags: Flags): Flags {
  const changed = { ...flags }
  let value = true
  for (;;) {
    const letter = cursor.text[cursor.at]
    if (letter === ':' || letter === ')') return changed
    if (letter === '-' && value) value = false
    else if (letter === 'i' || letter === 'm' || letter === 's') changed[letter] = value
    else if (letter !== 'U') throw new PatternError(`unknown group (?${letter ?? ''}`)
    cursor.at++
  }
}

function readQuoted(cursor: Cursor): string[] {
  const quoted: string[] = []
  while (cursor.at < cursor.text.length && !accept(cursor, '\\E')) quoted.push(next(cursor))
  return quoted
}

function readRepeats(cursor: Cursor, node: PatternNode): PatternNode {
  const counts = readCounts(cursor)
  if (!counts) return node
  // Lazy or greedy: the same texts match.
  accept(cursor, '?')
  if (readCounts(cursor)) throw new PatternError('a repetition of a repetition')
  return { type: 'repeat', node, ...counts }
}

function readCounts(cursor: Cursor): { min: number; max: number } | undefined {
  if (accept(cursor, '*')) return { min: 0, max: Number.POSITIVE_INFINITY }
  if (accept(cursor, '+')) return { min: 1, max: Number.POSITIVE_INFINITY }
  if (accept(cursor, '?')) return { min: 0, max: 1 }
  const braces = /^\{(\d{1,5})(,?)(\d{0,5})\}/.exec(cursor.text.slice(cursor.at, cursor.at + 13).join(''))
  if (!braces) return undefined
  const [whole, first, comma, last] = braces as unknown as [string, string, string, string]
  const min = Number(first)
  const max = comma === '' ? min : last === '' ? Number.POSITIVE_INFINITY : Number(last)
  if (min > 1000 || (max > 1000 && max !== Number.POSITIVE_INFINITY) || min > max) {
    throw new PatternError(`a repetition of ${whole}`)
  }
  cursor.at += whole.length
  return { min, max }
}

function readAtom(cursor: Cursor, flags: Flags): PatternNode {
  const character = next(cursor)
  if (character === '^') return { type: 'assertion', at: flags.m ? 'line-start' : 'text-start' }
  if (character === '$') return { type: 'assertion', at: flags.m ? 'line-end' : 'text-end' }
  if (character === '.') return { type: 'character', test: flags.s ? () => true : codePoint => codePoint !== 10 }
  if (character === '[') return { type: 'character', test: readClass(cursor, flags) }
  if (character === '*' || character === '+' || character === '?')
    throw new PatternError(`nothing to repeat: ${character}`)
  if (character !== '\\') return literal(character, flags)
  const letter = cursor.text[cursor.at] ?? ''
  const at = assertions[letter]
  if (at) {
    cursor.at++
    return { type: 'assertion', at }
  }
  const test = readEscapedClass(cursor)
  return { type: 'character', test: fold(test ?? sameAs(readEscapedCharacter(cursor)), flags) }
}

/** After the backslash: a class, or undefined and nothing is read. */
function readEscapedClass(cursor: Cursor): CharacterTest | undefined {
  const letter = cursor.text[cursor.at] ?? ''
  if (/^[dwsDWS]$/.test(letter)) {
    cursor.at++
    return namedClass(letter)
  }
  if (letter !== 'p' && letter !== 'P') return undefined
  cursor.at++
  const first = next(cursor)
  return unicodeClass(first === '{' ? readUntil(cursor, '}') : first, letter === 'P')
}

/** After the backslash: one character, written in any of RE2's ways. */
function readEscapedCharacter(cursor: Cursor): number {
  const letter = next(cursor)
  const control = controls[letter]
  if (control !== undefined) return control
  if (letter === 'x') {
    const digits = accept(cursor, '{') ? readUntil(cursor, '}') : next(cursor) + next(cursor)
    const codePoint = /^[0-9A-Fa-f]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    if (codePoint <= 0x10ffff) return codePoint
    throw new PatternError(`\\x{${digits}}`)
  }
  const octal = /^(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(
    letter + cursor.text.slice(cursor.at, cursor.at + 2).join(''),
  )?.[0]
  if (octal) {
    cursor.at += octal.length - 1
    return Number.parseInt(octal, 8)
  }
  if (/^[0-9A-Za-z]$/.test(letter)) throw new PatternError(`unknown escape \\${letter}`)
  return letter.codePointAt(0) as number
}

/** After the opening bracket. */
function readClass(cursor: Cursor, flags: Flags): CharacterTest {
  const negated = accept(cursor, '^')
  const tests: CharacterTest[] = []
  for (let first = true; first || !accept(cursor, ']'); first = false) {
    const test = readNamedMember(cursor) ?? readRange(cursor)
    tests.push(fold(test, flags))
  }
  return oneOf(tests, negated)
}

function readNamedMember(cursor: Cursor): CharacterTest | undefined {
  if (accept(cursor, '[:')) {
    const name = readUntil(cursor, ':]')
    const test = name.length > 1 ? namedClass(name) : undefined
    if (!test) throw new PatternError(`unknown class [:${name}:]`)
    return test
  }
  if (cursor.text[cursor.at] !== '\\') return undefined
  cursor.at++
  const test = readEscapedClass(cursor)
  if (!test) cursor.at--
  return test
}

function readRange(cursor: Cursor): CharacterTest {
  const low = readMember(cursor)
  if (cursor.text[cursor.at] !== '-' || cursor.text[cursor.at + 1] === ']') return range(low, low)
  cursor.at++
  const high = readMember(cursor)
  if (high < low) throw new PatternError('a class with its ends in the wrong order')
  return range(low, high)
}

function readMember(cursor: Cursor): number {
  return accept(cursor, '\\') ? readEscapedCharacter(cursor) : (next(cursor).codePointAt(0) as number)
}

function literal(character: string, flags: Flags): PatternNode {
  return { type: 'character', test: fold(sameAs(character.codePointAt(0) as number), flags) }
}

function sameAs(expected: number): CharacterTest {
  return codePoint => codePoint === expected
}

function fold(test: CharacterTest, flags: Flags): CharacterTest {
  return flags.i ? ignoringCase(test) : test
}
