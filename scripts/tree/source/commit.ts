// A tree as a commit has it, read from Git's object store: no checkout, no index, one process of git for all files.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import ignore from 'ignore'
import { LIMITS } from './limits.ts'
import { SourceFile } from './source-file.ts'
import { type Entry, normalizePath, REASONS, type Sources, type Unreadable } from './sources.ts'

/** Git said no; the message is what it said. */
export class GitError extends Error {}

interface Blob {
  readonly mode: string
  readonly hash: string
}

const MODE = { file: '100644', executable: '100755', link: '120000' } as const
const MOST_LINKS = 40

/**
 * Opens the tree of a commit. `folder` is any folder of the repository (or a bare one); `prefix` is the part of the
 * repository that is the root, empty for all of it. `twin` is another version of the same tree: a file that is the same
 * in both is the twin's own, read and parsed once. Throws GitError when the commit is not there.
 */
export function openCommit(folder: string, commit: string, prefix = '', twin?: Sources): Sources {
  const listed = git(folder, [
    'ls-tree',
    '-r',
    '-z',
    '--full-tree',
    `${commit}^{tree}`,
    ...(prefix ? [`${prefix}/`] : []),
  ])
  const blobs = new Map<string, Blob>()
  for (const line of listed.toString('utf8').split('\0')) {
    const [, mode, type, hash, path] = /^(\d+) (\w+) ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? []
    if (mode === undefined || hash === undefined || path === undefined || type !== 'blob') continue
    blobs.set(prefix ? path.slice(prefix.length + 1) : path, { mode, hash })
  }
  if (blobs.size > LIMITS.entries) throw new RangeError(`more than ${LIMITS.entries} files`)
  return new Commit(folder, blobs, twin)
}

class Commit implements Sources {
  readonly #repository: string
  readonly #blobs: ReadonlyMap<string, Blob>
  readonly #folders = new Set<string>(['.'])
  readonly #files = new Map<string, SourceFile | Unreadable>()
  readonly #twin: Sources | undefined
  readonly #twins = new Map<string, SourceFile | undefined>()
  readonly #hasLinks: boolean
  readonly #listed = new Set<string>()
  #contents: Map<string, Uint8Array> | undefined

  constructor(repository: string, blobs: ReadonlyMap<string, Blob>, twin: Sources | undefined) {
    this.#repository = repository
    this.#blobs = blobs
    this.#twin = twin
    this.#hasLinks = [...blobs.values()].some(({ mode }) => mode === MODE.link)
    for (const path of blobs.keys()) {
      for (let folder = posix.dirname(path); !this.#folders.has(folder); folder = posix.dirname(folder)) {
        this.#folders.add(folder)
      }
    }
  }

  /** What a commit holds is not ignored, whatever its .gitignore says. */
  list(exclude: readonly string[]): readonly string[] {
    const excluded = ignore().add([...exclude])
    const paths = [...this.#blobs]
      .filter(([path, { mode }]) => mode !== MODE.link && !excluded.ignores(path))
      .map(([path]) => path)
      .sort()
    for (const path of paths) this.#listed.add(path)
    return paths
  }

  resolve(path: string): Entry {
    const normal = normalizePath(path)
    if (!this.#hasLinks && this.#blobs.has(normal)) return { kind: 'file', path: normal }
    return this.#follow(normal, normal, 0)
  }

  /** Follows the links on the way to a path; `asked` is what the answer names for a file. */
  #follow(asked: string, path: string, links: number): Entry {
    if (path === '..' || path.startsWith('../') || posix.isAbsolute(path)) return { kind: 'outside', path: asked }
    if (links > MOST_LINKS) return { kind: 'unreadable', path: asked }
    const segments = path.split('/')
    for (let count = 1; count <= segments.length; count++) {
      const part = segments.slice(0, count).join('/')
      const blob = this.#blobs.get(part)
      if (blob?.mode === MODE.link) {
        const target = this.#text(blob.hash)
        if (posix.isAbsolute(target)) return { kind: 'outside', path: asked }
        const next = normalizePath(posix.join(posix.dirname(part), target, ...segments.slice(count)))
        const entry = this.#follow(asked, next, links + 1)
        return entry.kind === 'missing' ? { kind: 'dangling', path: asked } : entry
      }
      if (blob && count < segments.length) return { kind: 'missing', path: asked }
      if (blob) return path === asked ? { kind: 'file', path } : { kind: 'file', path: asked, target: path }
    }
    return this.#folders.has(path) ? { kind: 'folder', path } : { kind: 'missing', path: asked }
  }

  read(path: string): SourceFile | Unreadable {
    let file = this.#files.get(path)
    if (!file) {
      file = this.#open(path)
      this.#files.set(path, file)
    }
    return file
  }

  #open(path: string): SourceFile | Unreadable {
    const entry = this.resolve(path)
    if (entry.kind !== 'file') return { path, reason: REASONS[entry.kind] }
    const blob = this.#blobs.get(this.#target(path))
    if (!blob) return { path, reason: REASONS.missing }
    const twin = this.#twinOf(path, blob)
    if (twin) return twin
    const bytes = this.#content(blob.hash)
    if (!bytes) return { path, reason: 'its content is not in this clone' }
    if (bytes.length > LIMITS.fileBytes) return { path, reason: `it is larger than ${LIMITS.fileBytes} bytes` }
    return new SourceFile(path, bytes)
  }

  /** The path that a path means once its links are followed. */
  #target(path: string): string {
    let current = normalizePath(path)
    if (!this.#hasLinks) return current
    for (let links = 0; links <= MOST_LINKS; links++) {
      const segments = current.split('/')
      const at = segments.findIndex(
        (_, index) => this.#blobs.get(segments.slice(0, index + 1).join('/'))?.mode === MODE.link,
      )
      if (at < 0) return current
      const link = segments.slice(0, at + 1).join('/')
      const target = this.#text(this.#blobs.get(link)?.hash ?? '')
      current = normalizePath(posix.join(posix.dirname(link), target, ...segments.slice(at + 1)))
    }
    return current
  }

  /** The other version's file where it has the same bytes. */
  #twinOf(path: string, { hash }: Blob): SourceFile | undefined {
    if (this.#twins.has(path)) return this.#twins.get(path)
    const file = this.#twin?.resolve(path).kind === 'file' ? this.#twin.read(path) : undefined
    const twin = file instanceof SourceFile && hashBlob(file.bytes, hash.length) === hash ? file : undefined
    this.#twins.set(path, twin)
    return twin
  }

  /** All contents are read at once, the first time that one is asked for; of those with a twin, what differs. */
  #content(hash: string): Uint8Array | undefined {
    this.#contents ??= readBlobs(this.#repository, this.#listNeeded())
    if (!this.#contents.has(hash)) {
      const content = readBlobs(this.#repository, [hash]).get(hash)
      if (content) this.#contents.set(hash, content)
    }
    return this.#contents.get(hash)
  }

  #text(hash: string): string {
    return Buffer.from(this.#content(hash) ?? []).toString('utf8')
  }

  #listNeeded(): readonly string[] {
    const blobs = this.#twin
      ? [...this.#listed].flatMap(path => {
          const blob = this.#blobs.get(path)
          return blob && !this.#twinOf(path, blob) ? [blob] : []
        })
      : [...this.#blobs.values()]
    return blobs.map(blob => blob.hash)
  }

  fork(): Sources {
    return new Commit(this.#repository, this.#blobs, this.#twin)
  }

  get readPaths(): readonly string[] {
    return [...this.#files].flatMap(([path, file]) => (file instanceof SourceFile ? [path] : [])).sort()
  }

  get unreadable(): readonly Unreadable[] {
    return [...this.#files.values()].filter(file => !(file instanceof SourceFile)) as Unreadable[]
  }
}

/** The name that Git gives to a content, in the repository's own hash (by its length in hexadecimal digits). */
function hashBlob(bytes: Uint8Array, length: number): string {
  const hash = createHash(length === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

function readBlobs(repository: string, hashes: readonly string[]): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>()
  const wanted = [...new Set(hashes)]
  if (wanted.length === 0) return contents
  const output = git(repository, ['cat-file', '--batch', '--buffer'], `${wanted.join('\n')}\n`)
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(0x0a, at)
    const [hash = '', type, size] = output.toString('utf8', at, end).split(' ')
    // A partial clone leaves some out.
    if (type === 'missing') {
      at = end + 1
      continue
    }
    if (type !== 'blob') throw new GitError(`object ${hash} is ${type}`)
    const start = end + 1
    contents.set(hash, output.subarray(start, start + Number(size)))
    at = start + Number(size) + 1
  }
  return contents
}

/**
 * What git says, of plumbing alone: nothing in the repository can make it run a program, since no hook, pager or filter
 * takes part in these commands. Throws GitError.
 */
export function git(folder: string, args: readonly string[], input = ''): Buffer {
  const child = spawnSync('git', ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-C', folder, ...args], {
    input,
    maxBuffer: LIMITS.totalBytes,
    env: { ...process.env, GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' },
  })
  if (child.error) throw new GitError(child.error.message)
  if (child.status !== 0) throw new GitError(child.stderr.toString('utf8').trim() || `git ended with ${child.status}`)
  return child.stdout
}
