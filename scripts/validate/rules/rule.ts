// The shape of a rule: data about a fault, and one pure generator that finds it.
import type { FieldPath, Severity } from '../findings/finding.ts'
import type { Build, Resource } from '../../tree/model/build.ts'
import type { ResourceIndex } from '../../tree/model/resource-index.ts'

/** A field of a resource that has to do with a fault. */
export interface Place {
  readonly resource: Resource
  readonly fieldPath: FieldPath
}

/** What a rule yields; the engine adds the rest. */
export interface RuleFinding {
  readonly message: string
  /**
   * The fields whose disagreement is the fault, the likeliest culprit first. The finding is shown at the one that was
   * written last: what an overlay changed is what a person must edit.
   */
  readonly places: readonly [Place, ...Place[]]
  /** Instead of the rule's own. */
  readonly remediation?: string
}

/** What every entry of the catalogue says about a fault, whether a rule or a stage finds it. */
export interface RuleDescription {
  readonly id: string
  readonly severity: Severity
  /** States the fault. */
  readonly summary: string
  readonly why: string
  /** Imperative. */
  readonly remediation: string
  /** The API rule or the behaviour of kustomize or Argo CD that is enforced. */
  readonly source: string
}

export interface ResourceContext {
  readonly resource: Resource
  /** What lives beside the resource once all is synced. */
  readonly index: ResourceIndex
  /** False when the schema already found a fault at, above or below the field. */
  isSound(resource: Resource, path: FieldPath): boolean
}

export interface TreeContext {
  readonly builds: readonly Build[]
  readonly applications: readonly Application[]
}

/** An Application and what its sources mean in this tree. */
export interface Application {
  readonly resource: Resource
  readonly destination: { readonly cluster: string | undefined; readonly namespace: string | undefined }
  readonly sources: readonly ApplicationSource[]
}

export interface ApplicationSource {
  readonly fieldPath: FieldPath
  /** The path as written. */
  readonly path: string
  readonly state:
    | { readonly kind: 'builds'; readonly builds: readonly Build[] }
    /** `reason` completes "path P ...". */
    | { readonly kind: 'missing'; readonly reason: string }
    /** Another repository, a Helm chart, a plugin, a folder whose build failed. */
    | { readonly kind: 'unknown' }
  /** Set where the source itself changes the namespace of what it renders. */
  readonly namespace?: string
}

export interface ResourceRule extends RuleDescription {
  readonly scope: 'resource'
  /** As `apps/Deployment`; the core group is empty: `/Service`. Empty: every kind. */
  readonly kinds: readonly string[]
  check(context: ResourceContext): Iterable<RuleFinding>
}

export interface TreeRule extends RuleDescription {
  readonly scope: 'tree'
  check(context: TreeContext): Iterable<RuleFinding>
}

/** A fault that a stage finds before the rules run. */
export interface StageRule extends RuleDescription {
  readonly scope: 'stage'
}

export type Rule = ResourceRule | TreeRule | StageRule

export const defineRule = <T extends Rule>(rule: T): T => rule
