// What validation.yaml says of the tree itself, for commands that judge nothing: folders to pass over, and its own URLs.
import { CONFIGURATION } from './environments/declared.ts'
import { listAt } from './model/build.ts'
import { SourceFile } from './source/source-file.ts'
import type { Sources } from './source/sources.ts'

export interface Configured {
  /** Patterns as in .gitignore. */
  readonly exclude: readonly string[]
  /** URLs that mean this tree; empty where nothing is said. */
  readonly urls: readonly string[]
}

/** What has another shape is left out: `validate` says so. */
export function readConfigured(sources: Sources): Configured {
  const isThere = sources.resolve(CONFIGURATION).kind === 'file'
  const file = isThere ? sources.read(CONFIGURATION) : undefined
  const root = file instanceof SourceFile ? file.parse('kubectl').documents[0] : undefined
  const texts = (...path: readonly string[]): readonly string[] =>
    listAt(root, path).filter(item => typeof item === 'string')
  return { exclude: texts('exclude'), urls: texts('repository', 'urls') }
}
