// The one place that touches the file system: walks a folder, reads each file once, and refuses what is not a plain file in it.
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { LIMITS } from './limits.ts'
import { type FileIndex, hashBytes, type ParsedBefore, SourceFile, type UnreadFile } from './source-file.ts'
import { type Entry, isKustomizationName, normalizePath, REASONS, type Sources, type Unreadable } from './sources.ts'

/** What earlier runs have learned of the files. */
export interface Learned {
  /** What some files hold. */
  readonly before?: ParsedBefore
  readonly index?: FileIndex
  /** What stops a run in which a file changed. Where nobody says it, all bytes are kept. */
  readonly refuse?: FileIndex['refuse']
}

/** Opens a folder. Throws the file system's error when it is missing, not a folder or not readable. */
export const openFolder = (root: string, learned: Learned = {}): Sources =>
  new Folder(root, { ...learned, files: new Map(), entries: new Map(), listings: new Map(), walks: new Map() })

const ALWAYS_IGNORED = new Set(['.git', 'node_modules', '.terraform', '.venv'])

/** What one walk said, and which files and folders it took or could not take. */
interface Walk {
  readonly paths: string[]
  readonly read: string[]
  readonly unreadable: Unreadable[]
}

/** What everybody sees who reads the same folder, each thing once. */
interface Seen extends Learned {
  readonly files: Map<string, SourceFile>
  readonly entries: Map<string, Entry>
  /** What the walk saw in each folder, by name; a folder that was not walked has no entry. */
  readonly listings: Map<string, ReadonlyMap<string, Dirent>>
  readonly walks: Map<string, Walk>
}

/** A folder of this machine. */
class Folder implements Sources {
  readonly #realRoot: string
  readonly #files = new Map<string, SourceFile | Unreadable>()
  readonly #seen: Seen
  #bytes = 0

  constructor(root: string, seen: Seen) {
    this.#realRoot = realpathSync(root)
    this.#seen = seen
    readdirSync(this.#realRoot)
  }

  fork(): Sources {
    return new Folder(this.#realRoot, this.#seen)
  }

  list(exclude: readonly string[]): readonly string[] {
    const key = JSON.stringify(exclude)
    const known = this.#seen.walks.get(key)
    for (const path of known?.read ?? []) this.read(path)
    for (const folder of known?.unreadable ?? []) this.#files.set(folder.path, folder)
    if (known) return known.paths
    const walk: Walk = { paths: [], read: [], unreadable: [] }
    const { paths: found } = walk
    let entries = 0
    const visit = (folder: string, rules: readonly { base: string; matcher: Ignore }[]): void => {
      let own = rules
      let children: ReturnType<typeof readFolder>
      try {
        children = readFolder(join(this.#realRoot, folder))
      } catch {
        const fault = { path: folder, reason: 'the folder cannot be read' }
        walk.unreadable.push(fault)
        this.#files.set(folder, fault)
        return
      }
      if (children.some(child => child.name === '.gitignore' && child.isFile())) {
        const rule = posix.join(folder, '.gitignore')
        const text = this.read(rule)
        walk.read.push(rule)
        if (text instanceof SourceFile) own = [...rules, { base: folder, matcher: ignore().add(text.text) }]
      }
      this.#seen.listings.set(folder, new Map(children.map(child => [child.name, child])))
      for (const child of children) {
        if (++entries > LIMITS.entries) throw new RangeError(`more than ${LIMITS.entries} files and folders`)
        const path = folder === '.' ? child.name : `${folder}/${child.name}`
        if (child.isDirectory()) {
          if (!ALWAYS_IGNORED.has(child.name) && !isIgnored(own, `${path}/`)) visit(path, own)
        } else if ((child.isFile() || isKustomizationName(child.name)) && !isIgnored(own, path)) found.push(path)
      }
    }
    visit('.', exclude.length ? [{ base: '.', matcher: ignore().add([...exclude]) }] : [])
    found.sort()
    this.#seen.walks.set(key, walk)
    return found
  }

  get unreadable(): readonly Unreadable[] {
    return [...this.#files.values()].filter(file => !(file instanceof SourceFile)) as Unreadable[]
  }

  get readPaths(): readonly string[] {
    return [...this.#files].flatMap(([path, file]) => (file instanceof SourceFile ? [path] : [])).sort()
  }

  resolve(path: string): Entry {
    const known = this.#seen.entries.get(path)
    if (known) return known
    const normal = normalizePath(path)
    if (normal !== path) return this.resolve(normal)
    const entry = this.#look(path)
    this.#seen.entries.set(path, entry)
    return entry
  }

  #look(path: string): Entry {
    if (path === '..' || path.startsWith('../') || posix.isAbsolute(path)) return { kind: 'outside', path }
    const seen = this.#recall(path)
    if (seen) return seen
    try {
      const real = realpathSync(join(this.#realRoot, path))
      const inside = relative(this.#realRoot, real).split(sep).join('/') || '.'
      if (inside === '..' || inside.startsWith('../')) return { kind: 'outside', path }
      const stats = lstatSync(real)
      if (stats.isFile()) return inside === path ? { kind: 'file', path } : { kind: 'file', path, target: inside }
      return { kind: stats.isDirectory() ? 'folder' : 'irregular', path: inside }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'unreadable', path }
      return { kind: isThere(join(this.#realRoot, path)) ? 'dangling' : 'missing', path }
    }
  }

  /** What the walk has seen at a path, without asking again; undefined for links and for what it did not walk. */
  #recall(path: string): Entry | undefined {
    const listing = this.#seen.listings.get(posix.dirname(path))
    if (!listing || path === '.') return undefined
    const child = listing.get(posix.basename(path))
    if (!child) return { kind: 'missing', path }
    if (child.isFile()) return { kind: 'file', path }
    return child.isDirectory() ? { kind: 'folder', path } : undefined
  }

  /** Reads a file once. Never opens a FIFO or device, never follows a link out of the root. */
  read(path: string): SourceFile | Unreadable {
    const known = this.#files.get(path)
    if (known) return known
    const file = this.#charge(this.#seen.files.get(path) ?? this.#open(path))
    this.#files.set(path, file)
    return file
  }

  /** Who reads more than there may be gets no more. */
  #charge(file: SourceFile | Unreadable): SourceFile | Unreadable {
    if (!(file instanceof SourceFile)) return file
    if (this.#bytes + file.size > LIMITS.totalBytes) {
      return { path: file.path, reason: `the tree has more than ${LIMITS.totalBytes} bytes to read` }
    }
    this.#seen.files.set(file.path, file)
    this.#bytes += file.size
    return file
  }

  #open(path: string): SourceFile | Unreadable {
    const entry = this.resolve(path)
    if (entry.kind !== 'file') return { path, reason: REASONS[entry.kind] }
    const { before, index } = this.#seen
    const isPlain = this.#recall(path) !== undefined
    const known = isPlain ? this.#recognize(path) : undefined
    if (known) return new SourceFile(path, known, before, {}, known.read)
    const read = this.#readBytes(path, isPlain)
    if ('reason' in read) return read
    const words = {}
    const again = (): Uint8Array => this.#readAgain(path, isPlain, file.hash)
    const mayRead = this.#refuse ? again : undefined
    const file: SourceFile = new SourceFile(path, read.bytes, before, words, mayRead)
    if (isPlain) index?.note(path, read.stats, { size: file.size, hash: file.hash, words })
    return file
  }

  /** A file that is the one that an earlier run has read. */
  #recognize(path: string): UnreadFile | undefined {
    const { index } = this.#seen
    if (!index) return undefined
    let stats: Stats
    try {
      stats = lstatSync(join(this.#realRoot, path))
    } catch {
      return undefined
    }
    const known = stats.isFile() ? index.find(path, stats) : undefined
    if (!known) return undefined
    return { ...known, read: () => this.#readAgain(path, true, known.hash) }
  }

  /** Throws where the file is no longer the one that this run has taken it for. */
  #readAgain(path: string, isPlain: boolean, hash: string): Uint8Array {
    const found = this.#readBytes(path, isPlain)
    if ('bytes' in found && hashBytes(found.bytes) === hash) return found.bytes
    throw this.#refuse?.(path) ?? new Error(`${path} has changed`)
  }

  get #refuse(): FileIndex['refuse'] | undefined {
    return this.#seen.refuse ?? this.#seen.index?.refuse
  }

  /** `isPlain`: it was a plain file, and is not followed if it has become a link meanwhile. */
  #readBytes(path: string, isPlain: boolean): { readonly bytes: Uint8Array; readonly stats: Stats } | Unreadable {
    let descriptor: number | undefined
    try {
      const flags = constants.O_RDONLY | constants.O_NONBLOCK | (isPlain ? constants.O_NOFOLLOW : 0)
      descriptor = openSync(join(this.#realRoot, path), flags)
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return { path, reason: REASONS.irregular }
      if (stats.size > LIMITS.fileBytes) return { path, reason: `it is larger than ${LIMITS.fileBytes} bytes` }
      return { bytes: readAll(descriptor, stats.size), stats }
    } catch (error) {
      return { path, reason: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` }
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
}

/** Also true of a link that leads to nothing. */
function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

/** Reads a file of a known size with one call; one that grew or shrank meanwhile is read to its end. */
function readAll(descriptor: number, size: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(size + 1)
  const count = readSync(descriptor, buffer, 0, size + 1, 0)
  return count === size ? buffer.subarray(0, size) : readFileSync(descriptor)
}

function readFolder(path: string) {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function isIgnored(rules: readonly { base: string; matcher: Ignore }[], path: string): boolean {
  return rules.some(({ base, matcher }) => {
    const local = base === '.' ? path : path.slice(base.length + 1)
    return matcher.ignores(local)
  })
}
