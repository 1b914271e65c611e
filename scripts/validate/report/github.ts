// GitHub Actions workflow commands: each finding becomes an annotation at its line of the pull request.
import type { Format } from './report.ts'
import { describeComparison } from './comparison.ts'
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
  for (const { file, line, reason, detail } of notExamined) {
    lines.push(
      `::notice file=${escapeProperty(prefix + file)},line=${line},title=not examined::${escapeData(detail ? `${reason}: ${detail}` : reason)}`,
    )
  }
  for (const sentence of describeComparison(report)) lines.push(`::notice title=compared::${escapeData(sentence)}`)
  const { errors, warnings, resources, builds } = summary
  lines.push(
    `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(resources, 'resource')} of ${plural(builds, 'build')}`,
  )
  return `${lines.join('\n')}\n`
}
export default github
