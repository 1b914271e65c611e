// A tree in memory, for tests of what reads a few files and asks for no folder, no commit and no links.
import { posix } from 'node:path'
import { SourceFile } from './source-file.ts'
import { type Entry, normalizePath, type Sources } from './sources.ts'

/** Folders are there with the files in them; what leads out of the tree is outside. */
export function holdFiles(texts: Readonly<Record<string, string>>): Sources {
  const files = new Map(Object.entries(texts).map(([path, text]) => [path, new SourceFile(path, Buffer.from(text))]))
  const paths = [...files.keys()].sort()
  const folders = new Set(['.', ...paths.flatMap(listFolders)])
  const resolve = (written: string): Entry => {
    const path = normalizePath(written)
    if (path === '..' || path.startsWith('../')) return { kind: 'outside', path }
    return { kind: files.has(path) ? 'file' : folders.has(path) ? 'folder' : 'missing', path }
  }
  return {
    list: () => paths,
    resolve,
    read: path => files.get(normalizePath(path)) ?? { path, reason: 'it does not exist' },
    readPaths: paths,
    unreadable: [],
    fork: () => holdFiles(texts),
  }
}

function listFolders(path: string): readonly string[] {
  const folder = posix.dirname(path)
  return folder === '.' ? [] : [folder, ...listFolders(folder)]
}
