// What a command wants to change, before anybody has agreed to it.
import type { Edits } from '../tree/source/edit.ts'
import type { Sources } from '../tree/source/sources.ts'
import type { RenderedBuilds } from './rendered.ts'

export interface Change {
  readonly edits: Edits
  /** Further files that it was worked out from: not committed, they would say something else tomorrow. */
  readonly sources?: readonly string[]
  /** Renderings without and with the edits. */
  readonly before: RenderedBuilds
  readonly after: RenderedBuilds
  /** An imperative sentence: the commit's subject and the pull request's title. */
  readonly subject: string
  /** Further paragraphs of the commit message and of the pull request. */
  readonly body?: string
  readonly branch: string
  /** What the person should know before the question, a sentence each. */
  readonly notes?: readonly string[]
}

/**
 * Says what edits change in the clusters, and what is dangerous in it; `folders` are the builds that are meant. Who starts a
 * command gives it: the comparison is a room of its own, beside this one.
 */
export type Describe = (
  root: string,
  sources: Sources,
  edits: Edits,
  folders: readonly string[],
) => Promise<Description>

export interface Description {
  /** For a terminal. */
  print(colour: boolean): Promise<string>
  /** For the text of a pull request; safe there, and not too long for it. */
  readonly markdown: string
}

/** Whether two contents are the same bytes; null is a file that is not there. */
export const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

/** The edits that change something. */
export const keepChanged = (edits: Edits, read: (path: string) => Uint8Array | null): Edits =>
  new Map([...edits].filter(([path, content]) => !isSame(content, read(path))))
