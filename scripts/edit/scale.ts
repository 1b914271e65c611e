// Works out a new number of replicas for an environment: one number on one line of its overlay.
import type { KubernetesObject } from '../tree/model/resource.ts'
import { type Environment, findEnvironment, readText } from './environment.ts'
import { listReplicas, setReplicas } from './kustomization.ts'
import type { Change } from './propose.ts'
import { Refusal, refuseUsage } from './refusal.ts'
import { type RenderedEnvironment, renderTree } from './tree.ts'

/** Past this a number is a slip of the finger. */
const MOST_REPLICAS = 1000

/** The change, or the sentence that says why there is none. */
export async function scale(
  root: string,
  environmentName: string | undefined,
  count: string | undefined,
  workload: string | undefined,
): Promise<Change | string> {
  const environment = findEnvironment(root, environmentName)
  const wanted = parseCount(count)
  const text = readText(root, environment.file)
  const before = await renderTree(root, new Map(), [environment.folder])
  const rendered = before.environments.get(environment.folder) as RenderedEnvironment
  const unrendered = (error: string): Refusal => new Refusal(`${environment.folder} does not render: ${error}`)
  const counts = listReplicas(environment.file, text)
  if (rendered.error && counts.length === 0) throw unrendered(rendered.error)
  const name = chooseWorkload(environment, text, rendered, workload)
  const present = counts.find(entry => entry.name === name)?.count
  if (present === wanted && !rendered.error) return `${environment.name} has ${wanted} replicas of ${name} already`
  const edited = setReplicas(environment.file, text, name, wanted)
  const edits = new Map([[environment.file, Buffer.from(edited)]])
  const after = await renderTree(root, edits, [environment.folder])
  const result = after.environments.get(environment.folder) as RenderedEnvironment
  // The number itself may be what is broken, and this what mends it.
  if (rendered.error && result.error) throw unrendered(result.error)
  const autoscaler = findAutoscaler(rendered.error ? result.objects : rendered.objects, name)
  if (autoscaler) {
    throw new Refusal(
      `${environment.name} has the HorizontalPodAutoscaler ${autoscaler}, which decides the number of ${name}: ` +
        'change its minReplicas and maxReplicas, or remove it from the overlay first',
    )
  }
  if (!result.error && result.text === rendered.text && present !== undefined) {
    throw new Refusal(
      `the count of ${name} in ${environment.file} decides nothing: a transformer sets the number after it`,
    )
  }
  const from = present === undefined ? '' : ` from ${present}`
  return {
    root,
    edits,
    before,
    after,
    subject: `Scale ${name} in ${environment.name}${from} to ${wanted}`,
    branch: `scale-${environment.name}-${name}-${wanted}`,
  }
}

function parseCount(count: string | undefined): number {
  if (count === undefined) throw refuseUsage('say how many replicas')
  if (!/^\d{1,4}$/.test(count) || Number(count) > MOST_REPLICAS) {
    throw refuseUsage(`replicas are a whole number from 0 to ${MOST_REPLICAS}, not ${JSON.stringify(count)}`)
  }
  return Number(count)
}

function chooseWorkload(
  { name, file }: Environment,
  text: string,
  { objects }: RenderedEnvironment,
  wanted: string | undefined,
): string {
  const entries = listReplicas(file, text).map(entry => entry.name)
  const scalable = objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ metadata }) => String((metadata as { name?: unknown } | undefined)?.name))
  if (wanted !== undefined) {
    if (entries.includes(wanted) || scalable.includes(wanted)) return wanted
    throw refuseUsage(
      `no workload "${wanted}" in ${name}. There are: ${[...new Set([...entries, ...scalable])].join(', ')}`,
    )
  }
  // One entry may be all there is of one workload under its name before a prefix.
  const candidates = scalable.length > 1 ? [...new Set([...entries, ...scalable])] : entries.length ? entries : scalable
  const [only, ...others] = candidates
  if (only === undefined) throw new Refusal(`${name} has no Deployment and no StatefulSet`)
  if (others.length) throw refuseUsage(`${name} has several workloads, say which: ${candidates.join(', ')}`)
  return only
}

function findAutoscaler(objects: readonly KubernetesObject[], workload: string): string | undefined {
  const found = objects.find(object => {
    const spec = object.spec as { scaleTargetRef?: { name?: unknown } } | undefined
    return object.kind === 'HorizontalPodAutoscaler' && spec?.scaleTargetRef?.name === workload
  })
  return found && String((found.metadata as { name?: unknown } | undefined)?.name)
}
