// What is known of the kustomizations of a tree before anything is rendered.
import type { Fault, FieldPath, NotExamined } from '../../model/place.ts'
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
  /** Set where what it names is ordinary, and lies on another machine: not examined, rather than a fault. */
  readonly elsewhere?: Elsewhere
}

/** Things that are never fetched. */
export type Elsewhere = 'a URL' | 'a chart'

/** A value of the fault of a file that is not there, and that something writes before the build. */
export const WRITTEN_FIRST = 'written before the build'

/** A value of the fault of what a template names: it lies where the template is copied to. */
export const COPIED_FIRST = 'copied before the build'

/** What is said of a kustomization that has all its entries in comments. */
export const EMPTIED = 'all in comments'

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
  /** What is wrong with the kustomization itself. */
  readonly ownFaults: readonly Fault[]
  /** What stands in the way of a build: that, and what is wrong with the files that it reads. They are parsed when it is asked. */
  readonly faults: readonly Fault[]
  /** What does not. */
  readonly blemishes: readonly Fault[]
  /** What lies on other machines. */
  readonly notExamined: readonly NotExamined[]
  /** Resources written in its own files. They are parsed when it is asked. */
  readonly documents: number
  /** No fewer than that, as far as it can be seen without parsing. */
  readonly mostDocuments: number
  /** Entries that `value` is without, in rounds: each counts what the rounds before it left. */
  readonly leftOut?: readonly (readonly FieldPath[])[]
}

export interface Graph {
  readonly kustomizations: ReadonlyMap<string, Kustomization>
  /** Folders that another kustomization reads. */
  readonly referenced: ReadonlySet<string>
  /** Whether what builds a folder lets kustomize read files beside and above a kustomization. */
  isUnrestricted(folder: string): boolean
  /** The kustomization and all it reads, itself first; each once. */
  reach(folder: string): readonly Kustomization[]
}
