// What rendering one source of an Application yields: objects with where they were written, and what stood in the way.
import type { About, FieldPath, SourceRange } from '../../model/place.ts'
import type { KubernetesObject, Value } from '../../model/resource.ts'

export interface SourceObject {
  readonly object: KubernetesObject
  readonly origin:
    | { readonly kind: 'document'; readonly file: string; readonly document: number; readonly item?: number }
    /** A template of a chart. */
    | { readonly kind: 'template'; readonly file: string }
    /** A folder's kustomization, with settings of an Application laid over it. */
    | { readonly kind: 'settings'; readonly folder: string; readonly edited: Readonly<Record<string, Value>> }
}

export interface SourceFault {
  readonly ruleId:
    | 'application-source'
    | 'ineffective-source-setting'
    | 'application-without-manifests'
    | 'application-of-kustomizations'
  readonly message: string
  readonly values: About
  readonly severity: 'error' | 'warning'
  /** In the Application, or where `range` is given in that file. */
  readonly fieldPath: FieldPath
  readonly range?: SourceRange
}

export type SourceState =
  /** Built as it is written: the build of the folder. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** Rendered for this Application alone. */
  | {
      readonly kind: 'objects'
      readonly tool: 'kustomize' | 'directory' | 'chart'
      readonly objects: readonly SourceObject[]
    }
  /** `reason` completes "path P ...". */
  | { readonly kind: 'missing'; readonly reason: string }
  /** The faults say why. */
  | { readonly kind: 'failed' }
  /** Another repository, a chart of a registry, a plugin. `reason` is told where the person would wonder; `which` names it. */
  | { readonly kind: 'unknown'; readonly reason?: string; readonly which?: string }

export interface RenderedSource {
  readonly fieldPath: FieldPath
  /** As written. */
  readonly path: string
  readonly state: SourceState
  /** More of it may exist than `state` has. */
  readonly isPartial?: boolean
  /** What is not there of a part, in words. */
  readonly lacks?: string
  readonly faults: readonly SourceFault[]
  /** Files that its settings name, as patches. */
  readonly reads?: readonly string[]
  /** The folder of the chart that was rendered. */
  readonly chart?: string
  /** Files of values that the chart was given, beside its own. */
  readonly valueFiles?: readonly string[]
}
