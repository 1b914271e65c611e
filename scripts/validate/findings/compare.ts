// Two sides of a change: which findings are new, which both sides have, and which are fixed.
import type { Finding, FixedFinding } from './finding.ts'

export interface Compared {
  /** Those of the head; what the base has, too, is marked and does not count. */
  readonly findings: readonly Finding[]
  readonly known: number
  /** What counted in the base, and is found no more. */
  readonly fixed: readonly FixedFinding[]
}

/** The files of both sides, so that a file that was moved is known again. */
export interface Files {
  hasBase(file: string): boolean
  hasHead(file: string): boolean
}

/** What the stages say of a build that they cannot render, or not as a whole. */
const BREAKING = new Set(['kustomize-build', 'yaml-syntax', 'refused-input', 'duplicate-resource'])

/** The builds that hide what is in them: what is not found there is not fixed. */
export const listBroken = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(
    findings.flatMap(({ ruleId, occurrences }) => (BREAKING.has(ruleId) ? occurrences.map(({ build }) => build) : [])),
  )

/** By fingerprint; a finding of a file that only the base has is also known in one that only the head has. */
export function compareFindings(head: readonly Finding[], base: readonly Finding[], files: Files): Compared {
  const before = new Map(base.map(finding => [finding.fingerprint, finding]))
  const present = new Set(head.map(({ fingerprint }) => fingerprint))
  const gone = base.filter(({ fingerprint, location }) => !present.has(fingerprint) && !files.hasHead(location.file))
  const moved = Map.groupBy(gone, ({ likeness }) => likeness)
  const broken = listBroken(head)
  const isHidden = ({ occurrences }: Finding): boolean => occurrences.some(({ build }) => broken.has(build))
  const found = new Set<Finding>()
  const findings = head.map((finding): Finding => {
    const isMoved = !before.has(finding.fingerprint) && !files.hasBase(finding.location.file)
    const twin = before.get(finding.fingerprint) ?? (isMoved ? moved.get(finding.likeness)?.shift() : undefined)
    if (twin) found.add(twin)
    return twin && !finding.suppression ? { ...finding, suppression: { by: 'since' } } : finding
  })
  return {
    findings,
    known: findings.filter(({ suppression }) => suppression?.by === 'since').length,
    fixed: base.filter(one => !found.has(one) && !one.suppression && !isHidden(one)).map(describeFixed),
  }
}

const describeFixed = ({ ruleId, severity, message, fingerprint, location }: Finding): FixedFinding => ({
  ruleId,
  severity,
  message,
  fingerprint,
  file: location.file,
  line: location.line,
})

const isExcused = ({ suppression }: Finding): boolean =>
  suppression?.by === 'comment' || suppression?.by === 'annotation'

/** Whether a tree excuses something in its own files, and not in its policy. */
export const hasExcuses = (findings: readonly Finding[]): boolean => findings.some(isExcused)

/** Findings that count in spite of a comment or an annotation, unless the trusted side excuses the same one. */
export function refuseExcuses(
  findings: readonly Finding[],
  trusted: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly refused: number } {
  const accepted = new Set(trusted.filter(isExcused).map(({ fingerprint }) => fingerprint))
  const isRefused = (finding: Finding): boolean => isExcused(finding) && !accepted.has(finding.fingerprint)
  return {
    findings: findings.map(finding => {
      const { suppression, ...rest } = finding
      return isRefused(finding) ? rest : finding
    }),
    refused: findings.filter(isRefused).length,
  }
}
