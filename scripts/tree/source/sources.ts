// What a tree is to everything above: a set of files by path, wherever they come from (a folder, a commit, an edit over either).
import { posix } from 'node:path'
import type { SourceFile } from './source-file.ts'

/** What stands at a path of the tree; `path` is relative to the root, for folders without links. */
export type Entry =
  | { readonly kind: 'folder'; readonly path: string }
  /** `target` is set where a link leads to the file: its path without links. */
  | { readonly kind: 'file'; readonly path: string; readonly target?: string }
  | { readonly kind: 'missing' | 'dangling' | 'outside' | 'irregular' | 'unreadable'; readonly path: string }

/** A file that could not be read, with the reason in words. */
export interface Unreadable {
  readonly path: string
  readonly reason: string
}

export interface Sources {
  /**
   * All regular files below the root but those that `.gitignore` files and `exclude` patterns (as in .gitignore) name,
   * sorted.
   */
  list(exclude: readonly string[]): readonly string[]
  /** What stands at a path relative to the root. Links are followed, and only inside the root. */
  resolve(path: string): Entry
  /** Reads a file once: whoever asks again gets the same bytes. */
  read(path: string): SourceFile | Unreadable
  /** Paths of all files read so far, sorted. */
  readonly readPaths: readonly string[]
  /** Files and folders that could not be read so far. */
  readonly unreadable: readonly Unreadable[]
  /** The same tree with the same bytes, for somebody else: of which nothing has been read yet. */
  fork(): Sources
}

export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Whatever it is: what cannot be read as one is a finding, never silence. */
export const isKustomizationName = (name: string): boolean => KUSTOMIZATION_NAMES.some(known => known === name)

/** Why what stands at a path is not read as a file. */
export const REASONS = {
  file: '',
  folder: 'it is a folder',
  missing: 'it does not exist',
  dangling: 'it is a link to what does not exist',
  outside: 'it lies outside of the validated folder',
  irregular: 'it is not a regular file',
  unreadable: 'it cannot be read',
} as const

/** A path in its one spelling: `a/./b/` is `a/b`. */
export const normalizePath = (path: string): string =>
  ODD.test(path) ? posix.normalize(path).replace(/(.)\/$/, '$1') : path

/** A segment that is empty or made of dots: without one, a path is in its one spelling already. */
const ODD = /(?:^|\/)\.{0,2}(?:\/|$)/
