// Cuts a text of many documents into pieces that can be read one after the other: what a parser makes on its way is gone
// before the collector of garbage has to take it for something that stays.

/** Characters; a document is never cut, whatever its length. */
const LENGTH = 16 * 1024

/**
 * Pieces of at least one document each, which together are the text; undefined where one piece might say something of
 * another: a directive, the end of a document. A line that begins with `---` begins a document wherever it stands, but in
 * a text that is a scalar as a whole. Source: YAML 1.2, 9.1.2, document markers.
 */
export function cut(text: string): readonly string[] | undefined {
  if (text.length <= LENGTH || /(?:^|\n)(?:%|\.\.\.)/.test(text)) return undefined
  const pieces: string[] = []
  let start = 0
  for (let at = findMarker(text, LENGTH); at !== undefined; at = findMarker(text, start + LENGTH)) {
    pieces.push(text.slice(start, at))
    start = at
  }
  pieces.push(text.slice(start))
  return pieces
}

/** The next line that begins a document. */
function findMarker(text: string, from: number): number | undefined {
  for (let at = text.indexOf('\n---', from); at >= 0; at = text.indexOf('\n---', at + 1)) {
    const next = text[at + 4]
    if (next === undefined || /\s/.test(next)) return at + 1
  }
  return undefined
}
