// One file of a tree: its bytes, read once, and what each reader of YAML makes of them.
import { hash } from 'node:crypto'
import type { Stats } from 'node:fs'
import type { FieldPath, SourceRange } from '../model/place.ts'
import { type Dialect, decodeText, type Parsed, parseText, type TextFault } from './yaml/parse.ts'
import { buildTrees, createLineIndex, findNode, type Node, rangeOf } from './yaml/position.ts'
import { readEvents } from './yaml/read-events.ts'

/** What files were found to hold before, by the hash of their bytes and who reads them. */
export interface ParsedBefore {
  get<Value>(name: string): Value | undefined
  set(name: string, value: unknown): void
}

/** Beyond this a file is parsed in each run. */
const MOST_REMEMBERED = 256 * 1024

/** The text of a larger file is kept while it is the one that was looked at last. */
const MOST_KEPT = 16 * 1024

/** What is known of a file by its bytes. */
export interface KnownFile {
  readonly size: number
  readonly hash: string
  /** Whether it holds some words that were asked for. */
  readonly words: Record<string, boolean>
}

/** What the files of a folder were when they were read last. */
export interface FileIndex {
  /** Undefined where the file is another one, or was never seen. */
  find(path: string, stats: Stats): KnownFile | undefined
  /** `stats` are of before it was read. */
  note(path: string, stats: Stats, file: KnownFile): void
  /** What stops a run that has taken a file for one that it no longer is. */
  refuse(path: string): Error
  save(): void
}

/** A file that is known, and whose bytes nobody has asked for yet. */
export interface UnreadFile extends KnownFile {
  /** Throws where it is no longer the same. */
  read(): Uint8Array
}

/** Bytes of files that were parsed and may be looked at again, of all together: what is more is read again. */
const MOST_HELD = 32 * 1024 * 1024

/** One file, read once: all later steps see these bytes. */
export class SourceFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  #content: Uint8Array | UnreadFile
  readonly #readAgain: (() => Uint8Array) | undefined
  /** Those that were parsed, with what they may let go. */
  static readonly #held = new Set<SourceFile>()
  static #heldBytes = 0
  static #recent: { readonly file: SourceFile; readonly decoded: string | TextFault } | undefined
  #decoded: string | TextFault | undefined
  readonly #parsed: Partial<Record<Dialect, Parsed>> = {}
  #trees: (Node | undefined)[] | undefined
  #hash: string | undefined
  #lines: ReturnType<typeof createLineIndex> | undefined
  readonly #before: ParsedBefore | undefined
  /** Words that were looked for. */
  readonly #words: KnownFile['words']

  /** `readAgain` gives the same bytes, or throws; without it they are kept. */
  constructor(
    path: string,
    content: Uint8Array | UnreadFile,
    before?: ParsedBefore,
    words = {},
    readAgain?: () => Uint8Array,
  ) {
    this.path = path
    this.#content = content
    this.#readAgain = readAgain
    if (content instanceof Uint8Array) {
      this.size = content.length
      this.#words = words
    } else {
      this.size = content.size
      this.#hash = content.hash
      this.#words = content.words
    }
    this.#before = this.size > MOST_REMEMBERED ? undefined : before
  }

  get bytes(): Uint8Array {
    if (this.#content instanceof Uint8Array) return this.#content
    this.#content = this.#content.read()
    return this.#content
  }

  /** What cannot be decoded is there only to show where: it is never parsed. */
  get text(): string {
    const decoded = this.#decode()
    return typeof decoded === 'string' ? decoded : new TextDecoder().decode(this.bytes)
  }

  #decode(): string | TextFault {
    if (this.#decoded !== undefined) return this.#decoded
    if (SourceFile.#recent?.file === this) return SourceFile.#recent.decoded
    const decoded = decodeText(this.bytes)
    if (this.size <= MOST_KEPT) this.#decoded = decoded
    else SourceFile.#recent = { file: this, decoded }
    return decoded
  }

  /** Whether a word of plain letters stands in the text, which need not be decoded for it. */
  holds(word: string): boolean {
    this.#words[word] ??= this.#lookFor(word)
    return this.#words[word]
  }

  #lookFor(word: string): boolean {
    const { buffer, byteOffset, length } = this.bytes
    const isWide = this.bytes[0] === 0xff || this.bytes[0] === 0xfe
    return isWide ? this.text.includes(word) : Buffer.from(buffer, byteOffset, length).includes(word, 0, 'latin1')
  }

  get fault(): TextFault | undefined {
    const decoded = this.#decode()
    return typeof decoded === 'string' ? undefined : decoded
  }

  get hash(): string {
    this.#hash ??= hashBytes(this.bytes)
    return this.#hash
  }

  parse(dialect: Dialect): Parsed {
    let parsed = this.#parsed[dialect]
    if (!parsed) {
      parsed = this.#recall(dialect) ?? this.#parseAnew(dialect)
      this.#parsed[dialect] = parsed
      this.#hold()
    }
    return parsed
  }

  /** What is parsed is hardly looked at again: of a large tree the bytes would weigh as much as what they say. */
  #hold(): void {
    if (!this.#readAgain || !(this.#content instanceof Uint8Array) || SourceFile.#held.has(this)) return
    SourceFile.#held.add(this)
    SourceFile.#heldBytes += this.size
    for (const oldest of SourceFile.#held) {
      if (SourceFile.#heldBytes <= MOST_HELD) break
      oldest.#letGo()
    }
  }

  #letGo(): void {
    SourceFile.#held.delete(this)
    SourceFile.#heldBytes -= this.size
    if (!this.#readAgain) return
    this.#content = { size: this.size, hash: this.hash, words: this.#words, read: this.#readAgain }
    this.#decoded = undefined
  }

  #recall(dialect: Dialect): Parsed | undefined {
    const documents = this.#before?.get<Parsed['documents']>(`${this.hash}.${dialect}`)
    return documents && { documents }
  }

  #parseAnew(dialect: Dialect): Parsed {
    if (this.fault) return { documents: [], fault: this.fault }
    const parsed = parseText(this.text, dialect)
    if (parsed.isPlain) this.#before?.set(`${this.hash}.${dialect}`, parsed.documents)
    return parsed
  }

  /** One tree a document; undefined for empty documents. */
  get trees(): (Node | undefined)[] {
    if (!this.#trees) {
      // Read once more: kept for a file that nobody asks about, the events would weigh more than all else.
      const { fault } = this.parse('kubectl')
      this.#trees = fault ? [] : buildTrees(this.text, readEvents(this.text, 'kubectl'))
    }
    return this.#trees
  }

  /** The range of a field; the start of the file when the document is not there. */
  rangeOf(document: number, path: FieldPath): SourceRange {
    const tree = this.trees[document]
    if (!tree) return this.rangeAt(0)
    return rangeOf(this.path, this.text, findNode(tree, path), this.#lineIndex())
  }

  #lineIndex(): ReturnType<typeof createLineIndex> {
    this.#lines ??= createLineIndex(this.text)
    return this.#lines
  }

  /** The rest of the line at an offset. */
  rangeAt(offset: number): SourceRange {
    const position = this.#lineIndex()
    const lineEnd = this.text.indexOf('\n', offset)
    const start = position(offset)
    const end = position(lineEnd < 0 ? this.text.length : lineEnd)
    const endColumn = end.line === start.line ? Math.max(end.column, start.column) : start.column
    return { file: this.path, line: start.line, column: start.column, endLine: start.line, endColumn }
  }
}

export const hashBytes = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')
