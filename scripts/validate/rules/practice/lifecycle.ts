// How pods end, and how they say that they serve.
import { listAt, mappingAt, valueAt } from '../../../tree/model/build.ts'
import type { ResourceIndex } from '../../../tree/model/resource-index.ts'
import type { Found, Practice } from './practice.ts'
import type { ContainerView, PodView } from './pod-view.ts'
import { findService } from './scale.ts'

const DEFAULT_GRACE = 30
/** Fewer seconds are hardly enough to end what is under way. */
const LEAST_SECONDS = 5
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

const graceOf = ({ spec }: PodView): number => {
  const written = valueAt(spec, ['terminationGracePeriodSeconds'])
  return typeof written === 'number' ? written : DEFAULT_GRACE
}

interface Pause {
  readonly field: string
  readonly seconds: number
}

/** How long a preStop hook sleeps at least; undefined where it does not, or it is not known. */
function pauseOf({ value }: ContainerView): Pause | undefined {
  const hook = mappingAt(value, ['lifecycle', 'preStop'])
  const seconds = valueAt(hook, ['sleep', 'seconds'])
  if (typeof seconds === 'number') return { field: 'sleep', seconds }
  const words = listAt(hook, ['exec', 'command']).map(String)
  const [program = '', ...others] = words
  const script = /(?:^|\/)sleep$/.test(program) ? `sleep ${others.join(' ')}` : others.at(-1)
  let sum = 0
  for (const [, count = '', unit = 's'] of (script ?? '')
    .slice(0, 10_000)
    .matchAll(/(?:^|[;&|\s])(?:\/(?:usr\/)?bin\/)?sleep\s+(\d+(?:\.\d+)?)([smh]?)(?=$|[;&|\s])/g))
    sum += Number(count) * (SECONDS[unit || 's'] ?? 1)
  return sum > 0 ? { field: 'exec', seconds: sum } : undefined
}

function findLongPause(container: ContainerView, pod: PodView): Found | undefined {
  const [pause, grace] = [pauseOf(container), graceOf(pod)]
  if (!pause || pause.seconds < grace) return undefined
  // The API server refuses a sleep that is longer.
  if (pause.field === 'sleep' && pause.seconds > grace) return undefined
  const message = `preStop of container ${container.name} takes ${pause.seconds} s of the ${grace} s that the pod has to end: the process is killed in the middle of its work; write a terminationGracePeriodSeconds of more than ${pause.seconds + LEAST_SECONDS}`
  return { path: [...container.path, 'lifecycle', 'preStop', pause.field], message, values: [pause.seconds, grace] }
}

function* findShortGrace(pod: PodView): Generator<Found> {
  const grace = graceOf(pod)
  const path = [...pod.specPath, 'terminationGracePeriodSeconds']
  if (grace === 0) {
    const message =
      'the pod has 0 s to end: it is killed at once, and may still run while its successor starts; write 30, or leave it out'
    yield { path, message, values: [grace] }
    return
  }
  if (grace > 0 && grace < LEAST_SECONDS) {
    const message = `the pod has ${grace} s to end: requests under way are cut off, and what is not written yet is lost; write ${DEFAULT_GRACE}, or leave it out`
    yield { path, message, values: [grace] }
    return
  }
  for (const container of pod.containers.filter(({ role }) => role !== 'init')) {
    const pause = pauseOf(container)
    const left = grace - (pause?.seconds ?? 0)
    if (!pause || left <= 0 || left >= LEAST_SECONDS) continue
    const message = `of the ${grace} s that the pod has to end, preStop of container ${container.name} leaves ${left} s: requests under way are cut off; write ${pause.seconds + DEFAULT_GRACE}`
    yield { path, message, values: [grace, pause.seconds] }
    return
  }
}

/** Where requests arrive: the first container with ports, else the first. */
function findServing(pod: PodView): ContainerView | undefined {
  const running = pod.containers.filter(({ role }) => role === 'main')
  return running.find(({ value }) => listAt(value, ['ports']).length > 0) ?? running[0]
}

const findUnprobed = (
  field: string,
  say: (service: string) => string,
): ((pod: PodView, index: ResourceIndex) => Iterable<Found>) =>
  function* (pod, index) {
    if (!pod.isLongRunning || pod.containers.some(({ value }) => mappingAt(value, [field]))) return
    if (field === 'readinessProbe' && listAt(pod.spec, ['readinessGates']).length > 0) return
    const container = findServing(pod)
    const service = container && findService(pod, index)
    if (!service) return
    yield { path: [...container.path, field], message: `container ${container.name} ${say(service.name)}`, values: [] }
  }

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc']

/** How long a probe fails until something follows. */
const patienceOf = (probe: unknown): number => {
  const read = (field: string, otherwise: number): number => {
    const value = valueAt(probe, [field])
    return typeof value === 'number' && value > 0 ? value : otherwise
  }
  return read('periodSeconds', 10) * read('failureThreshold', 3)
}

function findTwins({ name, value, path }: ContainerView): Found | undefined {
  const [live, ready] = [mappingAt(value, ['livenessProbe']), mappingAt(value, ['readinessProbe'])]
  if (!live || !ready) return undefined
  const handlerOf = (probe: object): string => JSON.stringify(HANDLERS.map(action => valueAt(probe, [action]) ?? null))
  if (handlerOf(live) !== handlerOf(ready) || patienceOf(live) > patienceOf(ready)) return undefined
  const message = `container ${name} asks the same for liveness and readiness, as patiently: a busy pod is restarted when it should only get no more requests; write another endpoint, or a higher failureThreshold`
  return { path: [...path, 'livenessProbe'], message, values: [] }
}

export const LIFECYCLE: readonly Practice[] = [
  {
    id: 'no-readiness-probe',
    preset: 'strict',
    summary: 'No container of a served pod says when it is ready.',
    why: 'The Service sends requests from the moment the process is started, and goes on when it no longer answers.',
    remediation: 'Write a readinessProbe for the container that takes the requests.',
    source: 'kube-linter no-readiness-probe, kube-score pod-probes, polaris readinessProbeMissing',
    of: 'pods',
    find: findUnprobed(
      'readinessProbe',
      service => `has no readinessProbe: Service ${service} sends it requests that it cannot answer yet; write one`,
    ),
  },
  {
    id: 'no-liveness-probe',
    preset: 'strict',
    summary: 'No container of a served pod is restarted when it hangs.',
    why: 'A process that hangs stays as it is until a person looks.',
    remediation: 'Write a livenessProbe that fails only where a restart helps.',
    source: 'kube-linter no-liveness-probe, kube-score pod-probes, polaris livenessProbeMissing',
    of: 'pods',
    find: findUnprobed(
      'livenessProbe',
      service => `has no livenessProbe: when it hangs behind Service ${service}, nothing restarts it; write one`,
    ),
  },
  {
    id: 'identical-probes',
    preset: 'strict',
    summary: 'Liveness and readiness of a container are the same probe.',
    why: 'What is only busy is restarted at the moment it would get no more requests, and the others get busier.',
    remediation: 'Let liveness ask for less than readiness, or wait longer.',
    source: 'kube-score pod-probes-identical',
    of: 'running containers',
    find: findTwins,
  },
  {
    id: 'prestop-longer-than-grace',
    summary: 'A preStop hook takes all the time that a pod has to end.',
    why: 'The grace period counts from the start of the hook: SIGKILL comes before the process has heard of SIGTERM.',
    remediation: 'Make terminationGracePeriodSeconds longer than the hook and the draining together.',
    source: 'Kubernetes: pod lifecycle, termination of pods',
    of: 'running containers',
    find: findLongPause,
  },
  {
    id: 'grace-period-too-short',
    preset: 'strict',
    summary: 'A pod has hardly any time to end.',
    why: 'Requests under way are cut off, and what is not written yet is lost; with 0 a pod of a StatefulSet may run twice.',
    remediation: 'Leave out terminationGracePeriodSeconds (30), or add the time of the preStop hook to it.',
    source: 'Kubernetes: pod lifecycle, termination of pods; StatefulSet: deployment and scaling guarantees',
    of: 'pods',
    find: pod => (pod.isLongRunning ? findShortGrace(pod) : []),
  },
]
