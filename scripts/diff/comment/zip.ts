// One file out of an archive in memory: nothing is written, and no more is unpacked than is asked for.
// Source: PKWARE's APPNOTE, sections 4.3.12 and 4.3.16.
import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const MOST_ENTRIES = 100

/** Undefined where the archive cannot be read, has no such file, or has one of more than `most` bytes. */
export function readZipEntry(archive: Buffer, name: string, most: number): Buffer | undefined {
  try {
    const end = archive.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
    if (end < 0 || archive.readUInt32LE(end) !== END) return undefined
    const count = Math.min(archive.readUInt16LE(end + 10), MOST_ENTRIES)
    let at = archive.readUInt32LE(end + 16)
    for (let entry = 0; entry < count && archive.readUInt32LE(at) === ENTRY; entry++) {
      const [names, extra, comment] = [28, 30, 32].map(offset => archive.readUInt16LE(at + offset))
      const found = archive.toString('utf8', at + 46, at + 46 + (names ?? 0))
      if (found === name) return unpack(archive, at, most)
      at += 46 + (names ?? 0) + (extra ?? 0) + (comment ?? 0)
    }
    return undefined
  } catch (error) {
    // A range that is not there, or bytes that do not inflate, or to too many.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code !== undefined) return undefined
    throw error
  }
}

function unpack(archive: Buffer, at: number, most: number): Buffer | undefined {
  const method = archive.readUInt16LE(at + 10)
  const size = archive.readUInt32LE(at + 20)
  const local = archive.readUInt32LE(at + 42)
  if (archive.readUInt32LE(local) !== LOCAL) return undefined
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
  const packed = archive.subarray(start, start + size)
  if (method === 0) return packed.length <= most ? packed : undefined
  return method === 8 ? inflateRawSync(packed, { maxOutputLength: most }) : undefined
}
