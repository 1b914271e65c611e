// Functions of strings. Source: cel-go ext (strings, version 2: there is no reverse), k8s.io/apiserver/pkg/cel/library (regex).
import { RE2JS } from 're2js'
import { compilePattern, createEffort } from '../../../re2.ts'
import type { Library } from './library.ts'
import { type Duration, showSeconds, showTime } from './times.ts'

/** `matches` under this name: that of the library in use takes the expressions of JavaScript, in any time. */
export const MATCHES = 'matchesInBoundedTime'

const refuse = (): never => {
  throw new Error('is too much work')
}

/** Go's expressions, in bounded time. */
const matches = (text: string, pattern: string): boolean => compilePattern(pattern, createEffort(refuse)).test(text)

function findAll(text: string, pattern: string, limit = -1n): readonly string[] {
  // It holds the pattern and the text to what may be spent on them.
  if (!matches(text, pattern)) return []
  const matcher = RE2JS.compile(pattern).matcher(text)
  const found: string[] = []
  let [from, end] = [0, -1]
  while (from <= text.length && (limit < 0n || found.length < limit) && matcher.find(from)) {
    // Go takes no empty match right behind another one.
    if (matcher.end() > matcher.start() || matcher.start() !== end) found.push(matcher.group() ?? '')
    end = matcher.end()
    from = matcher.end() > matcher.start() ? matcher.end() : matcher.end() + 1
  }
  return found
}

const MOST_TEXT = 1_000_000

function replace(text: string, from: string, to: string, limit = -1n): string {
  if ((text.length + 1) * (to.length + 1) > MOST_TEXT && text.split(from).length * to.length > MOST_TEXT) refuse()
  if (limit < 0n) return text.replaceAll(from, () => to)
  let left = limit
  return text.replaceAll(from, found => (left-- > 0n ? to : found))
}

function charAt(text: string, index: bigint): string {
  const characters = [...text]
  if (index < 0n || index > BigInt(characters.length)) throw new Error(`index out of range: ${index}`)
  return characters[Number(index)] ?? ''
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u000b': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

const quote = (text: string): string => `"${[...text].map(one => ESCAPES[one] ?? one).join('')}"`

/** As `%s` shows it; within a list or mapping strings are quoted. */
function show(value: unknown, isInner: boolean): string {
  if (typeof value === 'string') return isInner ? quote(value) : value
  if (typeof value === 'number' && isInner) return value.toFixed(6)
  if (Array.isArray(value)) return `[${value.map(one => show(one, true)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return showTime(value)
  if ('seconds' in value && 'nanos' in value && Object.getPrototypeOf(value) !== Object.prototype)
    return showSeconds(value as Duration)
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error('cannot format this')
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${quote(key)}:${show(one, true)}`)
    .join(', ')}}`
}

const BASES: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 }

function format(text: string, values: readonly unknown[]): string {
  let index = 0
  return text.replace(/%(?:\.(\d{1,2}))?([sdfboxX%])|%/g, (written, precision: string | undefined, verb?: string) => {
    if (verb === '%') return '%'
    const value = values[index++]
    if (value === undefined) throw new Error(`cannot format ${written}`)
    if (verb === 's') return show(value, false)
    if (verb === 'f' && typeof value === 'number') {
      const digits = Number(precision ?? 6)
      return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    }
    const base = verb === undefined ? undefined : BASES[verb]
    const whole = typeof value === 'boolean' && verb === 'b' ? BigInt(value) : value
    if (base === undefined || typeof whole !== 'bigint') throw new Error(`cannot format ${written}`)
    return verb === 'X' ? whole.toString(base).toUpperCase() : whole.toString(base)
  })
}

export function addStrings({ add, addNamespace }: Library): void {
  add(`string.${MATCHES}(string): bool`, matches)
  add('string.find(string): string', (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? '')
  add('string.findAll(string): list<string>', findAll)
  add('string.findAll(string, int): list<string>', findAll)
  add('string.charAt(int): string', charAt)
  add('string.replace(string, string): string', replace)
  add('string.replace(string, string, int): string', replace)
  add('string.format(list): string', format)
  const own = addNamespace('strings')
  add(`${own}.quote(string): string`, (_: unknown, text: string) => quote(text))
}
