// The shapes of the report: the public contract of `--format json`, described by report/report.schema.json.
import type { ChainLink, FieldPath, ResourceRef, SourceRange } from '../../tree/model/place.ts'

export type Severity = 'error' | 'warning'

/** Where a finding shows: the build (a folder relative to the root) and the namespace Argo CD will use. */
export interface Occurrence {
  readonly build: string
  readonly namespace?: string
}

export interface Finding {
  readonly ruleId: string
  readonly severity: Severity
  readonly message: string
  readonly remediation: string
  readonly location: SourceRange
  readonly chain: readonly ChainLink[]
  /** False where the trace and kustomize do not agree: the place is near, and not sure. */
  readonly proved?: false
  readonly fieldPath: FieldPath
  readonly resource?: ResourceRef
  readonly occurrences: readonly Occurrence[]
  /** Stays the same when lines move. */
  readonly fingerprint: string
  /** Stays the same when the file moves, too. */
  readonly likeness: string
  /** Set where somebody decided that the finding does not count. */
  readonly suppression?: Suppression
}

export interface Suppression {
  /** Where the decision is written; `since` is a finding that the commit has, too, which the tree is held against. */
  readonly by: 'validation.yaml' | 'comment' | 'annotation' | 'baseline' | 'since'
  readonly reason?: string
}

/** Something that was seen and could not be judged. */
export interface UnexaminedFile {
  readonly file: string
  readonly line: number
  /** The same words for all of one kind. */
  readonly reason: string
  /** Which one it is. */
  readonly detail?: string
}

export interface Summary {
  readonly errors: number
  readonly warnings: number
  readonly suppressed: number
  readonly notExamined: number
  readonly files: number
  readonly builds: number
  readonly resources: number
}

/** How much of what is deployed was looked at. */
export interface Coverage {
  /** Kustomizations that nothing else reads. */
  readonly roots: number
  /** Those that were rendered, in part or as a whole. */
  readonly rendered: number
  readonly partial: number
  /** Files that the roots read, and loose manifests. */
  readonly files: number
  /** Those of them that a rendered build or a loose manifest stands for. */
  readonly examined: number
}

/** What the tree was held against. */
export interface Comparison {
  /** The full hash. */
  readonly commit: string
  /** Findings that both have, and that do not count. */
  readonly known: number
  /** Findings that only the commit has. */
  readonly fixed: readonly FixedFinding[]
}

export interface FixedFinding extends Pick<Finding, 'ruleId' | 'severity' | 'message' | 'fingerprint'> {
  readonly file: string
  /** In the commit. */
  readonly line: number
}

/** Whose policy holds, where a change was held against a commit. */
export interface PolicyReport {
  /** The commit whose policy holds, as a full hash; absent where it is that of the tree. */
  readonly commit?: string
  /** The files of the policy that the change touches. */
  readonly changed: readonly string[]
  /** Findings that the change excuses by a comment or an annotation, and that count nevertheless. */
  readonly refused: number
}

export interface Report {
  readonly version: 1
  readonly tool: {
    readonly name: string
    readonly version: string
    readonly kustomize: string
    readonly kubernetes: string
  }
  readonly summary: Summary
  readonly coverage: Coverage
  readonly since?: Comparison
  readonly policy?: PolicyReport
  readonly findings: readonly Finding[]
  readonly notExamined: readonly UnexaminedFile[]
}
