// The one place that touches the tree: walks it, reads each file once, and refuses what is not a plain file inside it.
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import type { FieldPath, SourceRange } from '../../validate/findings/finding.ts'
import { LIMITS } from './limits.ts'
import { type Dialect, decodeText, type Parsed, parseText, type TextFault } from './yaml/parse.ts'
import { buildTrees, createLineIndex, findNode, type Node, rangeOf } from './yaml/position.ts'

/** What stands at a path of the tree; `path` is the path without links, relative to the root. */
export type Entry =
  | { readonly kind: 'file' | 'folder'; readonly path: string }
  | { readonly kind: 'missing' | 'dangling' | 'outside' | 'irregular' | 'unreadable'; readonly path: string }

/** One file, read once: all later steps see these bytes. */
export class SourceFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly text: string
  readonly fault: TextFault | undefined
  #parsed = new Map<Dialect, Parsed>()
  #trees: (Node | undefined)[] | undefined
  #hash: string | undefined

  constructor(path: string, bytes: Uint8Array) {
    this.path = path
    this.bytes = bytes
    const decoded = decodeText(bytes)
    // What cannot be decoded is kept only to show where: it is never parsed.
    this.text = typeof decoded === 'string' ? decoded : new TextDecoder().decode(bytes)
    this.fault = typeof decoded === 'string' ? undefined : decoded
  }

  get hash(): string {
    this.#hash ??= createHash('sha256').update(this.bytes).digest('hex')
    return this.#hash
  }

  parse(dialect: Dialect): Parsed {
    if (this.fault) return { documents: [], events: [], fault: this.fault }
    let parsed = this.#parsed.get(dialect)
    if (!parsed) {
      parsed = parseText(this.text, dialect)
      this.#parsed.set(dialect, parsed)
    }
    return parsed
  }

  /** One tree a document; undefined for empty documents. */
  get trees(): (Node | undefined)[] {
    if (!this.#trees) {
      const { events, fault } = this.parse('kustomize')
      this.#trees = fault ? [] : buildTrees(this.text, events)
    }
    return this.#trees
  }

  /** The range of a field; the start of the file when the document is not there. */
  rangeOf(document: number, path: FieldPath): SourceRange {
    const tree = this.trees[document]
    if (!tree) return this.rangeAt(0)
    return rangeOf(this.path, this.text, findNode(tree, path))
  }

  /** The rest of the line at an offset. */
  rangeAt(offset: number): SourceRange {
    const position = createLineIndex(this.text)
    const lineEnd = this.text.indexOf('\n', offset)
    const start = position(offset)
    const end = position(lineEnd < 0 ? this.text.length : lineEnd)
    const endColumn = end.line === start.line ? Math.max(end.column, start.column) : start.column
    return { file: this.path, line: start.line, column: start.column, endLine: start.line, endColumn }
  }
}

/** A file that could not be read, with the reason in words. */
export interface Unreadable {
  readonly path: string
  readonly reason: string
}

export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const
const ALWAYS_IGNORED = new Set(['.git', 'node_modules', '.terraform', '.venv'])

export class Sources {
  readonly root: string
  readonly #realRoot: string
  readonly #files = new Map<string, SourceFile | Unreadable>()
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  /** Throws the file system's error when the root is missing, not a folder or not readable. */
  constructor(root: string) {
    this.root = root
    this.#realRoot = realpathSync(root)
    readdirSync(this.#realRoot)
  }

  /** All regular files below the root but those that `.gitignore` files and `exclude` patterns name, sorted. */
  walk(exclude: readonly string[]): readonly string[] {
    const found: string[] = []
    let entries = 0
    const visit = (folder: string, rules: readonly { base: string; matcher: Ignore }[]): void => {
      let own = rules
      let children: ReturnType<typeof readFolder>
      try {
        children = readFolder(join(this.#realRoot, folder))
      } catch {
        this.#files.set(folder, { path: folder, reason: 'the folder cannot be read' })
        return
      }
      if (children.some(child => child.name === '.gitignore' && child.isFile())) {
        const text = this.read(posix.join(folder, '.gitignore'))
        if (text instanceof SourceFile) own = [...rules, { base: folder, matcher: ignore().add(text.text) }]
      }
      for (const child of children) {
        if (++entries > LIMITS.entries) throw new RangeError(`more than ${LIMITS.entries} files and folders`)
        const path = folder === '.' ? child.name : `${folder}/${child.name}`
        if (child.isDirectory()) {
          if (!ALWAYS_IGNORED.has(child.name) && !isIgnored(own, `${path}/`)) visit(path, own)
        } else if ((child.isFile() || isKustomization(child.name)) && !isIgnored(own, path)) found.push(path)
      }
    }
    visit('.', exclude.length ? [{ base: '.', matcher: ignore().add([...exclude]) }] : [])
    return found.sort()
  }

  /** Folders the walk could not open. */
  get unreadable(): readonly Unreadable[] {
    return [...this.#files.values()].filter(file => !(file instanceof SourceFile)) as Unreadable[]
  }

  /** Paths of all files read so far, sorted. */
  get readPaths(): readonly string[] {
    return [...this.#files].flatMap(([path, file]) => (file instanceof SourceFile ? [path] : [])).sort()
  }

  /** What stands at a path relative to the root. Links are followed, and only inside the root. */
  resolve(path: string): Entry {
    const normal = posix.normalize(path).replace(/(.)\/$/, '$1')
    const known = this.#entries.get(normal)
    if (known) return known
    const entry = this.#look(normal)
    this.#entries.set(normal, entry)
    return entry
  }

  #look(path: string): Entry {
    if (path === '..' || path.startsWith('../') || posix.isAbsolute(path)) return { kind: 'outside', path }
    try {
      const real = realpathSync(join(this.#realRoot, path))
      const inside = relative(this.#realRoot, real).split(sep).join('/') || '.'
      if (inside === '..' || inside.startsWith('../')) return { kind: 'outside', path }
      const stats = lstatSync(real)
      if (stats.isFile()) return { kind: 'file', path }
      return { kind: stats.isDirectory() ? 'folder' : 'irregular', path: inside }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'unreadable', path }
      return { kind: isThere(join(this.#realRoot, path)) ? 'dangling' : 'missing', path }
    }
  }

  /** Reads a file once. Never opens a FIFO or device, never follows a link out of the root. */
  read(path: string): SourceFile | Unreadable {
    const known = this.#files.get(path)
    if (known) return known
    const file = this.#open(path)
    this.#files.set(path, file)
    return file
  }

  #open(path: string): SourceFile | Unreadable {
    const entry = this.resolve(path)
    if (entry.kind !== 'file') return { path, reason: REASONS[entry.kind] }
    let descriptor: number | undefined
    try {
      descriptor = openSync(join(this.#realRoot, path), constants.O_RDONLY | constants.O_NONBLOCK)
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return { path, reason: REASONS.irregular }
      if (stats.size > LIMITS.fileBytes) return { path, reason: `it is larger than ${LIMITS.fileBytes} bytes` }
      if (this.#bytes + stats.size > LIMITS.totalBytes) {
        return { path, reason: `the tree has more than ${LIMITS.totalBytes} bytes to read` }
      }
      const bytes = readFileSync(descriptor)
      this.#bytes += bytes.length
      return new SourceFile(path, bytes)
    } catch (error) {
      return { path, reason: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` }
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
}

/** Whatever it is: what cannot be read as one is a finding, never silence. */
const isKustomization = (name: string): boolean => KUSTOMIZATION_NAMES.some(known => known === name)

const REASONS = {
  file: '',
  folder: 'it is a folder',
  missing: 'it does not exist',
  dangling: 'it is a link to what does not exist',
  outside: 'it lies outside of the validated folder',
  irregular: 'it is not a regular file',
  unreadable: 'it cannot be read',
} as const

/** Also true of a link that leads to nothing. */
function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
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
