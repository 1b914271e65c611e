// Text as XML and HTML take it: what the markup would read as its own is escaped, what no document may hold is left out.

/** What XML 1.0 has no way to write: control characters but for tabs and line ends, halves of characters, two that are none. */
const isForbidden = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0
  return (code < 0x20 && !'\t\n\r'.includes(character)) || (code >= 0xd800 && code <= 0xdfff) || (code | 1) === 0xffff
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for values of attributes. */
export const escapeMarkup = (text: string): string =>
  Array.from(text, character => (isForbidden(character) ? '\ufffd' : (ESCAPES[character] ?? character))).join('')
