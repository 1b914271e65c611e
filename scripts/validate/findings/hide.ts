// Takes secrets out of the text that reports show.
import { listAt, mappingAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { Value } from '../../tree/model/resource.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { describeRule } from '../rules/described.ts'
import type { Finding } from './finding.ts'

/** What reports show of a file; undefined where it was not read. No secret that was found and no value of a Secret is in it. */
export function showText(sources: Sources, path: string, findings: readonly Finding[]): string | undefined {
  const file = sources.read(path)
  if (!(file instanceof SourceFile)) return undefined
  const hidden = findings.filter(({ location, ruleId }) => location.file === path && describeRule(ruleId).hidesSource)
  const text = hideValues(file)
  return hidden.length > 0 ? hideLines(text, hidden) : text
}

/** The text with stars for what Secrets hold: each value of a manifest, and of a literal what follows its name. */
function hideValues(file: SourceFile): string {
  // Most files have none, and are not parsed for it.
  if (!/\bSecret\b|secretGenerator/.test(file.text)) return file.text
  const lines = file.text.split('\n')
  const { documents } = file.parse('kubectl')
  for (const [index, document] of documents.entries()) {
    for (const [path, separator] of listSecrets(document)) {
      const { line, column, endLine, endColumn } = file.rangeOf(index, path)
      const text = lines[line - 1] ?? ''
      const start = text.indexOf(separator, column - 1) + 1
      // A value that goes on below its key is not in the range.
      const isWhole = line === endLine && endColumn - 1 > start
      const end = isWhole ? endColumn - 1 : text.length
      lines[line - 1] = text.slice(0, start) + hide(text.slice(start, end)) + text.slice(end)
      if (!isWhole) hideBelow(lines, lines, line - 1, endLine)
    }
  }
  return lines.join('\n')
}

/** The fields of a document that hold secrets, and after which character they do. */
function* listSecrets(document: Value): Generator<readonly [path: FieldPath, from: string]> {
  if (valueAt(document, ['kind']) === 'Secret') {
    for (const field of ['data', 'stringData']) {
      for (const key of Object.keys(mappingAt(document, [field]) ?? {})) yield [[field, key], ':']
    }
  }
  for (const [index, generator] of listAt(document, ['secretGenerator']).entries()) {
    for (const literal of listAt(generator, ['literals']).keys()) {
      yield [['secretGenerator', index, 'literals', literal], '=']
    }
  }
}

/** The text with stars in the lines of the findings and in those that go on from them. */
function hideLines(text: string, findings: readonly Pick<Finding, 'location'>[]): string {
  const lines = text.split('\n')
  const shown = [...lines]
  for (const { location } of findings) {
    const first = location.line - 1
    shown[first] = hide(lines[first] ?? '')
    hideBelow(lines, shown, first, location.endLine)
  }
  return shown.join('\n')
}

/** Puts stars into what goes on from a line: up to the last one of its range, and what is indented deeper. */
function hideBelow(lines: readonly string[], shown: string[], first: number, endLine: number): void {
  const indent = indentOf(lines[first] ?? '')
  for (let index = first + 1; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (index >= endLine && line.trim() !== '' && indentOf(line) <= indent) return
    shown[index] = hide(line)
  }
}

const hide = (text: string): string => text.replace(/\S/g, '*')

const indentOf = (line: string): number => line.length - line.trimStart().length
