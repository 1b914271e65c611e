// What is cloned in a fresh checkout, and the environment of programs that do not belong to the tests around them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT } from '../tree.ts'

export interface Origin {
  readonly url: string
  readonly commit: string
  git(...args: readonly string[]): string
  remove(): void
}

/** A bare repository with the commit that is checked out here as its main: what is not committed is not tested. */
export function createOrigin(): Origin {
  const folder = mkdtempSync(join(tmpdir(), 'origin-'))
  const git: Origin['git'] = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--bare', '--initial-branch=main')
  // The clone that is tested may be a shallow one.
  git('fetch', '--quiet', '--update-shallow', pathToFileURL(PROJECT).href, 'HEAD:refs/heads/main')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  return { url: pathToFileURL(folder).href, commit: git('rev-parse', 'main'), git, remove }
}

/** What vitest and npm add for this process, what belongs to the repository around it, and what makes colours. */
const OWN =
  /^(VITEST.*|NODE|NODE_ENV|NODE_OPTIONS|INIT_CWD|TEST|MODE|DEV|PROD|SSR|BASE_URL|(FORCE|NO)_(COLOR|TTY)|(GITHUB|RUNNER)_.*|GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|(AUTHOR|COMMITTER|CONFIG)_.*)|npm_(lifecycle|package)_.*|npm_(command|execpath|node_execpath|config_local_prefix|config_loglevel))$/

export function inheritEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(([name, value]) => value !== undefined && !OWN.test(name))
  // npm puts the programs of node_modules first; a fresh checkout has its own Node.
  const path = (environment.PATH ?? '').split(delimiter).filter(folder => !/node_modules|node-gyp-bin/.test(folder))
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path.join(delimiter) }
}
