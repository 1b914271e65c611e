// What a comparison of two trees says: the contract of `--format json`, and beside it what the rules of risk look at.
import type { Deployment } from '../tree/deploy.ts'
import type { Renderings } from '../tree/engine.ts'
import type { DeclaredEnvironment } from '../tree/environments/declared.ts'
import type { Resource } from '../tree/model/build.ts'
import type { FieldPath } from '../tree/model/place.ts'

export type SideName = 'base' | 'head'

export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  /** Not there for what stands in no namespace, and where nobody says it. */
  readonly namespace?: string
  readonly name: string
}

/** An object as it was, where that is not what it is called now. */
export interface ObjectBefore extends ObjectRef {
  readonly application?: string
  readonly build: string
}

export interface Location {
  readonly file: string
  readonly line: number
  /** Set where the line is one of the base: nothing of the head takes away what it wrote, it is just gone. */
  readonly side?: 'base'
}

export interface FieldChange {
  /** In the head; of what is gone, in the base. */
  readonly fieldPath: FieldPath
  /** Not there where the field was not. A Secret's value is never here: a mark stands for it that differs where it does. */
  readonly before?: unknown
  readonly after?: unknown
  /** The same items in another order, which replaces the pods: `before` and `after` name them. */
  readonly order?: true
  readonly location?: Location
}

export interface Change {
  /** As validation.yaml calls it, else the folder's name below `overlays/` and the like. */
  readonly environment?: string
  readonly application?: string
  /** The folder that is rendered. */
  readonly build: string
  /** In the head; of what is gone, in the base. */
  readonly object: ObjectRef
  readonly type: 'added' | 'removed' | 'changed' | 'renamed'
  /** Where the name, the namespace, the Application or the build was another. */
  readonly before?: ObjectBefore
  /** Empty for what is added or removed whole. */
  readonly fields: readonly FieldChange[]
  /** Where the object begins; of a change, its fields say more. */
  readonly location?: Location
}

export interface Risk {
  readonly ruleId: string
  readonly level: 'danger' | 'caution'
  /** Why it is one, a sentence that names what is at stake. */
  readonly message: string
  readonly environment?: string
  readonly application?: string
  readonly object?: ObjectRef
  readonly fieldPath?: FieldPath
  readonly location?: Location
}

/** A build that cannot be compared, since one side of it is not known. */
export interface NotRendered {
  readonly build: string
  readonly side: SideName
  readonly reason: string
}

/** The contract of `--format json`. */
export interface DiffReport {
  readonly changes: readonly Change[]
  readonly risks: readonly Risk[]
  readonly notRendered: readonly NotRendered[]
}

/** A change with the objects themselves; of what is added or removed there is one. */
export interface ComparedObject {
  readonly change: Change
  readonly before: Resource | undefined
  readonly after: Resource | undefined
}

/** One of the two trees. Rendered is only what differs: what is the same in both has no build here. */
export interface Side {
  readonly name: SideName
  readonly renderings: Renderings
  readonly deployment: Deployment
  /** As its validation.yaml declares them, in their order. */
  readonly environments: readonly DeclaredEnvironment[]
}

/** What a rule of risk is given. */
export interface Comparison {
  readonly base: Side
  readonly head: Side
  readonly objects: readonly ComparedObject[]
  readonly notRendered: readonly NotRendered[]
  /** The line that wrote a field of an object of one side; undefined where nothing is known of it. */
  locate(side: SideName, resource: Resource, fieldPath: FieldPath): Location | undefined
  /** The line that takes a field of the base away, or the whole object where there is no field and no `after`. */
  locateRemoved(before: Resource, fieldPath: FieldPath, after?: Resource): Location | undefined
  /** Whether a commit of this repository comes before another one; false where one of them is not known here. */
  isAncestor(commit: string, of: string): boolean
  /** Renders builds that are the same in both, for who must know more than the change; by folder, without those that fail. */
  renderMore(side: SideName, folders: readonly string[]): Promise<ReadonlyMap<string, readonly Resource[]>>
}
