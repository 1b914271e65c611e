// Says which changes of a history are still in effect: those of which no later commit took back what they did to a file.
import { git } from './git.ts'

/** What one commit did to one file. */
interface FileChange {
  readonly commit: string
  readonly path: string
  /** Hashes of the contents; zeros where there is no file. */
  before: string
  after: string
  /** The lines that went and came, wherever in the file they stand; empty for what is not text. */
  lines: string
}

/** A change that is in effect, in the order in which they came. */
interface Entry {
  readonly commit: string
  /** The content before it; undefined when something below it was taken back since. */
  before: string | undefined
  /** The lines of a change that would take it back. */
  readonly undo: string
}

export interface Effect {
  /** Files that are still as the commit made them, or would be but for later changes. */
  readonly kept: ReadonlySet<string>
  readonly takenBack: ReadonlySet<string>
}

export interface History {
  /** Newest first. */
  readonly commits: readonly { readonly hash: string; readonly reverts: readonly string[] }[]
  readonly folders: readonly string[]
}

/**
 * What is left of each commit, by its hash. File by file, from the oldest commit to the newest, a change takes back
 * what lies between two equal contents, what its message names, or what it undoes line by line: a merge or a squash
 * keeps no message. Only what is in effect at that time can be taken back, so that a value that returns once more is a
 * new change. What takes back is no change itself.
 */
export function findEffects(root: string, { commits, folders }: History): ReadonlyMap<string, Effect> {
  const limit = commits.length
  const undoing = new Map(
    listFileChanges(root, folders, limit, ['-R']).map(({ commit, path, lines }) => [`${commit} ${path}`, lines]),
  )
  const known = new Map(commits.map(commit => [commit.hash, commit]))
  const stacks = new Map<string, Entry[]>()
  const effects = new Map<string, { readonly kept: Set<string>; readonly takenBack: Set<string> }>()
  const effectOf = (hash: string) => {
    const effect = effects.get(hash) ?? { kept: new Set(), takenBack: new Set() }
    effects.set(hash, effect)
    return effect
  }
  for (const change of listFileChanges(root, folders, limit, []).toReversed()) {
    const { commit, path, before } = change
    const stack = stacks.get(path) ?? []
    stacks.set(path, stack)
    const reverts = known.get(commit)?.reverts ?? []
    const undone = takeBack(stack, change, reverts)
    for (const entry of undone) {
      effectOf(entry.commit).kept.delete(path)
      effectOf(entry.commit).takenBack.add(path)
    }
    // What a message names and is not listed was part of a merge, or is too old.
    const isElsewhere = reverts.some(hash => !commits.some(other => other.hash.startsWith(hash)))
    if (undone.length || isElsewhere) continue
    stack.push({ commit, before, undo: undoing.get(`${commit} ${path}`) ?? '' })
    effectOf(commit).kept.add(path)
  }
  return effects
}

/** Removes from the stack what the change takes back, and returns it. */
function takeBack(stack: Entry[], { after, lines }: FileChange, reverts: readonly string[]): readonly Entry[] {
  const start = stack.findIndex(({ before }) => before === after)
  if (start !== -1) return stack.splice(start)
  const named = stack.filter(({ commit }) => reverts.some(hash => commit.startsWith(hash)))
  const reversed = lines ? stack.findLast(({ undo }) => undo === lines) : undefined
  const undone = named.length || !reversed ? named : [reversed]
  const [lowest] = undone
  if (!lowest) return []
  for (const entry of stack.slice(stack.indexOf(lowest))) entry.before = undefined
  stack.splice(0, stack.length, ...stack.filter(entry => !undone.includes(entry)))
  return undone
}

/** The changes of files below the folders along the first parents, newest first. */
function listFileChanges(
  root: string,
  folders: readonly string[],
  limit: number,
  reverse: readonly string[],
): readonly FileChange[] {
  // Without prefixes, which -R would swap.
  const shape = ['--patch', '--unified=0', '--full-index', '--no-prefix', '--no-renames', '--no-color']
  const plain = ['--no-ext-diff', '--no-textconv', '--root']
  const which = ['--first-parent', '-m', `--max-count=${limit}`, '--format=commit %H']
  const { stdout } = git(root, ['log', ...which, ...shape, ...plain, ...reverse, 'HEAD', '--', ...folders])
  const changes: FileChange[] = []
  let commit = ''
  let isInside = false
  for (const line of stdout.toString('utf8').split('\n')) {
    const change = changes.at(-1)
    if (line.startsWith('commit ')) commit = line.slice('commit '.length)
    else if (line.startsWith('diff --git ')) {
      // The path, twice.
      const paths = line.slice('diff --git '.length)
      changes.push({ commit, path: paths.slice(0, (paths.length - 1) / 2), before: '', after: '', lines: '' })
      isInside = false
    } else if (change && line.startsWith('index ')) {
      const [before = '', after = ''] = line.split(/ |\.\./).slice(1)
      Object.assign(change, { before, after })
    } else if (change && line.startsWith('@@')) {
      isInside = true
      change.lines += '@@\n'
    } else if (change && isInside && line) change.lines += `${line}\n`
  }
  return changes.filter(({ before, after }) => before !== after)
}
