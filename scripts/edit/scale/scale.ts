// Works out how many replicas run: the number on the line that decides it, or the bounds of what decides by itself.
import { Problem, usageProblem } from '../../command/problem.ts'
import { valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { type Edits, layOver } from '../../tree/source/edit.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Change } from '../change.ts'
import { type Environment, findEnvironment } from '../environment.ts'
import { readText, type Rendered, renderBuilds, requireRenders } from '../rendered.ts'
import { addPatch, listReplicas, setReplicas } from '../text/kustomization.ts'
import { findWriters, nameOf, replaceAt, requireOthersUnchanged } from '../writer.ts'
import { type Autoscaler, findAutoscaler } from './autoscaler.ts'

/** Past this a number is a slip of the finger. */
const MOST_REPLICAS = 1000

/** `5`, or `3..10` for the bounds of an autoscaler. */
export type Count = number | { readonly minimum: number; readonly maximum: number }

export interface Wish {
  readonly environment: string
  readonly count: Count
  readonly workload: string | undefined
}

export interface ScaleOptions {
  /** The number that must be there now. */
  readonly from: number | undefined
  readonly force: boolean
}

/** `ENVIRONMENT COUNT [WORKLOAD]`, as often as wanted. */
export function readWishes(words: readonly string[]): readonly Wish[] {
  const wishes: Wish[] = []
  for (let at = 0; at < words.length; ) {
    const [environment = '', count, third] = words.slice(at)
    const fourth = words[at + 3]
    const isNext = fourth !== undefined && isCount(fourth)
    const workload = third !== undefined && !isNext ? third : undefined
    if (count === undefined) throw usageProblem(`say how many replicas in ${environment}`, 'See --help')
    wishes.push({ environment, count: parseCount(count), workload })
    at += workload === undefined ? 2 : 3
  }
  return wishes
}

const isCount = (text: string): boolean => /^-?[\d.]+$/.test(text)

export function parseCount(text: string): Count {
  const [, first = '', second] = /^(\d{1,4})(?:\.\.(\d{1,4}))?$/.exec(text) ?? []
  const [minimum, maximum] = [Number(first), Number(second ?? first)]
  if (first === '' || Math.max(minimum, maximum) > MOST_REPLICAS) {
    throw usageProblem(`replicas are a whole number from 0 to ${MOST_REPLICAS}, not ${JSON.stringify(text)}`)
  }
  if (second === undefined) return minimum
  if (minimum > maximum || maximum === 0) throw usageProblem(`${text}: the first number is the smaller one`)
  return { minimum, maximum }
}

/** The change, or the sentence that says why there is none. */
export async function scale(
  sources: Sources,
  words: readonly string[],
  options: ScaleOptions,
): Promise<Change | string> {
  if (words.length === 0) findEnvironment(sources, undefined)
  const environments = words.length
    ? readWishes(words).map(wish => ({ wish, environment: findEnvironment(sources, wish.environment) }))
    : []
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
    throw new Problem(
      `${environment.name} has the ${autoscaler.kind} ${autoscaler.name}, which decides the number of ${workload.metadata?.name}`,
      { advice: autoscaler.bounds ? [`npm run scale -- ${environment.name} 3..10 sets its bounds`] : [] },
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
    throw new Problem(`validation.yaml allows ${bounds} replicas in ${name}`, {
      advice: ['--force does it all the same'],
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
    throw new Problem(`${environment.name} has ${present} replicas of ${name}, not ${from}`)
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

/** The names that a prefix or suffix of the overlay may have been put around. */
const listShorter = (name: string): readonly string[] => {
  const parts = name.split('-')
  const fronts = parts.slice(1).map((_, index) => parts.slice(index + 1).join('-'))
  const ends = parts.slice(1).map((_, index) => parts.slice(0, parts.length - index - 1).join('-'))
  return [...fronts, ...ends]
}

interface Entries {
  /** Texts of the overlay with an entry for the value, the likeliest first. */
  readonly candidates: readonly (() => string)[]
  /** Whether the overlay has such an entry by now. */
  readonly isEntry: boolean
  readonly notes: string[]
}

/** Makes a field have a value, where it is decided; what the result renders to is the judge. */
async function decide(
  sources: Sources,
  environment: Environment,
  object: KubernetesObject,
  fieldPath: FieldPath,
  value: number,
  entriesOf: (text: string) => Entries,
): Promise<Edits> {
  const [writer] = await findWriters(sources, environment, [{ object, fieldPath }])
  const entries = entriesOf(readText(sources, environment.file))
  const field = fieldPath.at(-1)
  // A manifest that several builds read says what holds where nobody says otherwise: an entry is for that.
  const isShared = writer !== undefined && writer.others.length > 0
  if (isShared && !writer.isManifest) {
    throw new Problem(
      `${writer.place} decides ${field}, and ${writer.others.join(', ')} read it too: change it there, or take it out`,
    )
  }
  const isOwn = writer !== undefined && !isShared
  if (isOwn && writer.range.file !== environment.file && entries.isEntry) {
    throw new Problem(
      `${writer.place} decides ${field} after ${environment.file}: remove one of the two, then run this again`,
    )
  }
  const texts = isOwn
    ? [[writer.range.file, () => replaceAt(sources, writer, valueAt(object, fieldPath), value)] as const]
    : entries.candidates.map(make => [environment.file, make] as const)
  if (isOwn && writer.overruled.length) {
    const stale = writer.overruled.filter(place => place.startsWith(`${environment.folder}/`))
    if (stale.length) entries.notes.push(`${stale.join(', ')} says ${field} too, and decides nothing`)
  }
  for (const [path, make] of texts) {
    const edits = new Map([[path, Buffer.from(make())]])
    if (await isExactly(sources, edits, environment, object, fieldPath, value)) return edits
  }
  throw new Problem(
    `no edit here makes ${field} of ${object.kind} ${object.metadata?.name} ${value}${writer ? `: ${writer.place} decides it` : ''}`,
  )
}

/** Whether with the edits this field has this value, and nothing else is rendered otherwise. */
async function isExactly(
  sources: Sources,
  edits: Edits,
  environment: Environment,
  object: KubernetesObject,
  fieldPath: FieldPath,
  value: number,
): Promise<boolean> {
  const { folder } = environment
  const [before, after] = await Promise.all([
    renderBuilds(sources, [folder]),
    renderBuilds(layOver(sources, edits), [folder]),
  ])
  const [old, now] = [before.get(folder) as Rendered, after.get(folder) as Rendered]
  if (now.error) return false
  const rest = (rendered: Rendered): string =>
    JSON.stringify(rendered.objects.map(one => (nameOf(one) === nameOf(object) ? without(one, fieldPath) : one)))
  const changed = now.objects.find(one => nameOf(one) === nameOf(object))
  if (valueAt(changed, fieldPath) !== value || rest(old) !== rest(now)) return false
  await requireOthersUnchanged(sources, edits, environment)
  return true
}

function without(object: KubernetesObject, [head = '', ...rest]: FieldPath): unknown {
  const { [head]: value, ...others } = object as unknown as Record<string, unknown>
  const sorted = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)))
  return rest.length && value !== undefined ? { ...sorted, [head]: without(value as KubernetesObject, rest) } : sorted
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
  if (!autoscaler) throw new Problem(`nothing scales ${name} in ${environment.name} by itself: give it one number`)
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

/** Kinds with a number of replicas, and whatever else has one beside a pod template. */
const isScalable = (object: KubernetesObject): boolean =>
  ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Rollout'].includes(object.kind ?? '') ||
  (typeof valueAt(object, ['spec', 'replicas']) === 'number' && valueAt(object, ['spec', 'template']) !== undefined)

function chooseWorkload({ name }: Environment, { objects }: Rendered, wanted: string | undefined): KubernetesObject {
  const scalable = objects.filter(isScalable)
  const write = ({ kind, metadata }: KubernetesObject): string =>
    scalable.filter(other => other.metadata?.name === metadata?.name).length > 1
      ? `${kind}/${metadata?.name}`
      : `${metadata?.name}`
  const names = scalable.map(write)
  const matches = (object: KubernetesObject): boolean => {
    const [kind, bare] = wanted?.includes('/') ? wanted.split('/') : [undefined, wanted]
    return object.metadata?.name === bare && (kind === undefined || object.kind?.toLowerCase() === kind.toLowerCase())
  }
  const exact = wanted === undefined ? scalable : scalable.filter(matches)
  // The name before a prefix or suffix, where it can mean one workload alone.
  const fitting =
    exact.length || wanted === undefined
      ? exact
      : scalable.filter(one => listShorter(one.metadata?.name ?? '').includes(wanted))
  const [only, ...others] = fitting
  if (scalable.length === 0) throw new Problem(`${name} has nothing with a number of replicas`)
  if (!only) throw usageProblem(`no workload "${wanted}" in ${name}. There are: ${names.join(', ')}`)
  if (others.length) throw usageProblem(`${name} has several workloads, say which: ${names.join(', ')}`)
  return only
}
