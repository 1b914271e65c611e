// The three further pattern dialects that Argo CD reads paths and names with: Go's, Git's and the one of value files.

type Matcher = (text: string) => boolean

/**
 * Go's `path.Match`: `*` and `?` stop at `/`, `[a-z]`, `[^a]`, `\` escapes. Undefined for a syntax error. Used for the
 * directories of a git generator and for the kinds a project lists.
 */
export function compileGoPattern(pattern: string): Matcher | undefined {
  return compile(pattern, { star: '[^/]*', question: '[^/]', negations: '^' })
}

/**
 * A pathspec as `git ls-files` takes it: `*` crosses folders, and a folder stands for all that is in it. Used for the
 * files of a git generator.
 */
export function matchPathspec(pattern: string, path: string): boolean {
  const plain = pattern.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
  if (plain === '' || plain === '.') return true
  if (path === plain || path.startsWith(`${plain}/`)) return true
  const compiled = compile(plain, { star: '.*', question: '.', negations: '^!' })
  return compiled?.(path) ?? false
}

/** A pattern over paths with `**` for folders, as value files of charts may be given. Undefined for a syntax error. */
export function compileDoublestar(pattern: string): Matcher | undefined {
  return compile(pattern, { star: '[^/]*', question: '[^/]', negations: '^!', folders: true, braces: true })
}

interface Dialect {
  readonly star: string
  readonly question: string
  readonly negations: string
  readonly folders?: boolean
  readonly braces?: boolean
}

function compile(pattern: string, dialect: Dialect): Matcher | undefined {
  // Many stars in a row would make the expression slow, and mean one.
  const source = translate(dialect.folders ? pattern : pattern.replace(/\*{2,}/g, '*'), dialect)
  if (source === undefined) return undefined
  const expression = new RegExp(`^(?:${source})$`, 'su')
  return text => text.length <= 4096 && expression.test(text)
}

const quote = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')
const quoteInSet = (character: string): string => character.replace(/[\\^\][-]/u, '\\$&')

function translate(pattern: string, dialect: Dialect): string | undefined {
  const characters = [...pattern]
  if (characters.filter(one => one === '*').length > 20) return undefined
  let source = ''
  let depth = 0
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '\\') {
      const next = characters[++at]
      if (next === undefined) return undefined
      source += quote(next)
    } else if (character === '*') {
      if (dialect.folders && characters[at + 1] === '*') {
        at++
        if (characters[at + 1] === '/') {
          at++
          source += '(?:[^/]*/)*'
        } else source += '.*'
      } else source += dialect.star
    } else if (character === '?') source += dialect.question
    else if (character === '[') {
      const set = readSet(characters, at + 1, dialect.negations)
      if (!set) return undefined
      source += set.source
      at = set.end
    } else if (dialect.braces && character === '{') {
      depth++
      source += '(?:'
    } else if (dialect.braces && depth > 0 && character === '}') {
      depth--
      source += ')'
    } else if (dialect.braces && depth > 0 && character === ',') source += '|'
    else source += quote(character)
  }
  return depth === 0 ? source : undefined
}

function readSet(
  characters: readonly string[],
  start: number,
  negations: string,
): { source: string; end: number } | undefined {
  let at = start
  let source = ''
  const isNegated = negations.includes(characters[at] ?? ' ')
  if (isNegated) at++
  const read = (): string | undefined => {
    const character = characters[at++]
    return character === '\\' ? characters[at++] : character
  }
  for (let first = true; first || characters[at] !== ']'; first = false) {
    if (first && characters[at] === ']') return undefined
    const low = read()
    if (low === undefined) return undefined
    if (characters[at] === '-') {
      at++
      if (characters[at] === ']') return undefined
      const high = read()
      if (high === undefined || low > high) return undefined
      source += `${quoteInSet(low)}-${quoteInSet(high)}`
    } else source += quoteInSet(low)
    if (at >= characters.length) return undefined
  }
  return { source: `[${isNegated ? '^' : ''}${source}]`, end: at }
}
