// Knows a finding again after lines have moved: by what it says of which field, never by where that stands in the file.
import { createHash } from 'node:crypto'
import type { Fault } from '../../tree/model/place.ts'
import type { Finding } from './finding.ts'

/** Sixteen hexadecimal digits. Two findings of one tree may share them until `numberTwins` tells them apart. */
export function fingerprintOf(finding: Omit<Finding, 'fingerprint'>, values: Fault['values']): string {
  const { ruleId, location, fieldPath, resource } = finding
  const who = resource ? [resource.apiVersion, resource.kind, resource.name] : []
  return hash([ruleId, location.file, ...who, fieldPath, values])
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
