// Knows a finding again after lines or files have moved: by what it says of which field, never by where that stands.
import { createHash } from 'node:crypto'
import type { Fault } from '../../tree/model/place.ts'
import type { Finding } from './finding.ts'

type Marks = Pick<Finding, 'fingerprint' | 'likeness'>

/** Sixteen hexadecimal digits each. Two findings of one tree may share a fingerprint until `numberTwins` tells them apart. */
export function markFinding(finding: Omit<Finding, keyof Marks>, values: Fault['values']): Marks {
  const { ruleId, location, fieldPath, resource } = finding
  const who = resource ? [resource.apiVersion, resource.kind, resource.name] : []
  return {
    fingerprint: hash([ruleId, location.file, ...who, fieldPath, values]),
    likeness: hash([ruleId, ...who, fieldPath, values]),
  }
}

/** Findings in their order, each with a fingerprint of its own. */
export function numberTwins(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>()
  return findings.map(finding => {
    const count = (seen.get(finding.fingerprint) ?? 0) + 1
    seen.set(finding.fingerprint, count)
    return count === 1 ? finding : { ...finding, fingerprint: hash([finding.fingerprint, count]) }
  })
}

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
