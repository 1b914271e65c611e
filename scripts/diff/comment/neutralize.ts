// Markdown that somebody else wrote, as text that looks the same and does nothing: nobody is called, nothing is linked,
// no bot is commanded, and what is too long is cut.

/** GitHub takes 65,536; the first lines need some of it. */
const MOST_LETTERS = 64_500

/** What stands between two characters that together would do something: no reader sees it, no selection copies it. */
const NOTHING = '<!-- -->'

/** The tags of the diff, without attributes. */
const TAGS = /^<\/?(?:details|summary|b|code|pre|sub|br)>/

export function neutralize(markdown: string): string {
  const text = markdown
    .replaceAll('\r\n', '\n')
    // What is not seen may hide what is, or turn it around.
    .replace(/[\p{Cf}\p{Co}\p{Cs}]|[^\P{Cc}\n\t]/gu, '')
    .replaceAll(NOTHING, '')
    .replace(/</g, (_, at: number, all: string) => (TAGS.test(all.slice(at, at + 12)) ? '<' : '&lt;'))
    // Entities are letters by the time when GitHub looks for mentions and references.
    .replace(/@|&(?:#0*64|#x0*40|commat);?/gi, `@${NOTHING}`)
    .replace(/(#|&(?:#0*35|#x0*23|num);?)(?=\d|&#)/gi, `$1${NOTHING}`)
    .replace(/\b(gh-)(?=\d)/gi, `$1${NOTHING}`)
    .replace(/:(?=\/\/)|:(?=&(?:#0*47|#x0*2f|sol);?)/gi, `:${NOTHING}`)
    .replace(/\b(www)(?=\.)/gi, `$1${NOTHING}`)
    // Links, images, and what defines them.
    .replace(/\](?=[([:])/g, `]${NOTHING}`)
    .replace(/!(?=\[)/g, `!${NOTHING}`)
    // Bots take a line that begins with a slash for a command.
    .replace(/^(?=[ \t>]*\/)/gm, NOTHING)
  return close(cut(text))
}

function cut(text: string): string {
  if (text.length <= MOST_LETTERS) return text
  const kept = text.slice(0, MOST_LETTERS - 200)
  const end = Math.max(kept.lastIndexOf('\n'), 0)
  return `${close(kept.slice(0, end))}\n\n**Cut: there is more than a comment takes.** The run has all of it.\n`
}

/** Closes what is open, so that nothing that follows is swallowed. */
function close(text: string): string {
  let closed = text
  const fences = [...text.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)]
  if (fences.length % 2 === 1) closed += `\n${fences.at(-1)?.[1]}`
  for (const tag of ['code', 'pre', 'b', 'sub', 'summary', 'details']) {
    const count = (part: string): number => text.split(part).length - 1
    const open = count(`<${tag}>`) - count(`</${tag}>`)
    if (open > 0) closed += `\n${`</${tag}>`.repeat(Math.min(open, 20))}`
  }
  return closed
}
