// Finds, all at once, the quoted scalars of a text that go on at the indentation of their key or before it: old generators
// of definitions write hundreds of them, and go-yaml takes no notice.

export interface Joined {
  /** Of the same length, with blanks for the line breaks in such scalars. */
  readonly text: string
  /** Where their quotes begin: in a block scalar the same letters are something else. */
  readonly starts: readonly number[]
}

/** A key whose value begins with a quote that the line does not end. */
const OPEN = /^( *(?:- +)*)[\w./$-]+: +(['"])(?!.*\2[ \t]*(?:#.*)?$)/gm

/** Undefined where there is none. Looks at each line a few times. */
export function joinQuoted(text: string): Joined | undefined {
  const starts: number[] = []
  const parts: string[] = []
  let done = 0
  OPEN.lastIndex = 0
  for (let match = OPEN.exec(text); match; match = OPEN.exec(text)) {
    const [all, before = '', quote = ''] = match
    const start = match.index + all.length - 1
    const end = findEnd(text, start + 1, quote)
    if (end === undefined) continue
    const scalar = text.slice(start, end)
    if (!scalar.split('\n').some((line, index) => index > 0 && isShort(line, before.length))) continue
    starts.push(start)
    parts.push(
      text.slice(done, start),
      scalar.replace(/\n[ \t]*/g, found => ' '.repeat(found.length)),
    )
    done = end
    OPEN.lastIndex = end
  }
  return starts.length === 0 ? undefined : { text: parts.join('') + text.slice(done), starts }
}

const isShort = (line: string, indentation: number): boolean => /\S/.test(line) && line.search(/\S/) <= indentation

/** Where the quote ends; a document, or too many lines, end the search before. */
function findEnd(text: string, from: number, quote: string): number | undefined {
  let lines = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && quote === '"') at++
    else if (character === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at + 1
      at++
    } else if (
      character === '\n' &&
      (++lines > MOST_LINES || /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(at + 1, at + 5)))
    )
      return undefined
  }
  return undefined
}

const MOST_LINES = 200
