// Where a run finds what earlier runs have learned of the same tree, or of parts of it.
import { join, resolve } from 'node:path'
import { openFileIndex } from '../tree/file-index.ts'
import { hashOwnCode } from '../tree/own-code.ts'
import { nameOf, openPack, type Pack } from '../tree/pack.ts'
import type { FileIndex, ParsedBefore } from '../tree/source/source-file.ts'

/** The pack of a tree on this machine; without a cache folder nothing is remembered. */
export const openTreePack = (root: string, cacheFolder: string | undefined): Pack =>
  openPack(cacheFolder && join(cacheFolder, `memory-${nameOf(resolve(root))}.json`))

/** What the files of a tree were; who may read which of them is another matter for each user. */
export const openTreeIndex = (root: string, cacheFolder: string): FileIndex =>
  openFileIndex(join(cacheFolder, `index-${nameOf(resolve(root), process.getuid?.())}.json`))

/** What files hold, as this program reads them. */
export function rememberParsed(pack: Pack): ParsedBefore {
  const code = nameOf(hashOwnCode(), 'parsed').slice(0, 20)
  return { get: name => pack.get(`${code}.${name}`), set: (name, value) => pack.set(`${code}.${name}`, value) }
}
