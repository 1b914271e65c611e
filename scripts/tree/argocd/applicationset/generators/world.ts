// What generators ask of the world, and the two ways in which one of them ends without sets.
import type { RenderTemplates } from '../go-template.ts'

/** What generators ask of the world. Paths are those of the repository. */
export interface GeneratorWorld {
  /** Whether a repository at a revision is this tree. */
  isOwn(repoUrl: string, revision: string): boolean
  readonly files: readonly string[]
  /** The text of a file; undefined for one that cannot be read. */
  readText(path: string): string | undefined
  /** Undefined where the tree declares none: then they are elsewhere. */
  readonly clusters: readonly ClusterSecret[] | undefined
  /** Undefined where there is no helm. */
  readonly render: RenderTemplates | undefined
}

export interface ClusterSecret {
  readonly name: string
  readonly server: string
  readonly project: string
  readonly labels: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, unknown>>
}

export interface Mode {
  readonly isGo: boolean
  readonly options: readonly string[]
}

export const MAX_SETS = 10_000

/** Both leave a generator from any depth; nothing else may. */
export class Refusal extends Error {}

export class Unknown extends Error {}
