// The shape of a rule: data about a fault, and one pure generator that finds it.
import type { Application } from '../../tree/argocd/application.ts'
import type { Deployment } from '../../tree/deploy.ts'
import type { Environments } from '../../tree/environments/open.ts'
import type { Kustomization } from '../../tree/kustomize/graph/kustomization.ts'
import type { Effects } from '../../tree/kustomize/trace/effects.ts'
import type { Build, Resource } from '../../tree/model/build.ts'
import type { Fault, FieldPath } from '../../tree/model/place.ts'
import type { ResourceIndex } from '../../tree/model/resource-index.ts'
import type { Tree } from '../../tree/read-tree.ts'
import type { SourceFile } from '../../tree/source/source-file.ts'
import type { Severity } from '../findings/finding.ts'

export type { ResourcePlace } from '../../tree/model/place.ts'

/** What a rule yields; the engine adds the rule's id. */
export type RuleFinding = Omit<Fault, 'ruleId'>

/** What every entry of the catalogue says about a fault, whether a rule or a stage finds it. */
export interface RuleDescription {
  readonly id: string
  readonly severity: Severity
  /** Reported only where the preset or a severity of its own asks for it. */
  readonly preset?: 'strict'
  /** Rules that tell the same mistake better: where one does, of the same resource, it is not told twice. */
  readonly toldBy?: readonly { readonly rule: string; readonly about: readonly string[] }[]
  /** Whether no report shows the text that is found: it is a secret. */
  readonly hidesSource?: true
  /** States the fault. */
  readonly summary: string
  readonly why: string
  /** Imperative. */
  readonly remediation: string
  /** The API rule or the behaviour of kustomize or Argo CD that is enforced. */
  readonly source: string
}

/** One parsed source: a manifest, a patch, a kustomization. */
export interface FileContext {
  readonly file: SourceFile
}

export interface KustomizationContext {
  readonly kustomization: Kustomization
  /** Every root that reads it; a rule that claims something of all builds asks whether all of them were rendered. */
  readonly readers: readonly Reader[]
  /** The same where all of them were rendered as they are written, else none: of what is not seen nothing is said. */
  readonly roots: readonly string[]
  /** What the entries of the kustomization did in a build. */
  readonly effects: Effects
  readonly deployment: Deployment
  readonly tree: Tree
}

export interface Reader {
  readonly root: string
  /** Undefined where the root could not be rendered. */
  readonly build: Build | undefined
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
  readonly deployment: Deployment
  readonly tree: Tree
  /** Those that validation.yaml declares. */
  readonly environments: Environments
}

export interface FileRule extends RuleDescription {
  readonly scope: 'file'
  check(context: FileContext): Iterable<RuleFinding>
}

export interface KustomizationRule extends RuleDescription {
  readonly scope: 'kustomization'
  check(context: KustomizationContext): Iterable<RuleFinding>
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

export type Rule = FileRule | KustomizationRule | ResourceRule | TreeRule | StageRule

export const defineRule = <T extends Rule>(rule: T): T => rule
