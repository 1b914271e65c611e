// Whether an environment ever ran an image, asked of the commits: what they render counts, never what they say.
import { isSameVersion, listContainers } from '../model/containers.ts'
import type { ImageReference } from '../model/image-reference.ts'
import { renderFolders } from '../render-folders.ts'
import { git, GitError, openCommit } from '../source/commit.ts'

/** Unknown where the checkout does not reach back far enough, or there is none. */
export type Past = 'ran' | 'never' | 'unknown'

export interface History {
  /** Any folder of the checkout. */
  readonly folder: string
  /** The tree's folder in the checkout; empty at the top. */
  readonly prefix: string
  /** How many commits are asked. */
  readonly commits: number
}

/** Each is rendered, with the one before it. */
const MOST_RENDERED = 10
const MOST_PATHS = 200

/** Whether it ran in a folder's build. `paths` are the files that the build of the folder reads; the words of the version must have stood in one of them. */
export async function askPast(
  history: History,
  folder: string,
  paths: Iterable<string>,
  image: ImageReference,
): Promise<Past> {
  const words = image.digest ?? image.tag
  if (words === undefined) return 'unknown'
  try {
    const { changed, isComplete } = listChanges(history, words, [...paths].slice(0, MOST_PATHS))
    for (const commit of changed) if (await ranAt(history, commit, folder, image)) return 'ran'
    return isComplete ? 'never' : 'unknown'
  } catch (error) {
    if (error instanceof GitError || error instanceof RangeError) return 'unknown'
    throw error
  }
}

/**
 * As askPast, for a build that is not rendered at other commits: a chart with its values. Where the words of the version
 * never stood in one of its files it never ran; where they did, only a rendering could say.
 */
export function askPastOfFiles(history: History, paths: Iterable<string>, image: ImageReference): Past {
  const words = image.digest ?? image.tag
  const files = [...paths]
  if (words === undefined || files.length > MOST_PATHS) return 'unknown'
  try {
    const { changed, isComplete } = listChanges(history, words, files)
    return changed.size === 0 && isComplete ? 'never' : 'unknown'
  } catch (error) {
    if (error instanceof GitError || error instanceof RangeError) return 'unknown'
    throw error
  }
}

async function ranAt({ folder: checkout, prefix }: History, commit: string, folder: string, image: ImageReference) {
  const rendered = await renderFolders(openCommit(checkout, commit, prefix), [folder])
  return listContainers(rendered.get(folder)?.objects ?? []).some(
    ({ reference }) => reference && isSameVersion(image, reference),
  )
}

/** The commits that wrote or removed some words, and those before them: the newest first. */
function listChanges({ folder, prefix, commits }: History, words: string, paths: readonly string[]) {
  const ask = (args: readonly string[]): readonly string[] =>
    git(folder, args).toString('utf8').split('\n').filter(Boolean)
  const [end] = ask(['rev-list', `--skip=${commits}`, '--max-count=1', 'HEAD'])
  const found = ask([
    '-c',
    'log.showSignature=false',
    'log',
    '--no-ext-diff',
    '--no-textconv',
    '--format=%H %P',
    `--max-count=${MOST_RENDERED + 1}`,
    `-S${words}`,
    end === undefined ? 'HEAD' : `${end}..HEAD`,
    '--',
    ...paths.map(path => `:(top,literal)${prefix ? `${prefix}/` : ''}${path}`),
  ])
  const changed = new Set(
    found.slice(0, MOST_RENDERED).flatMap(line => {
      const [commit = '', parent] = line.split(' ')
      return parent ? [commit, parent] : [commit]
    }),
  )
  // A history that was cut off may have begun with it.
  const isShallow = end === undefined && ask(['rev-parse', '--is-shallow-repository'])[0] === 'true'
  return { changed, isComplete: found.length <= MOST_RENDERED && !isShallow }
}
