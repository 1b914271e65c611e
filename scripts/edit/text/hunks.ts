// Applies a diff of Git to a text, but for the parts that change nothing that counts.

/**
 * `diff` has no lines around its changes (`--unified=0`). A hunk of which every line matches `ignored` is left out.
 * Undefined where lines cannot be told apart (CR LF, a last line without its end): then the file counts as a whole.
 */
export function applyHunks(text: string, diff: string, ignored: RegExp): string | undefined {
  if (text.includes('\r') || /^\\ No newline/m.test(diff)) return undefined
  const lines = text.split('\n')
  const [, ...hunks] = diff.split(/^(?=@@ )/m)
  // From the end, so that the numbers of the lines before stay right.
  for (const hunk of hunks.toReversed()) {
    const [, start = '0', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(hunk) ?? []
    const body = hunk.split('\n').filter(line => /^[-+]/.test(line))
    if (body.every(line => ignored.test(line.slice(1)))) continue
    const added = body.filter(line => line.startsWith('+')).map(line => line.slice(1))
    // A hunk without old lines stands behind the line that it names.
    lines.splice(count === '0' ? Number(start) : Number(start) - 1, Number(count), ...added)
  }
  return lines.join('\n')
}
