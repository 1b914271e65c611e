// Reads which repository a folder is a checkout of, from Git's own files: git itself is never run in a stranger's tree.
import { lstatSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

export interface Checkout {
  /** URLs of all remotes. */
  readonly urls: readonly string[]
  /** The folder relative to the top of the checkout; empty at the top. */
  readonly prefix: string
  /** The branch that is checked out; undefined for a detached head. */
  readonly branch?: string
}

/** Looks upwards for a checkout; undefined outside of one. Unreadable files count as none. */
export function readCheckout(folder: string): Checkout | undefined {
  for (let top = folder; ; top = dirname(top)) {
    const config = readConfig(join(top, '.git'))
    if (config !== undefined) {
      const prefix = relative(top, folder).split(sep).join('/')
      const branch = readBranch(join(top, '.git'))
      return { urls: readRemoteUrls(config), prefix, ...(branch === undefined ? {} : { branch }) }
    }
    if (dirname(top) === top) return undefined
  }
}

function readConfig(path: string): string | undefined {
  try {
    const stats = lstatSync(path)
    if (stats.isDirectory()) return readSmall(join(path, 'config'))
    if (!stats.isFile()) return undefined
    // A worktree or submodule: the file names the folder; a worktree's folder names the common one.
    const pointer = /^gitdir: (.+)$/m.exec(readSmall(path))?.[1]
    if (!pointer) return undefined
    const gitFolder = isAbsolute(pointer) ? pointer : join(dirname(path), pointer)
    let common = gitFolder
    try {
      common = join(gitFolder, readSmall(join(gitFolder, 'commondir')).trim())
    } catch {
      // A submodule has its own configuration.
    }
    return readSmall(join(common, 'config'))
  } catch {
    return undefined
  }
}

function readBranch(path: string): string | undefined {
  try {
    const pointer = lstatSync(path).isFile() ? /^gitdir: (.+)$/m.exec(readSmall(path))?.[1] : undefined
    const folder = pointer === undefined ? path : isAbsolute(pointer) ? pointer : join(dirname(path), pointer)
    return /^ref: refs\/heads\/(\S+)/.exec(readSmall(join(folder, 'HEAD')))?.[1]
  } catch {
    return undefined
  }
}

function readSmall(path: string): string {
  const stats = lstatSync(path)
  if (!stats.isFile() || stats.size > 1_000_000) throw new Error(`${path} is not a small file`)
  return readFileSync(path, 'utf8')
}

function readRemoteUrls(config: string): string[] {
  const urls: string[] = []
  let isRemote = false
  for (const line of config.split('\n')) {
    const section = /^\s*\[\s*(\w+)/.exec(line)?.[1]
    if (section) isRemote = section === 'remote'
    const url = isRemote ? /^\s*(?:push)?url\s*=\s*"?([^"\s]+)"?\s*$/i.exec(line)?.[1] : undefined
    if (url) urls.push(url)
  }
  return urls
}
