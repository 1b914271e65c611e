// The shapes a validation passes around and reports: plain readonly data, no behaviour.

export type Severity = 'error' | 'warning'

/** Segments from the root of a resource or file. Never a dotted string: label keys contain dots and slashes. */
export type FieldPath = readonly (string | number)[]

/** One-based positions; `file` is relative to the validated root, with forward slashes. The end is exclusive. */
export interface SourceRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface ResourceRef {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** One place that wrote the value, from the base to the last writer. */
export interface ChainLink {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly role: 'resource' | 'generator' | 'component' | 'patch' | 'transformer'
}

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
  readonly fieldPath: FieldPath
  readonly resource?: ResourceRef
  readonly occurrences: readonly Occurrence[]
}

/** Something that was seen and could not be judged. */
export interface NotExamined {
  readonly file: string
  readonly line: number
  readonly reason: string
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

/** The public contract of `--format json`; its JSON Schema is report/report.schema.json. */
export interface Report {
  readonly version: 1
  readonly tool: {
    readonly name: string
    readonly version: string
    readonly kustomize: string
    readonly kubernetes: string
  }
  readonly summary: Summary
  readonly findings: readonly Finding[]
  readonly notExamined: readonly NotExamined[]
}
