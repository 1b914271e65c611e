// SARIF 2.1.0, as code scanning of GitHub and editors read it: rules, regions, stable fingerprints, suppressions.
import type { Finding, Report } from '../findings/finding.ts'
import { describeRule } from '../rules/described.ts'
import { printable } from '../../command/text.ts'
import type { Format } from './report.ts'

/** GitHub takes this many results of one run, and shows those first that stand first. */
const MOST_RESULTS = 25_000
const MOST_TEXT = 1_000

const sarif: Format = (report, { prefix }) => {
  const findings = bySeverity(report.findings).slice(0, MOST_RESULTS)
  const ids = [...new Set(findings.map(({ ruleId }) => ruleId))].sort()
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: report.tool.name, version: report.tool.version, rules: ids.map(describe) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { description: { text: 'The top of the checkout.' } } },
        results: findings.map(one => toResult(one, ids.indexOf(one.ruleId), prefix, report.since !== undefined)),
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: listNotifications(report, prefix) }],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
export default sarif

/** What counts comes first: where there is too much, warnings are left out before errors. */
const bySeverity = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => rankOf(a) - rankOf(b))

const rankOf = ({ severity, suppression }: Finding): number => (suppression ? 2 : severity === 'error' ? 0 : 1)

function describe(id: string) {
  const { summary, why, remediation, severity } = describeRule(id)
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: { text: remediation, markdown: `${why}\n\n**${remediation}**` },
    defaultConfiguration: { level: severity },
    properties: { tags: ['kubernetes', 'gitops'], precision: 'high', 'problem.severity': severity },
  }
}

function toResult(finding: Finding, ruleIndex: number, prefix: string, isCompared: boolean) {
  const { ruleId, severity, message, remediation, location, chain, fingerprint, suppression } = finding
  const others = chain.filter(({ file, line }) => file !== location.file || line !== location.line)
  return {
    ruleId,
    ruleIndex,
    level: severity,
    message: { text: `${message.slice(0, MOST_TEXT)}${/[.?!]$/.test(message) ? '' : '.'} ${remediation}` },
    locations: [{ physicalLocation: locate(location, prefix) }],
    ...(others.length
      ? {
          relatedLocations: others.slice(0, 10).map((link, index) => ({
            id: index + 1,
            physicalLocation: locate({ ...link, endLine: link.line, endColumn: link.column }, prefix),
            message: { text: `written by this ${link.role}` },
          })),
        }
      : {}),
    partialFingerprints: { 'finding/v1': fingerprint },
    ...(isCompared ? { baselineState: suppression?.by === 'since' ? 'unchanged' : 'new' } : {}),
    // What both sides have is not a decision of anybody: code scanning keeps it open.
    ...(suppression && suppression.by !== 'since'
      ? {
          suppressions: [
            { kind: suppression.by === 'validation.yaml' || suppression.by === 'baseline' ? 'external' : 'inSource' },
          ],
        }
      : {}),
  }
}

interface Region {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

function locate({ file, line, column, endLine, endColumn }: Region, prefix: string) {
  // A region must not be empty.
  const end = endLine === line && endColumn <= column ? column + 1 : endColumn
  const uri = `${prefix}${file}`.split('/').map(encodeURIComponent).join('/')
  return {
    artifactLocation: { uri, uriBaseId: 'ROOT' },
    region: { startLine: line, startColumn: column, endLine, endColumn: end },
  }
}

function listNotifications({ notExamined }: Report, prefix: string) {
  return notExamined.slice(0, 1_000).map(({ file, line, reason, detail }) => ({
    level: 'note',
    message: { text: printable(`Not examined: ${reason}${detail ? `: ${detail}` : ''}`) },
    locations: [{ physicalLocation: locate({ file, line, column: 1, endLine: line, endColumn: 2 }, prefix) }],
  }))
}
