// Whether Git would pass over a path: what is missing and ignored is written by something before it is used.
import { posix } from 'node:path'
import ignore from 'ignore'
import { SourceFile } from './source-file.ts'
import type { Sources } from './sources.ts'

/** Asks the `.gitignore` files of the folders above a path; the nearest one that names it decides. */
export function isIgnoredByGit(sources: Sources, path: string): boolean {
  if (path.startsWith('..') || posix.isAbsolute(path)) return false
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    const file = sources.resolve(posix.join(folder, '.gitignore')).kind === 'file' ? readRules(sources, folder) : ''
    const { ignored, unignored } = ignore()
      .add(file)
      .test(folder === '.' ? path : path.slice(folder.length + 1))
    if (ignored || unignored) return ignored
    if (folder === '.') return false
  }
}

const readRules = (sources: Sources, folder: string): string => {
  const file = sources.read(posix.join(folder, '.gitignore'))
  return file instanceof SourceFile ? file.text : ''
}
