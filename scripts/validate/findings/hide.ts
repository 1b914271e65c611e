// Takes secrets out of the text that reports show.
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { describeRule } from '../rules/index.ts'
import type { Finding } from './finding.ts'

/** What reports show of a file; undefined where it was not read. A secret that was found is in none of it. */
export function showText(sources: Sources, path: string, findings: readonly Finding[]): string | undefined {
  const file = sources.read(path)
  if (!(file instanceof SourceFile)) return undefined
  const hidden = findings.filter(({ location, ruleId }) => location.file === path && describeRule(ruleId).hidesSource)
  return hidden.length > 0 ? hideLines(file.text, hidden) : file.text
}

/** The text with stars in the lines of the findings and in those that go on from them, which are indented deeper. */
function hideLines(text: string, findings: readonly Pick<Finding, 'location'>[]): string {
  const lines = text.split('\n')
  const shown = [...lines]
  for (const { location } of findings) {
    const first = location.line - 1
    const indent = indentOf(lines[first] ?? '')
    for (let index = first; index < lines.length; index++) {
      const line = lines[index] ?? ''
      const goesOn = index < location.endLine || line.trim() === '' || indentOf(line) > indent
      if (index > first && !goesOn) break
      shown[index] = line.replace(/\S/g, '*')
    }
  }
  return shown.join('\n')
}

const indentOf = (line: string): number => line.length - line.trimStart().length
