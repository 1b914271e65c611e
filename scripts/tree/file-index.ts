// What the files of a folder were when they were read last, as git's index has it: one whose size, times and inode are the same
// is the same file, and is read only where somebody wants to see its bytes.
import type { Stats } from 'node:fs'
import { Problem } from '../command/problem.ts'
import { keepText, readKeptText } from './kept.ts'
import type { FileIndex, KnownFile } from './source/source-file.ts'

/** Milliseconds: a file that changed so short a time before it was read may change again, and show the same times. */
const SETTLED = 3_000

/** One of so many is read anew sooner than all are written. */
const LITTLE = 200

type Stamp = readonly [dev: number, ino: number, size: number, mtimeMs: number, ctimeMs: number]
type Row = readonly [path: string, stamp: Stamp, hash: string, words: KnownFile['words']]

/** The index that is kept in a file; one that is not whole is empty. */
export function openFileIndex(at: string): FileIndex {
  const before = JSON.parse(readKeptText(at) ?? '[]') as readonly Row[]
  const rows = new Map(before.map(row => [row[0], row]))
  const countBefore = countWords(before)
  const used = new Map<string, Row>()
  let noted = 0
  return {
    find(path, stats) {
      const row = rows.get(path)
      if (!row || !isSame(row[1], stats)) return undefined
      used.set(path, row)
      return { size: stats.size, hash: row[2], words: row[3] }
    },
    note(path, stats, { size, hash, words }) {
      const { dev, ino, mtimeMs, ctimeMs } = stats
      if (Math.max(mtimeMs, ctimeMs) > Date.now() - SETTLED) return
      used.set(path, [path, [dev, ino, size, mtimeMs, ctimeMs], hash, words])
      noted++
    },
    refuse: refuseChanged,
    save() {
      const kept = [...used.values()]
      const isOutdated = noted * LITTLE > kept.length || countWords(kept) > countBefore
      if (isOutdated) keepText(at, JSON.stringify(kept))
      noted = 0
    },
  }
}

/** What stops a run that has taken a file for one that it no longer is. */
export const refuseChanged = (path: string): Problem =>
  new Problem(`${path} has changed since this run began: run it again`, { exitCode: 2 })

const countWords = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + Object.keys(row[3]).length, 0)

const isSame = ([dev, ino, size, mtimeMs, ctimeMs]: Stamp, stats: Stats): boolean =>
  ctimeMs === stats.ctimeMs &&
  mtimeMs === stats.mtimeMs &&
  size === stats.size &&
  ino === stats.ino &&
  dev === stats.dev
