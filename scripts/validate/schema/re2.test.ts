import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compilePattern, createEffort, PatternError, UnsupportedPattern } from './re2.ts'
import { seededRandom } from './testing.ts'

// Go's regexp/syntax is what is meant: https://pkg.go.dev/regexp/syntax
test.each<[pattern: string, matching: string[], other: string[]]>([
  ['', ['', 'a'], []],
  ['b', ['abc'], ['ac', '']],
  ['^b$', ['b'], ['ab', 'b\n']],
  ['a|^c|d$', ['xa', 'cx', 'xd'], ['xc', 'dx']],
  ['^(a|b)*c$', ['c', 'abbac'], ['abd']],
  ['^(?:ab)+$', ['abab'], ['aba', '']],
  ['^a{2}$', ['aa'], ['a', 'aaa']],
  ['^a{2,}$', ['aa', 'aaaa'], ['a']],
  ['^a{0,2}$', ['', 'aa'], ['aaa']],
  ['^a{,2}$', ['a{,2}'], ['aa']],
  ['^a{x$', ['a{x'], ['a']],
  ['^(a*)*$', ['', 'aaa'], ['b']],
  ['^a*?b??$', ['aab', ''], ['ba']],
  ['^[a-c]$', ['a', 'b', 'c'], ['d', '-']],
  ['^[^a-c]$', ['d', '\n'], ['a']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[a-]$', ['a', '-'], ['b']],
  ['^[\\]\\-\\\\x-z]$', [']', '-', '\\', 'y'], ['w']],
  ['^[[:alpha:]_]$', ['A', '_'], ['1']],
  ['^[[:^digit:]]$', ['a'], ['1']],
  ['^\\d\\w\\s$', ['1a '], ['é1 ', '1a\v']],
  ['^[\\D]\\W\\S$', ['a-b'], ['1-b']],
  ['^.$', ['a', '😀'], ['\n', '']],
  ['^(?s).$', ['\n'], ['']],
  ['(?m)^b$', ['a\nb\nc'], ['ab']],
  ['(?i)^straße$', ['STRAßE'], ['strasse']],
  ['^(?i:a)b$', ['Ab'], ['AB']],
  ['^((?i)a)b$', ['Ab'], ['AB']],
  ['^(?i)a(?-i)b$', ['Ab'], ['AB']],
  ['^(?P<name>a)(?<other>b)$', ['ab'], ['a']],
  ['^\\pL\\p{Greek}\\PL\\p{^Lu}$', ['éα1a'], ['éa1a']],
  ['\\bfoo\\b', ['a foo b'], ['afoo']],
  ['\\Boo', ['foo'], ['oo']],
  ['\\Ab\\z', ['b'], ['ab', 'b\n']],
  ['^\\Qa.b|\\E+$', ['a.b|+'.slice(0, 4), 'a.b||'], ['axb|']],
  ['^\\x41\\x{1F600}\\101\\t\\.$', ['A😀A\t.'], ['A']],
  ['^\\/\\_\\-$', ['/_-'], ['']],
])('%s', (pattern, matching, other) => {
  const { test: matches } = compilePattern(pattern)
  for (const text of matching) expect(matches(text), JSON.stringify(text)).toBe(true)
  for (const text of other) expect(matches(text), JSON.stringify(text)).toBe(false)
})

test.each([
  '(',
  ')',
  'a**',
  '*a',
  '[b-a]',
  '[a',
  '\\8',
  '\\k<a>',
  '(?=a)',
  '(?<!a)',
  'a{1001}',
  'a{2,1}',
  '((a{0,100}){0,100}){0,100}',
  `${'('.repeat(1001)}${')'.repeat(1001)}`,
  '\\p{Klingon}',
  '\\x{110000}',
])('%s is refused', pattern => expect(() => compilePattern(pattern)).toThrow(PatternError))

test('an expression of more than 10,000 instructions is too much', () => {
  expect(() => compilePattern('a{1000}'.repeat(11))).toThrow(UnsupportedPattern)
  expect(() => compilePattern('a'.repeat(20_000))).toThrow(UnsupportedPattern)
})

describe('time', () => {
  test.each([
    ['^(a+)+$', 'a'],
    ['^(a|a)*$', 'a'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
    ['(x+x+)+y', 'x'],
  ])('%s is not a trap', (pattern, unit) => {
    const started = performance.now()
    expect(compilePattern(pattern).test(`${unit.repeat(100_000)}!`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('what takes too many steps passes and is told', () => {
    const told: string[] = []
    const effort = createEffort(source => told.push(source))
    const { test: matches } = compilePattern('[ab]{1000}c', effort)
    expect(matches('ab'.repeat(100_000))).toBe(true)
    expect(told).toEqual(['[ab]{1000}c'])
  })

  test('many of them share what there is', () => {
    let told = 0
    const effort = createEffort(() => told++)
    const { test: matches } = compilePattern('[ab]{1000}c', effort)
    const text = 'ab'.repeat(12_000)
    const answers = Array.from({ length: 1000 }, () => matches(text))
    expect(answers.filter(answer => !answer).length).toBeGreaterThan(30)
    expect(told).toBe(answers.filter(answer => answer).length)
    expect(told).toBeGreaterThan(900)
    effort.steps = 0
    expect(compilePattern('a', effort).test('b')).toBe(true)
  })
})

test('the patterns of the packages mean what they mean to JavaScript', () => {
  const patterns = new Set<string>()
  const folder = join(import.meta.dirname, 'definitions')
  for (const file of globSync('**/*.json', { cwd: folder })) {
    for (const [, pattern] of readFileSync(join(folder, file), 'utf8').matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)) {
      patterns.add(JSON.parse(pattern as string) as string)
    }
  }
  // `\\PC` is a way to write a class that JavaScript does not have.
  patterns.delete('^\\PC*$')
  expect(patterns.size).toBeGreaterThan(90)
  const random = seededRandom(2)
  const letters = [...'abXZ019-_./:* \n$sdmhwyé']
  const pieces = ['30s', '1h', 'monday', 'a.example.com', '5m', ...letters]
  let matching = 0
  for (const pattern of patterns) {
    const { test: matches } = compilePattern(pattern)
    // A flag that JavaScript knows for the whole alone.
    const javascript = new RegExp(pattern.replaceAll('(?i)', ''), pattern.includes('(?i)') ? 'iu' : 'u')
    for (let round = 0; round < 400; round++) {
      let text = ''
      for (let count = Math.floor(random() * 5); count > 0; count--)
        text += pieces[Math.floor(random() * pieces.length)]
      const expected = javascript.test(text)
      if (expected) matching++
      expect(matches(text), `${pattern} on ${JSON.stringify(text)}`).toBe(expected)
    }
  }
  expect(matching).toBeGreaterThan(500)
})
