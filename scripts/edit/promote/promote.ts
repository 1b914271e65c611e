// Promotes: from one environment to others, or an image that a build gave; what both say to the person.
import { usageProblem } from '../../command/problem.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Change } from '../change.ts'
import { readWords } from '../command.ts'
import { type Environment, findEnvironment } from '../environment.ts'
import type { Rendered } from '../rendered.ts'
import { baseName, listContainers } from '../../tree/model/containers.ts'
import { showReference } from '../../tree/model/image-reference.ts'
import { describeImage, parseImage } from './image.ts'
import { type Move, openSource, type Promotion, takeImage, takeOver } from './take.ts'

/** `npm run promote -- SOURCE TARGET...` */
export async function promote(
  sources: Sources,
  [sourceName, ...targetNames]: readonly string[],
  judge: (moves: Promotion, source: Environment, targets: readonly Environment[]) => Promise<Judgement>,
): Promise<Change | string> {
  const { source, targets } = readWords(
    'write npm run promote -- SOURCE TARGET [TARGET]..., as in npm run promote -- dev qa',
    () => readNames(sources, sourceName, targetNames),
  )
  const promotion = await takeOver(sources, await openSource(sources, source), targets)
  const names = targets.map(({ name }) => name).join(' and ')
  const verb = targets.length > 1 ? 'run' : 'runs'
  if (promotion.edits.size === 0) {
    const running = [
      ...new Set(
        listContainers((promotion.before.get(targets[0]?.folder ?? '') as Rendered).objects).flatMap(({ reference }) =>
          reference ? [showReference(reference)] : [],
        ),
      ),
    ]
    const notes = promotion.notes.map(note => `\n${note}`).join('')
    return `${names} ${verb} what ${source.name} runs already: ${running.join(', ')}${notes}`
  }
  const { notes, body } = await judge(promotion, source, targets)
  const images = describeMoves(promotion.moves)
  return {
    ...promotion,
    notes: [...promotion.notes, ...notes],
    sources: [source.file],
    subject: `Promote ${source.name} to ${names}: ${images || 'settings'}`,
    ...(body && { body }),
    branch:
      `promote-${source.name}-to-${targets.map(({ name }) => name).join('-')}-${versionOf(promotion.moves[0])}`.replaceAll(
        '/',
        '-',
      ),
  }
}

function readNames(sources: Sources, sourceName: string | undefined, targetNames: readonly string[]) {
  const source = findEnvironment(sources, sourceName)
  if (targetNames.length === 0) throw usageProblem(`say where ${source.name} is promoted to`)
  const targets = targetNames.map(name => findEnvironment(sources, name))
  if (targets.some(({ folder }) => folder === source.folder))
    throw usageProblem(`${source.name} cannot be promoted to itself`)
  return { source, targets }
}

export interface Judgement {
  readonly notes: readonly string[]
  readonly body: string
}

/** `npm run promote -- --image IMAGE TARGET...` */
export async function promoteImage(
  sources: Sources,
  image: string,
  targetNames: readonly string[],
  judge: (moves: Promotion, source: undefined, targets: readonly Environment[]) => Promise<Judgement>,
): Promise<Change | string> {
  const targets = readWords('write npm run promote -- --image NAME:TAG TARGET [TARGET]...', () =>
    targetNames.length
      ? targetNames.map(name => findEnvironment(sources, name))
      : [findEnvironment(sources, undefined)],
  )
  const promotion = await takeImage(sources, image, targets)
  const names = targets.map(({ name }) => name).join(' and ')
  if (promotion.edits.size === 0)
    return `${names} ${targets.length > 1 ? 'run' : 'runs'} ${showReference(parseImage(image))} already`
  const { notes, body } = await judge(promotion, undefined, targets)
  return {
    ...promotion,
    notes: [...promotion.notes, ...notes],
    subject: `Deploy ${describeMoves(promotion.moves)} to ${names}`,
    ...(body && { body }),
    // Without the version: a newer image takes over the pull request of an older one, instead of conflicting with it.
    branch: `deploy-${targets.map(({ name }) => name).join('-')}`.replaceAll('/', '-'),
  }
}

/** The images that change, each once. */
const describeMoves = (moves: readonly Move[]): string =>
  [
    ...new Set(
      moves.map(({ wanted, entry }) =>
        describeImage({ name: entry ?? baseName(wanted.repository), newTag: wanted.tag, digest: wanted.digest }),
      ),
    ),
  ].join(', ')

/** What tells this promotion's branch from others: the tag, or the first digits of the digest. */
const versionOf = (first: Move | undefined): string =>
  (first?.wanted.tag ?? first?.wanted.digest?.slice('sha256:'.length).slice(0, 12) ?? 'settings').replace(
    /\.+(?=\.|$)/g,
    '',
  )
