// What containers say of the room that they need.
import { mappingAt, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isSameNamespace, type ResourceIndex } from '../../../tree/model/resource-index.ts'
import { readDemand, readLimits } from '../namespace/pod-demand.ts'
import type { Found, Practice } from './practice.ts'
import type { PodView } from './pod-view.ts'

/** Whether something else fills in what is asked for. */
const isFilledIn = ({ resource, spec }: PodView, index: ResourceIndex, what: string): boolean =>
  ['requests', 'limits'].some(field => mappingAt(spec, ['resources', field])?.[what] !== undefined) ||
  index
    .ofKind('autoscaling.k8s.io', 'VerticalPodAutoscaler')
    .some(
      ({ namespace, object }) =>
        isSameNamespace(namespace, resource.namespace) &&
        stringAt(object, ['spec', 'targetRef', 'kind']) === resource.kind &&
        stringAt(object, ['spec', 'targetRef', 'name']) === resource.name &&
        stringAt(object, ['spec', 'updatePolicy', 'updateMode']) !== 'Off',
    )

interface Need {
  readonly what: 'cpu' | 'memory'
  readonly danger: string
  readonly example: string
  /** What happens to others where nothing holds a container back. */
  readonly unlimited?: { readonly danger: string; readonly example: string }
}

const findUnset = ({ what, danger, example, unlimited }: Need) =>
  function* (pod: PodView, index: ResourceIndex): Generator<Found> {
    if (isFilledIn(pod, index, what)) return
    const { namespace } = pod.resource
    const demand = readDemand(pod.resource, namespace === undefined ? [] : readLimits(index, namespace))
    for (const { name, value, path, role } of pod.containers) {
      const asked = demand?.containers.find(one => one.path.join() === path.join())
      // An init container takes what the others have asked for.
      if (role === 'init' || !asked) continue
      const isWritten = (field: string): boolean => valueAt(value, ['resources', field, what]) !== undefined
      // What is written and cannot be read is told by others.
      if (!asked.requests.has(what) && !isWritten('requests') && !isWritten('limits')) {
        const message = `container ${name} does not say how much ${what} it needs: ${danger}; write resources.requests.${what}, as ${example}`
        yield { path: [...path, 'resources', 'requests', what], message, values: [] }
      } else if (unlimited && !asked.limits.has(what) && !isWritten('limits')) {
        const message = `container ${name} has no limit of ${what}: ${unlimited.danger}; write resources.limits.${what}, as ${unlimited.example}`
        yield { path: [...path, 'resources', 'limits', what], message, values: [] }
      }
    }
  }

export const RESOURCES: readonly Practice[] = [
  {
    id: 'unset-cpu-requirements',
    preset: 'strict',
    summary: 'A container does not say how much CPU it needs.',
    why: 'The scheduler puts it where there is none left, and under load it gets next to nothing.',
    remediation: 'Write resources.requests.cpu.',
    source: 'kube-linter unset-cpu-requirements, kube-score container-resources, polaris cpuRequestsMissing',
    toldBy: [{ rule: 'quota-exceeded', about: ['cpu', 'requests.cpu'] }],
    of: 'pods',
    find: findUnset({
      what: 'cpu',
      danger: 'the scheduler puts it where none is left, and under load it starves',
      example: '100m',
    }),
  },
  {
    id: 'unset-memory-requirements',
    preset: 'strict',
    summary: 'A container does not say how much memory it needs, or may take all that there is.',
    why: 'The scheduler puts it where there is none left, and it is the first to be killed when the node runs out; without a limit it takes what others need.',
    remediation: 'Write resources.requests.memory and resources.limits.memory.',
    source:
      'kube-linter unset-memory-requirements, kube-score container-resources, polaris memoryRequestsMissing, memoryLimitsMissing',
    toldBy: [{ rule: 'quota-exceeded', about: ['memory', 'requests.memory'] }],
    of: 'pods',
    find: findUnset({
      what: 'memory',
      danger: 'when the node runs out, it is killed first',
      example: '128Mi',
      unlimited: { danger: 'what leaks takes all that the node has, and others are killed for it', example: '256Mi' },
    }),
  },
]
