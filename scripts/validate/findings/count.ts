// How many findings count.
import type { Finding } from './finding.ts'

export function countFindings(findings: readonly Finding[]): { errors: number; warnings: number; suppressed: number } {
  const counted = findings.filter(({ suppression }) => !suppression)
  const errors = counted.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: counted.length - errors, suppressed: findings.length - counted.length }
}
