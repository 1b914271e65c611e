// GitHub Actions workflow commands: each finding becomes an annotation at its line of the pull request.
import type { Format } from './report.ts'
import { describeComparison } from './comparison.ts'
import { groupUnexamined } from './group.ts'
import { activeFindings, plural } from './report.ts'
import { printable } from '../../command/text.ts'

/** Escapes as actions/toolkit does: data first, then what would end a property. */
const escapeData = (text: string): string =>
  printable(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'))
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

const github: Format = (report, { prefix }) => {
  const { notExamined, summary } = report
  const lines = activeFindings(report).map(({ severity, location, ruleId, message, remediation }) => {
    const properties = {
      file: `${prefix}${location.file}`,
      line: String(location.line),
      endLine: String(location.endLine),
      col: String(location.column),
      endColumn: String(location.endColumn),
      title: ruleId,
    }
    const pairs = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`)
    return `::${severity} ${pairs.join(',')}::${escapeData(`${message}${/[.?!]$/.test(message) ? '' : '.'} ${remediation}`)}`
  })
  // GitHub shows ten notices of a step: one for each reason, not for each file.
  for (const { reason, entries } of groupUnexamined(notExamined)) {
    const [{ file, line, detail }] = entries
    const more = entries.length > 1 ? ` (and ${entries.length - 1} more)` : ''
    lines.push(
      `::notice file=${escapeProperty(prefix + file)},line=${line},title=not examined::${escapeData(`${reason}${detail ? `: ${detail}` : ''}${more}`)}`,
    )
  }
  for (const sentence of describeComparison(report)) lines.push(`::notice title=compared::${escapeData(sentence)}`)
  const { errors, warnings, resources, builds, notExamined: unseen } = summary
  lines.push(
    `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(resources, 'resource')} of ${plural(builds, 'build')}${unseen ? `; ${unseen} not examined` : ''}`,
  )
  return `${lines.join('\n')}\n`
}
export default github
