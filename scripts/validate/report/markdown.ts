// Markdown for the summary of a job or a comment: short tables, and nothing of a file that Markdown would act on.
import { escapeMarkdown as plain, markdownCode as code } from '../../command/markup.ts'
import { describeComparison } from './comparison.ts'
import { countByRule, groupFindings, groupUnexamined, takeTurns } from './group.ts'
import { activeFindings, type Format, plural } from './report.ts'

const MOST_ROWS = 50
const MOST_REASONS = 15
/** GitHub takes a summary of 1 MiB. */
const MOST_TEXT = 1_000

const markdown: Format = (report, { prefix }) => {
  const { errors, warnings, suppressed, resources, builds, files, notExamined } = report.summary
  const active = activeFindings(report)
  const mark = errors ? '❌' : warnings ? '⚠️' : '✅'
  const head = errors || warnings ? `${plural(errors, 'error')}, ${plural(warnings, 'warning')}` : 'no problems'
  const rest = [suppressed ? `${suppressed} suppressed` : '', notExamined ? `${notExamined} not examined` : '']
  const lines = [
    `## ${mark} ${report.tool.name}: ${head}`,
    '',
    [`${plural(resources, 'resource')} from ${plural(builds, 'build')}, ${plural(files, 'file')}`, ...rest]
      .filter(Boolean)
      .join('; '),
  ]
  const compared = describeComparison(report)
  if (compared.length) lines.push('', ...compared.map(sentence => `- ${plain(sentence)}`))
  const groups = groupFindings(active)
  if (groups.length) {
    lines.push('', '| | finding | rule | where |', '| --- | --- | --- | --- |')
    for (const { findings } of (groups.length > MOST_ROWS ? takeTurns(groups) : groups).slice(0, MOST_ROWS)) {
      const [{ severity, message, ruleId, location, remediation }] = findings
      const more = findings.length > 1 ? ` and ${plural(findings.length - 1, 'more place')}` : ''
      const where = `${code(`${prefix}${location.file}:${location.line}`)}${more}`
      lines.push(
        `| ${severity === 'error' ? '❌' : '⚠️'} | ${plain(shorten(message))}<br>_${plain(remediation)}_ | ${code(ruleId)} | ${where} |`,
      )
    }
    if (groups.length > MOST_ROWS) lines.push('', `… and ${groups.length - MOST_ROWS} more kinds of finding.`)
    lines.push(
      '',
      '<details><summary>Findings by rule</summary>',
      '',
      '| rule | severity | findings |',
      '| --- | --- | --: |',
    )
    for (const { ruleId, severity, count } of countByRule(active))
      lines.push(`| ${code(ruleId)} | ${severity} | ${count} |`)
    lines.push('', '</details>')
  }
  const unexamined = groupUnexamined(report.notExamined)
  if (unexamined.length) {
    const title = `Not examined: ${notExamined}`
    lines.push('', `<details><summary>${title}</summary>`, '', '| what | how many | such as |', '| --- | --: | --- |')
    for (const { reason, entries } of unexamined.slice(0, MOST_REASONS)) {
      const [{ file, line, detail }] = entries
      lines.push(
        `| ${plain(reason)} | ${entries.length} | ${detail ? `${plain(shorten(detail))} ` : ''}${code(`${prefix}${file}:${line}`)} |`,
      )
    }
    lines.push('', '</details>')
  }
  return `${lines.join('\n')}\n`
}
export default markdown

const shorten = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text)
