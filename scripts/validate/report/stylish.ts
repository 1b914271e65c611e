// For people at a terminal: findings by file with a code frame, then what was examined and what was not.
import { styleText } from 'node:util'
import type { Finding, Report } from '../findings/finding.ts'
import { codeFrame } from './code-frame.ts'
import { activeFindings, type Format, plural } from './report.ts'
import { printable } from '../../command/text.ts'

type Style = Parameters<typeof styleText>[0]

const stylish: Format = (report, { textOf, colour, prefix }) => {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const blocks: string[] = []
  for (const [file, findings] of Map.groupBy(activeFindings(report), ({ location }) => location.file)) {
    const text = textOf(file)
    blocks.push(
      [paint('underline', printable(`${prefix}${file}`)), ...findings.map(one => describe(one, text, paint))].join(
        '\n',
      ),
    )
  }
  if (report.notExamined.length) {
    const lines = report.notExamined.map(({ file, line, reason, detail }) =>
      printable(`  ${prefix}${file}:${line}  ${detail ? `${reason}: ${detail}` : reason}`),
    )
    blocks.push([paint('yellow', 'Not examined'), ...lines].join('\n'))
  }
  blocks.push(summarize(report, paint))
  return `${blocks.join('\n\n')}\n`
}
export default stylish

function describe(finding: Finding, text: string | undefined, paint: (style: Style, text: string) => string): string {
  const { location, severity, message, ruleId, resource, occurrences, chain, remediation } = finding
  const place = `${location.line}:${location.column}`
  const level = paint(severity === 'error' ? 'red' : 'yellow', severity)
  const lines = [`  ${paint('dim', place)}  ${level}  ${message}  ${paint('dim', ruleId)}`]
  const builds = printable(summarizeBuilds(occurrences.map(({ build }) => build)))
  const who = resource ? printable(`${resource.kind} ${resource.name}`).trim() : ''
  if (who || builds) lines.push(paint('dim', `        ${[who, builds ? `(${builds})` : ''].filter(Boolean).join(' ')}`))
  if (text !== undefined) lines.push(codeFrame(text, location, line => paint('red', line), '        '))
  if (chain.length > 1) {
    const steps = chain.map(({ file, line, role }) => printable(`${role} ${file}:${line}`))
    lines.push(paint('dim', `        written by ${steps.join(' -> ')}`))
  }
  lines.push(paint('cyan', `        ${remediation}`))
  return lines.join('\n')
}

function summarizeBuilds(builds: readonly string[]): string {
  const distinct = [...new Set(builds)]
  return distinct.length > 4
    ? `${distinct.slice(0, 3).join(', ')} and ${distinct.length - 3} more`
    : distinct.join(', ')
}

function summarize({ summary, tool }: Report, paint: (style: Style, text: string) => string): string {
  const { errors, warnings, suppressed, notExamined, files, builds, resources } = summary
  const problems = errors + warnings
  const examined = `${plural(resources, 'resource')} from ${plural(builds, 'build')}, ${plural(files, 'file')}`
  const versions = [tool.kustomize && `kustomize ${tool.kustomize}`, `Kubernetes ${tool.kubernetes}`].filter(Boolean)
  const rest = [
    suppressed ? `${suppressed} suppressed` : '',
    notExamined ? `${notExamined} not examined` : '',
    ...versions,
  ].filter(Boolean)
  const head = problems
    ? paint(
        errors ? 'red' : 'yellow',
        `✖ ${plural(problems, 'problem')} (${plural(errors, 'error')}, ${plural(warnings, 'warning')})`,
      )
    : paint('green', '✔ no problems')
  return `${head} in ${examined}; ${rest.join(', ')}`
}
