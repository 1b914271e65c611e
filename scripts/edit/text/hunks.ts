// Applies a diff of Git to a text, but for the parts that change nothing that counts.
import { isDeepStrictEqual } from 'node:util'
import { parseText } from '../../tree/source/yaml/parse.ts'

/** Whether a part of a diff changes nothing that counts. */
type IsIdle = (removed: readonly string[], added: readonly string[]) => boolean

const isBlank = (line: string): boolean => /^\s*(?:#.*)?$/.test(line)

/** Comments that have a line of their own, and empty lines. */
const isBlankAlone: IsIdle = (removed, added) => [...removed, ...added].every(isBlank)

/** Comments behind something, too: whether the mark begins one is for a parser to say. */
const isCommentAlone: IsIdle = (removed, added) => {
  const bare = (lines: readonly string[]): string =>
    lines.flatMap(line => (isBlank(line) ? [] : [line.replace(/\s+#.*$/, '').trimEnd()])).join('\n')
  return bare(removed) === bare(added)
}

/**
 * The text as it was, but for what changed in comments alone. `diff` has no lines around its changes (`--unified=0`).
 * Undefined where lines cannot be told apart (CR LF, a last line without its end): then the file counts as a whole.
 */
export function restoreText(text: string, diff: string): string | undefined {
  const strict = applyHunks(text, diff, isBlankAlone)
  const kind = applyHunks(text, diff, isCommentAlone)
  if (strict === undefined || kind === undefined || strict === kind) return strict
  const [as, wanted] = [parseText(kind, 'kustomize'), parseText(strict, 'kustomize')]
  return !as.fault && !wanted.fault && isDeepStrictEqual(as.documents, wanted.documents) ? kind : strict
}

function applyHunks(text: string, diff: string, isIdle: IsIdle): string | undefined {
  if (text.includes('\r') || /^\\ No newline/m.test(diff)) return undefined
  const lines = text.split('\n')
  const [, ...hunks] = diff.split(/^(?=@@ )/m)
  // From the end, so that the numbers of the lines before stay right.
  for (const hunk of hunks.toReversed()) {
    const [, start = '0', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(hunk) ?? []
    const [removed = [], added = []] = ['-', '+'].map(sign =>
      hunk.split('\n').flatMap(line => (line.startsWith(sign) ? [line.slice(1)] : [])),
    )
    if (isIdle(removed, added)) continue
    // A hunk without old lines stands behind the line that it names.
    lines.splice(count === '0' ? Number(start) : Number(start) - 1, Number(count), ...added)
  }
  return lines.join('\n')
}
