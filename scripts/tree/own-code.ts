// What this program is: what another version of it has kept counts for nothing.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const scripts = fileURLToPath(new URL('..', import.meta.url))

/** The folders whose code judges; `node_modules` says itself what is installed. */
const ROOMS = ['tree', 'validate', 'command']
const INSTALLED = '../node_modules/.package-lock.json'

let known: string | undefined

/** A hash of the bytes of the program, of the packages it stands on and of the Node that runs it. */
export function hashOwnCode(): string {
  if (known !== undefined) return known
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  const add = (path: string): void => {
    hash.update(`\n${path}\n`).update(readFileSync(join(scripts, path)))
  }
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(scripts, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (entry.name !== 'fixtures') visit(path)
      } else if (entry.isFile() && !entry.name.endsWith('.test.ts')) add(path)
    }
  }
  for (const room of ROOMS) visit(room)
  try {
    add(INSTALLED)
  } catch {
    // Where somebody else installs the packages, the lock file is all that is known of them.
    add('../package-lock.json')
  }
  known = hash.digest('base64url')
  return known
}
