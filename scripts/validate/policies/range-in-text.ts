// Where a letter of a text stands in the file, however YAML writes the text: plain, in quotes, or as a block.
import type { FieldPath, SourceRange } from '../../tree/model/place.ts'
import type { SourceFile } from '../../tree/source/source-file.ts'
import { findNode } from '../../tree/source/yaml/position.ts'
import { valueAt } from '../../tree/model/build.ts'

/** The start of the value where an escape or a tab makes the two differ. */
export function rangeInText(file: SourceFile, path: FieldPath, offset: number): SourceRange {
  const [tree] = file.trees
  const text = valueAt(file.parse('kubectl').documents[0], path)
  if (!tree || typeof text !== 'string') return file.rangeOf(0, path)
  const { value } = findNode(tree, path)
  const start = skipHeader(file.text, value.start)
  const found = walk(file.text, start, text, offset)
  return file.rangeAt(found ?? value.start)
}

/** Past the quote, or the line that begins a block. */
function skipHeader(source: string, start: number): number {
  const first = source[start]
  if (first === '"' || first === "'") return start + 1
  return first === '|' || first === '>' ? source.indexOf('\n', start) + 1 : start
}

/** Goes through both at once; spaces and line ends may differ in number. */
function walk(source: string, start: number, text: string, offset: number): number | undefined {
  let at = start
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] as string
    if (/\s/.test(letter)) continue
    while (/\s/.test(source[at] ?? '')) at++
    if (source[at] !== letter) return undefined
    if (index >= offset) return at
    at++
  }
  return at
}
