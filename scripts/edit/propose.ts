// The last part of every command: show the change, ask, write it, and commit it or open a pull request when told to.
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { commitPaths, findRemote, readHead, requireCheckout, requireClean, requireCommittable, unstage } from './git.ts'
import { describeAlong, findBase, openPullRequest, requireGh } from './pull-request.ts'
import { Refusal, refuseUsage } from './refusal.ts'
import { diffFiles, diffRendered, listChanged, paintDiff } from './show.ts'
import { type Edits, isSame, type RenderedTree } from './tree.ts'

export interface Change {
  readonly root: string
  readonly edits: Edits
  /** Further files that it was worked out from: not committed, they would say something else tomorrow. */
  readonly sources?: readonly string[]
  /** Renderings without and with the edits; left out when nothing is rendered. */
  readonly before?: RenderedTree
  readonly after?: RenderedTree
  /** An imperative sentence: the commit's subject and the pull request's title. */
  readonly subject: string
  /** Further paragraphs of the commit message. */
  readonly body?: string
  readonly branch: string
  /** What the person should know before the question, a sentence each. */
  readonly notes?: readonly string[]
}

/** What the person asked for, besides the change itself. */
export interface Delivery {
  readonly commit: boolean
  readonly pullRequest: boolean
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The person in front, or the pipe. */
export interface Terminal {
  readonly isInteractive: boolean
  readonly hasColor: boolean
  print(text: string): void
  note(text: string): void
  ask(question: string): Promise<boolean>
}

/** What must hold before a change is even worked out, so that nobody reads a diff that then cannot be delivered. */
export function checkDelivery(root: string, delivery: Delivery, terminal: Terminal): void {
  if (delivery.commit && delivery.pullRequest) throw refuseUsage('--commit and --pull-request exclude each other')
  if (delivery.dryRun && (delivery.commit || delivery.pullRequest)) {
    throw refuseUsage('--dry-run writes nothing: leave out --commit and --pull-request')
  }
  if (!delivery.commit && !delivery.pullRequest) return
  if (!delivery.yes && !terminal.isInteractive) {
    throw refuseUsage('a commit needs a yes, and there is no terminal to ask: add --yes')
  }
  requireCheckout(root)
  requireCommittable(root)
  if (delivery.pullRequest) {
    requireGh(root)
    findRemote(root)
  }
}

/** Shows and delivers. Returns true when something was written. */
export async function propose(change: Change, delivery: Delivery, terminal: Terminal): Promise<boolean> {
  const { root, edits, before, after } = change
  const paths = [...edits.keys()]
  if (delivery.commit || delivery.pullRequest) requireClean(root, [...paths, ...(change.sources ?? [])])
  for (const note of change.notes ?? []) terminal.note(note)
  const originals = new Map(paths.map(path => [path, readIfThere(root, path)]))
  const diff = diffFiles(keepPresent(originals), keepPresent(edits))
  terminal.print(`${paintDiff(diff, terminal.hasColor).trimEnd()}\n`)
  let rendered = ''
  if (before && after) {
    requireRenders(before, after)
    rendered = diffRendered(before, after)
    const changed = listChanged(before, after).map(folder => folder.replace('overlays/', ''))
    terminal.print(changed.length ? `\nRendered, ${changed.join(', ')}:\n` : '\nRendered: nothing changes.\n')
    if (rendered) terminal.print(`${paintDiff(rendered, terminal.hasColor).trimEnd()}\n`)
  }
  if (delivery.dryRun) {
    terminal.note('--dry-run: nothing written')
    return false
  }
  const base = delivery.pullRequest ? findBase(change) : undefined
  if (base?.along.length) terminal.note(describeAlong(base))
  if (!delivery.yes && terminal.isInteractive && !(await terminal.ask(question(delivery)))) {
    terminal.note('nothing written')
    return false
  }
  for (const [path, original] of originals) {
    const current = readIfThere(root, path)
    if (!isSame(current, original)) throw new Refusal(`${path} was changed meanwhile: run this again`)
  }
  const message = `${change.subject}\n${change.body ? `\n${change.body}\n` : ''}`
  if (base) {
    openPullRequest(change, base, message, rendered, terminal)
    return true
  }
  for (const [path, content] of edits) writeFile(root, path, content)
  if (delivery.commit) {
    terminal.note(`committed ${commitOrPutBack(root, originals, message)}: ${change.subject}`)
  } else terminal.note(`written: ${paths.join(', ')} (not committed)`)
  return true
}

/** A commit that Git or one of its hooks refuses leaves the files and the index as they were before. */
function commitOrPutBack(root: string, originals: Edits, message: string): string {
  const paths = [...originals.keys()]
  const head = readHead(root)
  try {
    return commitPaths(root, paths, message)
  } catch (error) {
    // A hook that runs after the commit, and too long, undoes nothing.
    if (readHead(root) !== head) throw error
    for (const [path, content] of originals) writeFile(root, path, content)
    unstage(root, paths)
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(`${error.message}\nNothing is committed, and ${paths.join(', ')} is as before`)
  }
}

const question = ({ commit, pullRequest }: Delivery): string =>
  pullRequest ? 'Open a pull request with this?' : commit ? 'Write and commit this?' : 'Write this?'

/** Throws when a folder rendered before and does not after. */
export function requireRenders(before: RenderedTree, after: RenderedTree): void {
  for (const [folder, { error }] of after.environments) {
    // What was broken already is not made worse by this change, and may be what it mends.
    if (error && !before.environments.get(folder)?.error) {
      throw new Refusal(`with this change ${folder} would not render: ${error}`)
    }
  }
}

function readIfThere(root: string, path: string): Uint8Array | null {
  try {
    return readFileSync(join(root, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Refusal(`${path} cannot be read: ${(error as Error).message}`, 2)
  }
}

function keepPresent(files: ReadonlyMap<string, Uint8Array | null>): Map<string, Uint8Array> {
  return new Map([...files].flatMap(([path, content]) => (content === null ? [] : [[path, content] as const])))
}

/** Writes beside the file and renames, so that an interrupted write leaves the old file. */
function writeFile(root: string, path: string, content: Uint8Array | null): void {
  const wanted = join(root, path)
  if (content === null) {
    rmSync(wanted, { force: true })
    return
  }
  mkdirSync(dirname(wanted), { recursive: true })
  const target = realpathIfThere(wanted)
  const inside = relative(realpathSync(root), target)
  if (inside === '..' || inside.startsWith(`..${sep}`)) throw new Refusal(`${path} leads out of ${root}`)
  const temporary = `${target}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content)
    if (target !== wanted || readIfThere(root, path) !== null) chmodSync(temporary, statSync(target).mode)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new Refusal(`${path} cannot be written: ${(error as Error).message}`, 2)
  }
}

function realpathIfThere(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return join(realpathSync(dirname(path)), path.slice(dirname(path).length + 1))
  }
}
