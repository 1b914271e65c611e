// The alerts are tested by Prometheus' own promtool, and each has a test that raises it and one that does not.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { PROJECT } from './tree.ts'

interface Rule {
  readonly alert?: string
}
const CASES = join(PROJECT, 'tests/fixtures/alerts.test.yaml')
const { spec } = parse(readFileSync(join(PROJECT, 'components/monitoring/prometheusrule.yaml'), 'utf8')) as {
  readonly spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
}
const ALERTS = spec.groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []))

const promtool = spawnSync('promtool', ['--version']).error === undefined
if (!promtool) process.stderr.write('THE TESTS OF THE ALERTS DID NOT RUN: there is no promtool (Debian: prometheus)\n')

test.runIf(promtool)('promtool: the rules are right, and raise what they should when they should', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'))
  try {
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: spec.groups }))
    cpSync(CASES, join(folder, 'alerts.test.yaml'))
    for (const args of [
      ['check', 'rules', 'rules.yaml'],
      ['test', 'rules', 'alerts.test.yaml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
      expect(status, stdout + stderr).toBe(0)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every alert has a test', () => {
  const { tests } = parse(readFileSync(CASES, 'utf8')) as {
    readonly tests: readonly { readonly alert_rule_test?: readonly { alertname: string; exp_alerts: unknown[] }[] }[]
  }
  const raised = tests.flatMap(({ alert_rule_test = [] }) =>
    alert_rule_test.flatMap(({ alertname, exp_alerts }) => (exp_alerts.length > 0 ? [alertname] : [])),
  )
  expect([...new Set(raised)].sort()).toEqual([...ALERTS].sort())
})

test('every query of the dashboard is of the chosen namespace', () => {
  const { panels } = JSON.parse(readFileSync(join(PROJECT, 'components/monitoring/dashboard.json'), 'utf8')) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
  }
  const selectors = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/\{[^}]*\}/g) ?? []))
  expect(selectors.length).toBeGreaterThan(10)
  for (const selector of selectors) expect(selector).toContain('namespace="$namespace"')
})
