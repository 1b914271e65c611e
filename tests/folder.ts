// A folder for each test of a file, which is gone after it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

export interface TestFolder {
  /** Another one in each test. */
  readonly root: string
  /** Makes the folders on the way as well. */
  readonly write: (path: string, content: string | Uint8Array) => void
}

/** Writes files by their paths below a folder, which may lie in folders that are not there yet. */
export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

/** Called once at the top of a test file; `name` is how the folder's name begins. */
export function useFolder(name: string): TestFolder {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), `${name}-`))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  return {
    get root() {
      return root
    },
    write: (path, content) => writeFiles(root, { [path]: content }),
  }
}
