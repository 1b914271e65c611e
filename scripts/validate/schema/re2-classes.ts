// The character classes of RE2, as tests on one code point.

/** The pattern is not RE2. The message says why. */
export class PatternError extends Error {}

/** The pattern may be good for RE2, and is too much for this program. */
export class UnsupportedPattern extends PatternError {}

/** Whether one code point belongs. */
export type CharacterTest = (codePoint: number) => boolean

const classes: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  // Without the vertical tab, unlike JavaScript's.
  s: '\\t\\n\\f\\r ',
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

/** `d` and `D`, `alpha` and `^alpha`: undefined for a name that RE2 does not have. */
export function namedClass(name: string): CharacterTest | undefined {
  const negated = name.startsWith('^') || /^[DWS]$/.test(name)
  const members = name.startsWith('^') ? name.slice(1) : negated ? name.toLowerCase() : name
  if (!Object.hasOwn(classes, members)) return undefined
  return fromJavaScript(`[${negated ? '^' : ''}${classes[members]}]`)
}

/** `\pL`, `\p{Greek}`, `\P{^Lu}`: `name` is what stands in the braces. */
export function unicodeClass(name: string, negated: boolean): CharacterTest {
  const inverted = name.startsWith('^')
  const property = inverted ? name.slice(1) : name
  if (!/^\w+$/.test(property)) throw new UnsupportedPattern(`unknown class \\p{${name}}`)
  const letter = negated !== inverted ? 'P' : 'p'
  if (property === 'Any') return () => letter === 'p'
  for (const form of [property, `Script=${property}`]) {
    try {
      return fromJavaScript(`\\${letter}{${form}}`)
    } catch {
      // Not a property under this name.
    }
  }
  throw new UnsupportedPattern(`unknown class \\p{${name}}`)
}

export function oneOf(tests: readonly CharacterTest[], negated: boolean): CharacterTest {
  return codePoint => tests.some(test => test(codePoint)) !== negated
}

export function range(low: number, high: number): CharacterTest {
  return codePoint => codePoint >= low && codePoint <= high
}

/** Also true for a code point whose other case belongs. */
export function ignoringCase(test: CharacterTest): CharacterTest {
  return codePoint => {
    if (test(codePoint)) return true
    const lower = String.fromCodePoint(codePoint).toLowerCase()
    const upper = String.fromCodePoint(codePoint).toUpperCase()
    // The Kelvin sign is a k, whose upper case is K.
    return [lower, upper, lower.toUpperCase(), upper.toLowerCase()].some(other => {
      const folded = other.codePointAt(0) as number
      return other.length === String.fromCodePoint(folded).length && test(folded)
    })
  }
}

function fromJavaScript(source: string): CharacterTest {
  const expression = new RegExp(`^${source}$`, 'u')
  return codePoint => expression.test(String.fromCodePoint(codePoint))
}
