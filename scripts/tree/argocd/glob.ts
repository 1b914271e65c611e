// Matches names as Argo CD does: the glob dialect of its projects and directories, with alternatives and named separators.

/** Undefined is not a pattern at all: the dialect refuses it, and Argo CD then takes it as matching nothing. */
export type Glob = (text: string) => boolean

type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' | 'super' | 'single' }
  | { readonly kind: 'set'; readonly isNegated: boolean; has(character: string): boolean }
  | { readonly kind: 'alternatives'; readonly branches: readonly (readonly Item[])[] }

/**
 * Compiles a pattern of the library that Argo CD uses (gobwas/glob): `*` stops at a separator, `**` does not, `?`, `[abc]`,
 * `[!a-z]`, `{a,b}`, `\` escapes. Without separators `*` crosses everything. Returns undefined for a syntax error.
 */
export function compileGlob(pattern: string, separators = ''): Glob | undefined {
  const parser = new Parser([...pattern])
  const items = parser.readItems(false)
  if (!items || !parser.isAtEnd) return undefined
  return text => {
    const characters = [...text]
    return advance(items, characters, new Set([0]), separators).has(characters.length)
  }
}

/** Whether a text matches; a pattern that does not compile matches nothing. */
export const matchGlob = (pattern: string, text: string, separators = ''): boolean =>
  compileGlob(pattern, separators)?.(text) ?? false

class Parser {
  readonly #characters: readonly string[]
  #at = 0

  constructor(characters: readonly string[]) {
    this.#characters = characters
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length
  }

  /** Items up to the end, or to the `,` or `}` that ends a branch; undefined for a syntax error. */
  readItems(isBranch: boolean): Item[] | undefined {
    const items: Item[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') items.push({ kind: 'text', text })
      text = ''
    }
    while (!this.isAtEnd) {
      const character = this.#characters[this.#at] ?? ''
      if (isBranch && (character === ',' || character === '}')) break
      this.#at++
      if (character === '\\') {
        if (this.isAtEnd) return undefined
        text += this.#characters[this.#at++] ?? ''
        continue
      }
      if (!'*?[{'.includes(character)) {
        text += character
        continue
      }
      flush()
      if (character === '?') items.push({ kind: 'single' })
      else if (character === '*') {
        const isSuper = this.#characters[this.#at] === '*'
        if (isSuper) this.#at++
        items.push({ kind: isSuper ? 'super' : 'any' })
      } else {
        const item = character === '[' ? this.#readSet() : this.#readAlternatives()
        if (!item) return undefined
        items.push(item)
      }
    }
    flush()
    return items
  }

  #readAlternatives(): Item | undefined {
    const branches: Item[][] = []
    for (;;) {
      const branch = this.readItems(true)
      if (!branch || this.isAtEnd) return undefined
      branches.push(branch)
      if (this.#characters[this.#at++] === '}') return { kind: 'alternatives', branches }
    }
  }

  /** A set is one range or one list of characters, never both. */
  #readSet(): Item | undefined {
    const isNegated = this.#characters[this.#at] === '!'
    if (isNegated) this.#at++
    const [low, dash, high, close] = this.#characters.slice(this.#at, this.#at + 4)
    if (dash === '-') {
      if (low === undefined || high === undefined || close !== ']' || low > high) return undefined
      this.#at += 4
      return { kind: 'set', isNegated, has: character => character >= low && character <= high }
    }
    const listed = new Set<string>()
    while (!this.isAtEnd) {
      let character = this.#characters[this.#at++] ?? ''
      if (character === ']') return listed.size ? { kind: 'set', isNegated, has: one => listed.has(one) } : undefined
      if (character === '\\') character = this.#characters[this.#at++] ?? ''
      listed.add(character)
    }
    return undefined
  }
}

/** Where a match may end that began at one of the positions: no backtracking, so no pattern takes long. */
function advance(
  items: readonly Item[],
  text: readonly string[],
  from: ReadonlySet<number>,
  separators: string,
): ReadonlySet<number> {
  let positions = from
  for (const item of items) {
    if (positions.size === 0) return positions
    const next = new Set<number>()
    for (const at of positions) {
      const character = text[at]
      if (item.kind === 'text') {
        const expected = [...item.text]
        if (expected.every((one, index) => text[at + index] === one)) next.add(at + expected.length)
      } else if (item.kind === 'single') {
        if (character !== undefined && !separators.includes(character)) next.add(at + 1)
      } else if (item.kind === 'set') {
        if (character !== undefined && item.has(character) !== item.isNegated) next.add(at + 1)
      } else if (item.kind === 'alternatives') {
        for (const branch of item.branches) {
          for (const end of advance(branch, text, new Set([at]), separators)) next.add(end)
        }
      } else {
        for (let end = at; !next.has(end); end++) {
          next.add(end)
          const passed = text[end]
          if (passed === undefined || (item.kind === 'any' && separators.includes(passed))) break
        }
      }
    }
    positions = next
  }
  return positions
}
