// Text of a tree as XML, HTML and Markdown take it: what the markup would read as its own is escaped.

/** What XML 1.0 has no way to write: control characters but for tabs and line ends, halves of characters, two that are not characters. */
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

/** For Markdown: no markup, no mention of a person, no link, no line of its own. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/([\\`*_{}[\]()#+!|~$])/g, '\\$1')
    .replaceAll('@', '@<!-- -->')
    .replace(/(https?):\/\//g, '$1:<!-- -->//')

const entity = (character: string): string => `&#${character.charCodeAt(0)};`

/** For Markdown, between tags, where it may act or not: what it would act on is written as entities. */
export const escapeBetweenTags = (text: string): string =>
  text
    .replace(/[&<>|`@#*_~[\]()!\\$\r\n]/g, entity)
    .replace(/:(?=\/\/)/g, entity)
    .replace(/(?<=www)\./gi, entity)

/** For Markdown, in the letters of code. */
export const markdownCode = (text: string): string => `<code>${escapeBetweenTags(text)}</code>`

/** For Markdown, several lines as they are. */
export const markdownBlock = (lines: readonly string[]): string =>
  `<pre>${lines.map(escapeBetweenTags).join('\n')}</pre>`
