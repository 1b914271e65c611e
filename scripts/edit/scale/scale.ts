// Works out how many replicas run: the number on the line that decides it, or the bounds of what decides by itself.
import { Problem, usageProblem } from '../../command/problem.ts'
import { type Autoscaler, findAutoscaler } from '../../tree/model/autoscaler.ts'
import { valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { type Edits, layOver } from '../../tree/source/edit.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Change } from '../change.ts'
import { readWords } from '../command.ts'
import { type Environment, findEnvironment } from '../environment.ts'
import { type Rendered, readText, renderBuilds, requireRenders } from '../rendered.ts'
import { addPatch, listReplicas, setReplicas } from '../text/kustomization/replicas.ts'
import { nameOf } from '../writer.ts'
import { decide } from './decide.ts'
import { type Count, readWishes, type Wish, WORDS } from './wishes.ts'
import { chooseWorkload, listShorter } from './workload.ts'

export interface ScaleOptions {
  /** The number that must be there now. */
  readonly from: number | undefined
  readonly force: boolean
}

/** The change, or the sentence that says why there is none. */
export async function scale(
  sources: Sources,
  words: readonly string[],
  options: ScaleOptions,
): Promise<Change | string> {
  const environments = readWords(WORDS, () => {
    if (words.length === 0) findEnvironment(sources, undefined)
    return readWishes(words).map(wish => ({ wish, environment: findEnvironment(sources, wish.environment) }))
  })
  requireOnce(environments)
  const folders = environments.map(({ environment }) => environment.folder)
  let edited = sources
  const edits = new Map<string, Uint8Array | null>()
  const done: Step[] = []
  for (const { wish, environment } of environments) {
    const step = await scaleOne(edited, environment, wish, options)
    for (const [path, content] of step.edits) edits.set(path, content)
    edited = layOver(sources, edits)
    done.push(step)
  }
  const changed = done.filter(step => step.edits.size > 0)
  if (changed.length === 0) return done.map(({ sentence }) => sentence).join('; ')
  const before = await renderBuilds(sources, folders)
  const after = await renderBuilds(edited, folders)
  const branch = `scale-${changed.map(step => step.branch).join('-')}`.slice(0, 120)
  return {
    edits,
    before,
    after,
    subject: `Scale ${changed.map(({ sentence }) => sentence).join(', ')}`,
    branch,
    notes: [...done.flatMap(({ notes }) => notes), ...done.filter(step => !step.edits.size).map(step => step.sentence)],
  }
}

/** Of two numbers for one workload, one is a slip. */
function requireOnce(wishes: readonly { readonly wish: Wish; readonly environment: Environment }[]): void {
  const seen = new Set<string>()
  for (const { wish, environment } of wishes) {
    const key = JSON.stringify([environment.folder, wish.workload])
    if (seen.has(key)) throw usageProblem(`${environment.name} has two numbers here: which one is meant?`)
    seen.add(key)
  }
}

interface Step {
  readonly edits: Edits
  readonly sentence: string
  readonly branch: string
  readonly notes: readonly string[]
}

async function scaleOne(sources: Sources, environment: Environment, wish: Wish, options: ScaleOptions): Promise<Step> {
  const rendered = (await renderBuilds(sources, [environment.folder])).get(environment.folder) as Rendered
  if (rendered.error) return mend(sources, environment, wish, rendered)
  const workload = chooseWorkload(environment, rendered, wish.workload)
  const autoscaler = findAutoscaler(rendered.objects, workload)
  requireBounds(environment, wish.count, options)
  if (typeof wish.count === 'object') return setBounds(sources, environment, wish.count, workload, autoscaler, options)
  if (autoscaler) {
    const words = [environment.name, '3..10', wish.workload].filter(word => word !== undefined).join(' ')
    throw new Problem(
      `${environment.name} has the ${autoscaler.kind} ${autoscaler.name}, which decides the number of ${workload.metadata?.name}`,
      { advice: autoscaler.bounds ? [`npm run scale -- ${words} sets its bounds`] : [] },
    )
  }
  return setCount(sources, environment, wish.count, workload, options)
}

function requireBounds({ name, declared }: Environment, count: Count, { force }: ScaleOptions): void {
  if (!declared || force) return
  const { minimum, maximum } = declared.replicas
  const [low, high] = typeof count === 'number' ? [count, count] : [count.minimum, count.maximum]
  if (low < minimum || high > maximum) {
    const bounds = maximum === Number.POSITIVE_INFINITY ? `${minimum} or more` : `${minimum} to ${maximum}`
    const wanted = low === high ? `${low}` : `${low}..${high}`
    throw new Problem(`validation.yaml allows ${bounds} replicas in ${name}, not ${wanted}`, {
      advice: [`write a number of ${bounds}, or --force where ${wanted} is meant`],
    })
  }
}

async function setCount(
  sources: Sources,
  environment: Environment,
  count: number,
  workload: KubernetesObject,
  { from }: ScaleOptions,
): Promise<Step> {
  const name = workload.metadata?.name ?? ''
  const fieldPath: FieldPath = ['spec', 'replicas']
  const written = valueAt(workload, fieldPath)
  // The API server's own number where nobody writes one.
  const present = typeof written === 'number' ? written : 1
  const step = { branch: `${environment.name}-${name}-${count}`.replaceAll('/', '-'), notes: [] as string[] }
  if (from !== undefined && present !== from)
    throw new Problem(`${environment.name} has ${present} replicas of ${name}, not ${from}`, {
      advice: [`look whether somebody else changed it; --from ${present} goes on from there`],
    })
  if (present === count && written !== undefined) {
    return { ...step, edits: new Map(), sentence: `${environment.name} has ${count} replicas of ${name} already` }
  }
  const edits = await decide(sources, environment, workload, fieldPath, count, text => ({
    candidates: [name, ...listShorter(name)].map(
      candidate => () => setReplicas(environment.file, text, candidate, count),
    ),
    isEntry: listReplicas(environment.file, text).some(entry => name.includes(entry.name)),
    notes: step.notes,
  }))
  const change = written === undefined ? '' : ` from ${present}`
  return { ...step, edits, sentence: `${name} in ${environment.name}${change} to ${count}` }
}

async function setBounds(
  sources: Sources,
  environment: Environment,
  { minimum, maximum }: Exclude<Count, number>,
  workload: KubernetesObject,
  autoscaler: Autoscaler | undefined,
  { from }: ScaleOptions,
): Promise<Step> {
  const name = workload.metadata?.name
  if (from !== undefined) throw usageProblem('--from is for one number, not for bounds')
  if (!autoscaler)
    throw new Problem(`nothing scales ${name} in ${environment.name} by itself: give it one number`, {
      advice: [`npm run scale -- ${environment.name} ${minimum || 1}`],
    })
  const { bounds, kind, object } = autoscaler
  if (!bounds) throw new Problem(`the bounds of ${kind} ${autoscaler.name} are not known here: change them by hand`)
  if (kind === 'HorizontalPodAutoscaler' && minimum === 0) {
    throw usageProblem('a HorizontalPodAutoscaler does not go to 0: 1 is the least')
  }
  const notes: string[] = []
  const edits = new Map<string, Uint8Array | null>()
  const values = { [bounds.minimum]: minimum, [bounds.maximum]: maximum }
  // The maximum first where it grows: the minimum is never above it.
  for (const [field, value] of Object.entries(values)) {
    const current = layOver(sources, edits)
    const rendered = (await renderBuilds(current, [environment.folder])).get(environment.folder) as Rendered
    const now = rendered.objects.find(one => nameOf(one) === nameOf(object)) as KubernetesObject
    if (valueAt(now, ['spec', field]) === value) continue
    const step = await decide(current, environment, now, ['spec', field], value, text => ({
      candidates: [autoscaler.name, ...listShorter(autoscaler.name)].map(
        candidate => () => addPatch(environment.file, text, { object: now, name: candidate, field, value }),
      ),
      isEntry: false,
      besides: [
        field === bounds.minimum
          ? { field: bounds.maximum, isBefore: false }
          : { field: bounds.minimum, isBefore: true },
        { field: 'scaleTargetRef', isBefore: false },
      ],
      notes,
    }))
    for (const [path, content] of step) edits.set(path, content)
  }
  const words = `${name} in ${environment.name} by ${kind} to ${minimum}..${maximum}`
  const branch = `${environment.name}-${name}-${minimum}-${maximum}`.replaceAll('/', '-')
  if (edits.size === 0)
    return { edits, notes, branch, sentence: `${environment.name} has the bounds ${minimum}..${maximum} already` }
  return { edits, notes, branch, sentence: words }
}

/** An environment that does not render: the number itself may be what is broken, and this what mends it. */
async function mend(
  sources: Sources,
  { folder, file, name }: Environment,
  wish: Wish,
  rendered: Rendered,
): Promise<Step> {
  const refuse = new Problem(`${folder} does not render: ${rendered.error}`)
  const text = readText(sources, file)
  const entries = listReplicas(file, text)
  const [entry, ...others] = wish.workload ? entries.filter(one => one.name === wish.workload) : entries
  if (!entry || others.length || typeof wish.count !== 'number') throw refuse
  const edits = new Map([[file, Buffer.from(setReplicas(file, text, entry.name, wish.count))]])
  const after = await renderBuilds(layOver(sources, edits), [folder])
  const result = after.get(folder) as Rendered
  if (result.error) throw refuse
  requireRenders(new Map(), after)
  const workload = result.objects.find(object => object.metadata?.name === entry.name && 'spec' in object)
  const autoscaler = workload && findAutoscaler(result.objects, workload)
  if (autoscaler)
    throw new Problem(
      `${name} has the ${autoscaler.kind} ${autoscaler.name}, which decides the number of ${entry.name}`,
    )
  const branch = `${name}-${entry.name}-${wish.count}`.replaceAll('/', '-')
  return { edits, notes: [], branch, sentence: `${entry.name} in ${name} to ${wish.count}` }
}
