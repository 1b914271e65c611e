// What a reviewer must know of a promotion: an environment that was skipped, an image that goes back, the commits between.
import { Problem } from '../../command/problem.ts'
import { readEnvironments } from '../../tree/environments/declared.ts'
import { askPast } from '../../tree/environments/history.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { type Checkout, git, line } from '../deliver/git.ts'
import { type Environment, findSibling } from '../environment.ts'
import { type Rendered, renderBuilds } from '../rendered.ts'
import { baseName, isSameVersion, listContainers } from '../../tree/model/containers.ts'
import { showReference } from '../../tree/model/image-reference.ts'
import type { Judgement } from './promote.ts'
import type { Move, Promotion } from './take.ts'

/** Subjects that are shown one by one. */
const MOST_SUBJECTS = 50

interface Setting {
  readonly sources: Sources
  readonly checkout: Checkout | undefined
  readonly force: boolean
}

/** Throws a Problem for what the order of the environments forbids, unless it is forced: then it is the first note. */
export async function judge(
  { moves }: Promotion,
  source: Environment | undefined,
  targets: readonly Environment[],
  setting: Setting,
): Promise<Judgement> {
  const doubts: string[] = []
  for (const target of targets) {
    if (source) doubts.push(...judgeOrder(source, target))
    doubts.push(
      ...(await judgeStage(
        moves.filter(({ environment }) => environment === target),
        target,
        setting,
      )),
    )
  }
  const ranges = moves.map(one => findRange(one, setting.checkout))
  doubts.push(...ranges.flatMap(range => (range?.isBack ? [range.sentence] : [])))
  const known = [...new Set(doubts)]
  if (known.length && !setting.force) {
    throw new Problem(known.join('. '), { advice: ['--force does it all the same, and says so to the reviewer'] })
  }
  const unpinned = moves.flatMap(({ wanted }) =>
    wanted.digest ? [] : [`${showReference(wanted)} names no digest: its tag may mean another image tomorrow`],
  )
  const body = [...new Set(ranges.flatMap(range => (range && !range.isBack ? [range.sentence] : [])))].join('\n\n')
  return { notes: [...known, ...new Set(unpinned)], body }
}

/** The order of validation.yaml; where that has none, nothing is guessed. */
function judgeOrder(source: Environment, target: Environment): readonly string[] {
  if (!source.declared || !target.declared) return []
  const [from, to] = [source.earlier.length, target.earlier.length]
  if (from > to) return [`${source.name} comes after ${target.name}: this goes back`]
  const skipped = target.earlier.slice(from + 1).map(({ name }) => name)
  return skipped.length ? [`${target.name} is promoted from ${source.name}, which skips ${skipped.join(', ')}`] : []
}

/** Whether the environment before runs the image, or ever did. */
async function judgeStage(
  moves: readonly Move[],
  target: Environment,
  { sources, checkout }: Setting,
): Promise<readonly string[]> {
  const last = target.earlier.at(-1)
  const before = last && findSibling(sources, last, target)
  if (!before || moves.length === 0) return []
  const rendered = (await renderBuilds(sources, [before.folder])).get(before.folder) as Rendered
  const running = listContainers(rendered.objects)
  const { commits } = readEnvironments(sources)
  const doubts: string[] = []
  for (const { wanted } of moves) {
    if (running.some(({ reference }) => reference && isSameVersion(wanted, reference))) continue
    const history = checkout && { folder: checkout.top, prefix: checkout.prefix.replace(/\/$/, ''), commits }
    const past = history ? await askPast(history, before.folder, rendered.reads, wanted) : 'unknown'
    const stage = `${before.name}, which comes before ${target.name}`
    if (past === 'never') doubts.push(`${showReference(wanted)} never ran in ${stage}`)
    if (past === 'unknown') doubts.push(`${showReference(wanted)} is not known to have run in ${stage}`)
  }
  return doubts
}

interface Range {
  readonly isBack: boolean
  readonly sentence: string
}

/** The commits between two images whose tags are commits of this repository; undefined where they are not. */
function findRange({ container, wanted }: Move, checkout: Checkout | undefined): Range | undefined {
  const [from, to] = [container.reference?.tag, wanted.tag].map(tag => findCommit(tag, checkout))
  if (!checkout || !from || !to || from === to) return undefined
  const isAncestor = (a: string, b: string): boolean =>
    git(checkout.top, ['merge-base', '--is-ancestor', a, b], { accept: [1] }).code === 0
  const name = baseName(wanted.repository)
  const short = (commit: string): string => commit.slice(0, 10)
  if (isAncestor(to, from))
    return { isBack: true, sentence: `${name} goes back from ${short(from)} to ${short(to)}, which is older` }
  const subjects = line(checkout.top, ['log', '--format=%h %s', `${from}..${to}`])
    .split('\n')
    .filter(Boolean)
  const shown = subjects.slice(0, MOST_SUBJECTS).map(subject => `  ${subject}`)
  const more = subjects.length > MOST_SUBJECTS ? [`  and ${subjects.length - MOST_SUBJECTS} more`] : []
  const head = `Commits of ${name} from ${short(from)} to ${short(to)}: ${subjects.length}`
  return { isBack: false, sentence: [head, '', ...shown, ...more].join('\n') }
}

function findCommit(tag: string | undefined, checkout: Checkout | undefined): string | undefined {
  if (!tag || !checkout || !/^(?:git-)?[0-9a-f]{7,40}$/.test(tag)) return undefined
  const args = ['rev-parse', '--verify', '--quiet', `${tag.replace('git-', '')}^{commit}`]
  return line(checkout.top, args, [1, 128]) || undefined
}
