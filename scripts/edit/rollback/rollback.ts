// Works out how an environment goes back to an earlier release, as a new change: what is rendered counts, no message does.
import { Problem } from '../../command/problem.ts'
import { type Edits, layOver } from '../../tree/source/edit.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { type Change, isSame, keepChanged } from '../change.ts'
import { type Checkout, git, line, requireClean } from '../deliver/git.ts'
import { type Environment, listEnvironments } from '../environment.ts'
import { takeOver } from '../promote/take.ts'
import { listChanged, type Rendered, renderBuilds, requireRenders } from '../rendered.ts'
import { restoreText } from '../text/hunks.ts'
import { findReaders } from '../writer.ts'
import { type Commit, listCommits, listReleases, openRelease, type Release } from './releases.ts'

export interface RollbackOptions {
  /** A commit or tag; undefined is the release before the one that is there. */
  readonly to: string | undefined
  readonly imageOnly: boolean
  /** Also what other environments read. */
  readonly allEnvironments: boolean
}

/** Of a file: what is there now, and what a release had; null is not a file. */
const readBytes = (sources: Sources, path: string): Uint8Array | null => {
  const file = sources.read(path)
  return file instanceof SourceFile ? file.bytes : null
}

export async function rollback(
  root: string,
  sources: Sources,
  environment: Environment,
  checkout: Checkout,
  options: RollbackOptions,
): Promise<Change | string> {
  const { folder, name } = environment
  const before = await renderBuilds(sources, [folder])
  const present = before.get(folder) as Rendered
  requireClean(root, [...present.reads, folder])
  const release =
    options.to === undefined
      ? await findPrevious(environment, checkout, present)
      : await findNamed(environment, checkout, options.to)
  const short = release.commit.slice(0, 10)
  const shown = `the release of ${release.date}, ${short} (${release.subject})`
  if (release.rendered.text === present.text) return `${name} renders what it rendered at ${short} already`
  const { edits, notes } = options.imageOnly
    ? await takeOver(sources, { ...release, name: short }, [environment], 'images')
    : restoreLines(sources, environment, present, checkout, release, options.allEnvironments)
  if (edits.size === 0) return `${name} runs the images of ${shown} already`
  await requireOthers(sources, edits, environment, options.allEnvironments)
  const folders = options.allEnvironments ? listEnvironments(sources).map(one => one.folder) : [folder]
  const after = await renderBuilds(layOver(sources, edits), folders)
  const isBack = after.get(folder)?.text === release.rendered.text
  return {
    edits,
    before: await renderBuilds(sources, folders),
    after,
    subject: `Roll ${name} back to ${short}: ${release.subject}`.slice(0, 120),
    body: `To ${shown}${options.imageOnly ? ', the images alone' : ''}.`,
    branch: `rollback-${name}-${short}`.replaceAll('/', '-'),
    notes: [
      `back to ${shown}`,
      ...notes,
      ...(isBack || options.imageOnly ? [] : [`${name} does not become all that it was then`]),
    ],
  }
}

/** The release before the one that is committed. */
async function findPrevious(environment: Environment, checkout: Checkout, { error }: Rendered): Promise<Release> {
  let isCurrent = true
  for await (const release of listReleases(checkout, environment)) {
    if (!isCurrent) return release
    isCurrent = false
  }
  if (line(checkout.top, ['rev-parse', '--is-shallow-repository']) === 'true') {
    throw new Problem('the history here is cut off (a shallow clone)', {
      exitCode: 2,
      advice: ['git fetch --unshallow'],
    })
  }
  const reason = error
    ? `no commit here has ${environment.folder} rendered, and now ${error}`
    : `no commit here changed what ${environment.folder} renders`
  throw new Problem(`nothing to go back to: ${reason}`)
}

async function findNamed({ folder, name }: Environment, checkout: Checkout, to: string): Promise<Release> {
  const [commit] = to.startsWith('-')
    ? []
    : line(checkout.top, ['rev-parse', '--verify', '--quiet', `${to}^{commit}`], [1, 128]).split('\n')
  if (!commit) throw new Problem(`${JSON.stringify(to)} is neither a commit nor a tag here`, { exitCode: 2 })
  const [entry] = listCommits(checkout.top, ['--max-count=1', commit])
  const sources = openRelease(checkout, commit)
  const rendered = (await renderBuilds(sources, [folder])).get(folder) as Rendered
  if (rendered.error) throw new Problem(`${name} did not render at ${to}: ${rendered.error}`)
  return { ...(entry as Commit), rendered, sources }
}

/** The lines of the release in the files that only this environment reads; elsewhere too when that is allowed. */
function restoreLines(
  sources: Sources,
  { folder, name }: Environment,
  { reads }: Rendered,
  checkout: Checkout,
  release: Release,
  all: boolean,
): { edits: Edits; notes: readonly string[] } {
  const [now, then] = [findReaders(sources), findReaders(release.sources)]
  const paths = [...new Set([...reads, ...release.rendered.reads])].sort()
  const changed = paths.filter(path => !isSame(readBytes(sources, path), readBytes(release.sources, path)))
  const shared = changed.filter(path =>
    [...now(path), ...then(path)].some(reader => reader !== folder && isDeployed(sources, reader)),
  )
  const own = all ? changed : changed.filter(path => !shared.includes(path))
  const readers = [...new Set(shared.flatMap(now))].filter(reader => reader !== folder).join(', ')
  if (own.length === 0) {
    throw new Problem(`what changed since is in ${shared.join(', ')}, which ${readers} read too`, {
      advice: ['--all-environments takes it back for all of them'],
    })
  }
  const edits = new Map(own.map(path => [path, restoreFile(sources, release, checkout, path)] as const))
  const kept = keepChanged(edits, path => readBytes(sources, path))
  // A file that came since stays while something reads it: the example beside a component does.
  const read = findReaders(layOver(sources, new Map([...kept].filter(([, content]) => content !== null))))
  const result = new Map([...kept].filter(([path, content]) => content !== null || read(path).length === 0))
  const stays =
    all || shared.length === 0
      ? []
      : [
          `what changed since in ${shared.join(', ')} stays, because ${readers} read it (--all-environments takes it back too): ${name} becomes what it was but for that`,
        ]
  return { edits: result, notes: stays }
}

const isDeployed = (sources: Sources, reader: string): boolean =>
  listEnvironments(sources).some(({ folder }) => folder === reader)

/** The file as the release had it, but for what changed in comments alone. */
function restoreFile(sources: Sources, release: Release, { top, prefix, head }: Checkout, path: string) {
  const [then, now] = [readBytes(release.sources, path), readBytes(sources, path)]
  if (!then || !now) return then
  const how = ['--unified=0', '--no-color', '--no-ext-diff', '--no-textconv']
  const diff = git(top, ['diff', ...how, head, release.commit, '--', `${prefix}${path}`]).stdout.toString('utf8')
  const text = restoreText(Buffer.from(now).toString('utf8'), diff)
  return text === undefined ? then : Buffer.from(text)
}

/** Throws when, with the edits, a build that is not an environment would not render any more, or another environment changes. */
async function requireOthers(sources: Sources, edits: Edits, { folder }: Environment, all: boolean): Promise<void> {
  const readers = findReaders(sources)
  const others = [...new Set([...edits.keys()].flatMap(path => readers(path)))].filter(reader => reader !== folder)
  const [before, after] = [await renderBuilds(sources, others), await renderBuilds(layOver(sources, edits), others)]
  requireRenders(before, after)
  const changed = listChanged(before, after).filter(reader => isDeployed(sources, reader))
  if (changed.length && !all)
    throw new Problem(`this would change ${changed.join(', ')} too: --all-environments allows it`)
}
