// For people at a terminal: what is wrong, each thing once with a code frame, then what was examined and what was not.
import { styleText } from 'node:util'
import type { Finding, Report, UnexaminedFile } from '../findings/finding.ts'
import { codeFrame } from '../../command/code-frame.ts'
import { describeComparison } from './comparison.ts'
import { countByRule, type FindingGroup, groupFindings, groupUnexamined, pathsBeside, takeTurns } from './group.ts'
import { activeFindings, type Format, plural, type ReportContext } from './report.ts'
import { printable } from '../../command/text.ts'

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

/** Lines for findings; what stands below them needs some as well. */
const MOST_LINES = 150
const MOST_PLACES = 5
const MOST_REASONS = 20

const stylish: Format = (report, context) => {
  const paint: Paint = (style, text) => (context.colour ? styleText(style, text, { validateStream: false }) : text)
  const blocks = [...describeFindings(report, context, paint)]
  const active = activeFindings(report)
  if (new Set(active.map(({ ruleId }) => ruleId)).size > 1) blocks.push(listRules(active, paint))
  const examined = describeCoverage(report)
  if (examined) blocks.push(examined)
  if (report.notExamined.length) blocks.push(listUnexamined(report.notExamined, context, paint))
  const compared = describeComparison(report)
  if (compared.length) blocks.push(compared.map(printable).join('\n'))
  blocks.push(summarize(report, paint))
  return `${blocks.join('\n\n')}\n`
}
export default stylish

/** One block for each thing that is said; a short report is grouped by file. */
function* describeFindings(report: Report, context: ReportContext, paint: Paint): Generator<string> {
  const groups = groupFindings(activeFindings(report))
  const describe = ({ findings }: FindingGroup): string => describeGroup(findings, context, paint)
  const most = context.verbose ? Number.POSITIVE_INFINITY : MOST_LINES
  const whole = takeLines(groups, describe, most)
  if (whole.length === groups.length) return yield* whole
  const ordered = takeTurns(groups)
  const shown = takeLines(ordered, describe, most)
  yield* shown
  const rest = ordered.slice(shown.length).flatMap(({ findings }) => findings).length
  yield paint('yellow', `… and ${plural(rest, 'more finding')}: --verbose prints all`)
}

/** The blocks that fit, at least one. */
function takeLines(
  groups: readonly FindingGroup[],
  describe: (group: FindingGroup) => string,
  most: number,
): readonly string[] {
  const blocks: string[] = []
  let lines = 0
  for (const group of groups) {
    const block = describe(group)
    lines += block.split('\n').length + 1
    if (blocks.length > 0 && lines > most) break
    blocks.push(block)
  }
  return blocks
}

function describeGroup(
  findings: readonly [Finding, ...Finding[]],
  { prefix, textOf, verbose }: ReportContext,
  paint: Paint,
): string {
  const [first, ...others] = findings
  const { location, severity, message, ruleId, resource, occurrences, chain, proved, remediation } = first
  const level = paint(severity === 'error' ? 'red' : 'yellow', severity)
  const lines = [
    paint('underline', printable(`${prefix}${location.file}:${location.line}:${location.column}`)),
    `  ${level}  ${message}  ${paint('dim', ruleId)}`,
  ]
  const builds = printable(summarizeBuilds(occurrences.map(({ build }) => build)))
  const who = resource ? printable(`${resource.kind} ${resource.name}`).trim() : ''
  if (who || builds) lines.push(paint('dim', `    ${[who, builds ? `(${builds})` : ''].filter(Boolean).join(' ')}`))
  const text = textOf(location.file)
  if (text !== undefined) lines.push(codeFrame(text, location, line => paint('red', line), '    '))
  if (chain.length > 1 || proved === false) {
    const steps = chain.map(({ file, line, role }) => printable(`${role} ${file}:${line}`))
    lines.push(paint('dim', `    ${proved === false ? 'written near' : 'written by'} ${steps.join(' -> ')}`))
  }
  lines.push(paint('cyan', `    ${remediation}`))
  if (others.length) {
    const shown = verbose || others.length <= MOST_PLACES + 1 ? others : others.slice(0, MOST_PLACES)
    lines.push(`    The same at ${plural(others.length, 'more place')}:`)
    for (const other of shown) {
      const { location: at, resource: one } = other
      const names = [one ? `${one.kind} ${one.name}` : '', ...pathsBeside(other, first)].filter(Boolean)
      lines.push(printable(`      ${[`${prefix}${at.file}:${at.line}`, ...names].join('  ')}`))
    }
    if (shown.length < others.length) lines.push(`      … and ${others.length - shown.length} more`)
  }
  return lines.join('\n')
}

function summarizeBuilds(builds: readonly string[]): string {
  const distinct = [...new Set(builds)]
  return distinct.length > 4
    ? `${distinct.slice(0, 3).join(', ')} and ${distinct.length - 3} more`
    : distinct.join(', ')
}

function listRules(findings: readonly Finding[], paint: Paint): string {
  const rows = countByRule(findings)
  const width = String(Math.max(...rows.map(({ count }) => count))).length
  const lines = rows.map(
    ({ ruleId, severity, count }) =>
      `  ${String(count).padStart(width)}  ${paint(severity === 'error' ? 'red' : 'yellow', severity.padEnd(7))}  ${ruleId}`,
  )
  return [paint('bold', 'Findings by rule'), ...lines].join('\n')
}

/** Only where something is missing: elsewhere the last line says it all. */
function describeCoverage({ coverage }: Report): string | undefined {
  const { roots, rendered, partial, files, examined } = coverage
  if (roots === rendered && partial === 0 && files === examined) return undefined
  const part = partial ? `, ${partial} of them in part` : ''
  return `Examined: ${rendered} of ${plural(roots, 'root')} rendered${part}; ${examined} of ${plural(files, 'file')} that they read\nA root is a kustomization that no other one reads.`
}

function listUnexamined(entries: readonly UnexaminedFile[], { prefix, verbose }: ReportContext, paint: Paint): string {
  const show = ({ file, line, detail }: UnexaminedFile): string =>
    printable(`${detail ? `${detail}  ` : ''}${prefix}${file}${line > 1 ? `:${line}` : ''}`)
  const groups = groupUnexamined(entries)
  const shown = verbose ? groups : groups.slice(0, MOST_REASONS)
  const width = String(groups[0]?.entries.length ?? 0).length
  const lines = shown.flatMap(({ reason, entries: members }) => {
    const head = `  ${String(members.length).padStart(width)}  ${printable(reason)}`
    const listed = (verbose ? members : members.slice(0, 1)).map(one => `${' '.repeat(width + 6)}${show(one)}`)
    const single = listed.length === 1 && members.length === 1 ? [`${head}: ${show(members[0])}`] : undefined
    if (single) return single
    return verbose ? [head, ...listed] : [`${head}, such as ${show(members[0])}`]
  })
  if (shown.length < groups.length) lines.push(`  … and ${plural(groups.length - shown.length, 'more reason')}`)
  return [paint('yellow', 'Not examined'), ...lines].join('\n')
}

function summarize({ summary, tool, coverage }: Report, paint: Paint): string {
  const { errors, warnings, suppressed, notExamined, files, builds, resources } = summary
  const problems = errors + warnings
  const examined = `${plural(resources, 'resource')} from ${plural(builds, 'build')}, ${plural(files, 'file')}`
  const versions = [tool.kustomize && `kustomize ${tool.kustomize}`, `Kubernetes ${tool.kubernetes}`].filter(Boolean)
  const rest = [
    suppressed ? `${suppressed} suppressed` : '',
    notExamined ? `${notExamined} not examined` : '',
    ...versions,
  ].filter(Boolean)
  // Green is for what was looked at: where much was not, the line is no reason to be at ease.
  const isThin = coverage.rendered < coverage.roots || notExamined > resources / 10
  const head = problems
    ? paint(
        errors ? 'red' : 'yellow',
        `✖ ${plural(problems, 'problem')} (${plural(errors, 'error')}, ${plural(warnings, 'warning')})`,
      )
    : paint(isThin ? 'yellow' : 'green', isThin ? '✔ no problems in what was examined:' : '✔ no problems')
  return `${head}${head.includes(':') ? '' : ' in'} ${examined}; ${rest.join(', ')}`
}
