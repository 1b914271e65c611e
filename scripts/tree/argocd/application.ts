// What an Application means in this tree: its destination, and what each of its sources renders.
import type { Build, Resource } from '../model/build.ts'
import type { FieldPath } from '../model/place.ts'

export interface Application {
  readonly resource: Resource
  readonly destination: { readonly cluster: string | undefined; readonly namespace: string | undefined }
  readonly sources: readonly ApplicationSource[]
}

export interface ApplicationSource {
  readonly fieldPath: FieldPath
  /** The path as written. */
  readonly path: string
  readonly state: /** `isPartial`: more is rendered than the builds have. */
    | { readonly kind: 'builds'; readonly builds: readonly Build[]; readonly isPartial?: true }
    /** `reason` completes "path P ...". */
    | { readonly kind: 'missing'; readonly reason: string }
    /** Another repository, a Helm chart, a plugin, a folder whose build failed. */
    | { readonly kind: 'unknown' }
  /** Set where the source itself changes the namespace of what it renders. */
  readonly namespace?: string
  /** The chart that was rendered, and the files of values that it was given beside its own. */
  readonly chart?: { readonly folder: string; readonly valueFiles: readonly string[] }
}
