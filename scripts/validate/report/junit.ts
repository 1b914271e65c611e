// JUnit XML for CI systems that count tests: a suite for each file, a failed case for each error, all else in the output.
import { activeFindings, type Format } from './report.ts'
import type { Finding } from '../findings/finding.ts'
import { escapeMarkup } from '../../command/markup.ts'

const junit: Format = (report, { prefix }) => {
  const active = activeFindings(report)
  const errors = active.filter(({ severity }) => severity === 'error').length
  const suites = [...Map.groupBy(active, ({ location }) => location.file)].map(([file, findings]) => {
    const failures = findings.filter(({ severity }) => severity === 'error').length
    const attributes = `name="${escapeMarkup(prefix + file)}" tests="${findings.length}" failures="${failures}" errors="0"`
    return [`  <testsuite ${attributes}>`, ...findings.map(one => toCase(one, prefix)), '  </testsuite>'].join('\n')
  })
  // A run without a test is a failed one for some readers.
  if (active.length === 0) {
    suites.push('  <testsuite name="validate" tests="1" failures="0" errors="0">')
    suites.push('    <testcase name="no findings" classname="validate"/>\n  </testsuite>')
  }
  const head = `<testsuites name="${escapeMarkup(report.tool.name)}" tests="${active.length || 1}" failures="${errors}" errors="0">`
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, '</testsuites>', ''].join('\n')
}
export default junit

function toCase({ ruleId, severity, message, remediation, location, resource }: Finding, prefix: string): string {
  const { file, line, column } = location
  const who = resource ? `${resource.kind} ${resource.name}` : file
  const place = `${prefix}${file}:${line}:${column}`
  const open = `    <testcase name="${escapeMarkup(`${ruleId}: ${who}:${line}`)}" classname="${escapeMarkup(prefix + file)}" file="${escapeMarkup(prefix + file)}" line="${line}"`
  const text = escapeMarkup(`${place}: ${message}\n${remediation}`)
  if (severity === 'warning') return `${open}>\n      <system-out>${text}</system-out>\n    </testcase>`
  return `${open}>\n      <failure type="${escapeMarkup(ruleId)}" message="${escapeMarkup(message)}">${text}</failure>\n    </testcase>`
}
