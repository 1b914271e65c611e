// Works out how to take back the last change of an environment, as a new change: history is added to, never rewritten.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { KUSTOMIZATION_NAMES } from '../tree/source/sources.ts'
import { findEnvironment, listEnvironments } from './environment.ts'
import { git, listNamed, requireCheckout, requireClean } from './git.ts'
import { type Commit, listReleases, type Release, readCommitted } from './history.ts'
import { type Change, requireRenders } from './propose.ts'
import { Refusal } from './refusal.ts'
import { listChanged } from './show.ts'
import { type Edits, isSame, listReads, renderTree } from './tree.ts'

/** `mayChangeOthers`: whether files that other environments read too may be put back. */
export async function rollback(
  root: string,
  environmentName: string | undefined,
  mayChangeOthers: boolean,
): Promise<Change> {
  const environment = findEnvironment(root, environmentName)
  requireCheckout(root)
  const { readPaths } = await renderTree(root, new Map(), [environment.folder])
  const folders = [...new Set(readPaths.map(path => dirname(path))), environment.folder]
  requireClean(root, folders)
  const { edits, commit, passedOver } = await findEdits(root, environment.folder, [...new Set(folders)])
  const short = commit.hash.slice(0, 10)
  const all = listEnvironments(root).map(({ folder }) => folder)
  const before = await renderTree(root, new Map(), all)
  const after = await renderTree(root, edits, all)
  const others = listChanged(before, after).filter(folder => folder !== environment.folder)
  if (others.length && !mayChangeOthers) {
    const names = others.map(folder => folder.replace('overlays/', '')).join(', ')
    throw new Refusal(
      `${short} (${commit.subject}) changed ${[...edits.keys()].join(', ')}, which ${names} ` +
        `${others.length === 1 ? 'reads' : 'read'} too. Taking it back changes them as well: --all-environments allows it`,
    )
  }
  await requireOtherBuilds(root, edits, all)
  return {
    root,
    edits,
    before,
    after,
    subject: `Roll ${environment.name} back: ${commit.subject}`,
    body: `This reverts commit ${commit.hash}\nof ${commit.date}, in ${[...edits.keys()].sort().join(', ')}.`,
    branch: `rollback-${environment.name}-${short}`,
    notes: passedOver.length
      ? [`newer, but they took back or were taken back: ${passedOver.map(name).join(', ')}`]
      : [],
  }
}

const name = ({ hash, subject }: Commit): string => `${hash.slice(0, 10)} (${subject})`

/** What takes back the last change of which something is left to take back. */
async function findEdits(
  root: string,
  folder: string,
  folders: readonly string[],
): Promise<Pick<Release, 'commit' | 'passedOver'> & { readonly edits: ReadonlyMap<string, Uint8Array | null> }> {
  const releases = listReleases(root, folder, folders)
  for (;;) {
    // It throws after the last one.
    const { commit, paths, passedOver } = (await releases.next()).value
    const edits = new Map<string, Uint8Array | null>()
    for (const path of paths) {
      const current = readCommitted(root, 'HEAD', path)
      const restored = takeBack(root, path, commit.parent, commit.hash, current, commit.hash.slice(0, 10))
      if (!isSame(restored, current)) edits.set(path, restored)
    }
    for (const path of listStillRead(root, edits)) edits.delete(path)
    if (edits.size) return { edits, commit, passedOver }
  }
}

/** Files that the change added and that something else reads by now, as the example beside a component does: they stay. */
function listStillRead(root: string, edits: Edits): readonly string[] {
  const gone = [...edits.keys()].filter(path => edits.get(path) === null)
  if (gone.length === 0) return []
  const rest = new Map([...edits].filter(([, content]) => content !== null))
  const readers = listKustomizations(root).filter(file => !gone.includes(file))
  const read = [...listReads(root, rest, readers.map(dirname)).values()]
  return gone.filter(path => read.some(({ paths }) => paths.has(path)))
}

const listKustomizations = (root: string): readonly string[] => listNamed(root, KUSTOMIZATION_NAMES)

/** Throws when a build that is no environment, and reads an edited file, would not render any more. */
async function requireOtherBuilds(root: string, edits: Edits, environments: readonly string[]): Promise<void> {
  const folders = listKustomizations(root).map(dirname)
  const isEdited = ([, { isBuild, paths }]: [string, { isBuild: boolean; paths: ReadonlySet<string> }]): boolean =>
    isBuild && [...edits.keys()].some(path => paths.has(path))
  const readers = [...listReads(root, new Map(), folders)].filter(isEdited).map(([folder]) => folder)
  const others = readers.filter(folder => !environments.includes(folder))
  requireRenders(await renderTree(root, new Map(), others), await renderTree(root, edits, others))
}

/** The file without what the commit did to it, and with all that came later. */
function takeBack(
  root: string,
  path: string,
  parent: string,
  commit: string,
  current: Uint8Array | null,
  short: string,
): Uint8Array | null {
  const before = readCommitted(root, parent, path)
  const changed = readCommitted(root, commit, path)
  if (isSame(current, changed) || isSame(current, before)) return before
  const conflict = new Refusal(
    `${path} was changed after ${short} at the same place: take it back by hand, with \`git revert ${short}\` or an edit`,
  )
  if (!before || !changed || !current) throw conflict
  const folder = mkdtempSync(join(tmpdir(), 'merge-'))
  try {
    const names = ['current', 'changed', 'before'] as const
    for (const [index, content] of [current, changed, before].entries()) {
      writeFileSync(join(folder, names[index] ?? ''), content)
    }
    // Exit code: the number of conflicts, or 255.
    const accept = Array.from({ length: 255 }, (_, index) => index + 1)
    if (git(folder, ['merge-file', '--quiet', ...names], { accept }).code !== 0) throw conflict
    return readFileSync(join(folder, 'current'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
