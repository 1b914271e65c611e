// What is known of the kustomizations of a tree before anything is rendered.
import type { Fault, FieldPath } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import type { SourceFile } from '../../source/source-file.ts'

/** A value that names a file or folder. */
export interface Reference {
  /** As written, without a generator's `key=`. */
  readonly path: string
  readonly fieldPath: FieldPath
  /** What the file holds: manifests, patches, plugin configurations (checked before kustomize sees them), other YAML, bytes. */
  readonly content: 'resource' | 'patch' | 'plugin' | 'yaml' | 'data'
  readonly mayBeFolder: boolean
  readonly mayBeFile: boolean
  /** Why it is not followed at all. */
  readonly refusal?: string
}

/** One file that a kustomization reads, and as what. */
export interface FileRead {
  readonly path: string
  readonly reference: Reference
}

/** One folder that a kustomization reads; `path` has no links in it. */
export interface FolderRead {
  readonly path: string
  readonly reference: Reference
}

export interface Kustomization {
  readonly folder: string
  readonly file: SourceFile
  readonly kind: 'Kustomization' | 'Component'
  readonly value: Readonly<Record<string, Value>>
  readonly files: readonly FileRead[]
  readonly folders: readonly FolderRead[]
  readonly faults: readonly Fault[]
  /** Resources written in its own files. */
  readonly documents: number
}

export interface Graph {
  readonly kustomizations: ReadonlyMap<string, Kustomization>
  /** Folders that another kustomization reads. */
  readonly referenced: ReadonlySet<string>
  /** The kustomization and all it reads, itself first; each once. */
  reach(folder: string): readonly Kustomization[]
}
