// A baseline keeps the findings that a team knows of: they do not fail a run, new ones do, and fixed ones are told.

import { Problem } from '../../command/problem.ts'
import type { Finding } from './finding.ts'

export interface BaselineEntry {
  readonly fingerprint: string
  readonly ruleId: string
  readonly file: string
  readonly message: string
}

/** Text that changes only with the findings. */
export function formatBaseline(findings: readonly Finding[]): string {
  const entries = findings
    .filter(({ suppression }) => suppression === undefined || suppression.by === 'baseline')
    .map(({ fingerprint, ruleId, location, message }): BaselineEntry => {
      return { fingerprint, ruleId, file: location.file, message }
    })
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.fingerprint < b.fingerprint ? -1 : 1))
  return `${JSON.stringify({ version: 1, findings: entries }, null, 2)}\n`
}

/** Throws a Problem for a text that is not a baseline. */
export function readBaseline(text: string, file: string): readonly BaselineEntry[] {
  const fail = (): never => {
    throw new Problem(`${file} is not a baseline: write one with --write-baseline`, { exitCode: 2 })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail()
  }
  const { version, findings } = (value ?? {}) as { version?: unknown; findings?: unknown }
  if (version !== 1 || !Array.isArray(findings)) return fail()
  return findings.every(one => typeof one?.fingerprint === 'string') ? (findings as BaselineEntry[]) : fail()
}

/** The findings with those of the baseline suppressed, and the entries that nothing is found of any more. */
export function applyBaseline(
  findings: readonly Finding[],
  baseline: readonly BaselineEntry[],
): { readonly findings: readonly Finding[]; readonly fixed: readonly BaselineEntry[] } {
  const known = new Set(baseline.map(({ fingerprint }) => fingerprint))
  const present = new Set(findings.map(({ fingerprint }) => fingerprint))
  return {
    findings: findings.map(finding =>
      finding.suppression || !known.has(finding.fingerprint)
        ? finding
        : { ...finding, suppression: { by: 'baseline' as const } },
    ),
    fixed: baseline.filter(({ fingerprint }) => !present.has(fingerprint)),
  }
}
