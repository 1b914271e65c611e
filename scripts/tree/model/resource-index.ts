// Answers "who is there" in the resources that will live side by side, without scanning all for each question.
import type { Resource } from './build.ts'
import { isMet, type Requirement } from './label-selector.ts'
import { type Unseen, whyIncomplete } from './unseen.ts'
import { mayMakePods } from './pod-makers.ts'
import { intendedLabels, type PodTemplate, podTemplateOf } from './pod-template.ts'

export class ResourceIndex {
  readonly resources: readonly Resource[]
  readonly #byKind = new Map<string, Resource[]>()
  readonly #templates: PodTemplate[] = []
  readonly #byLabel = new Map<string, PodTemplate[]>()

  readonly #unseen: readonly Unseen[]

  /** `unseen` is what may be beside the resources without being among them. */
  constructor(resources: readonly Resource[], unseen: readonly Unseen[] = []) {
    this.resources = resources
    this.#unseen = unseen
    for (const resource of resources) {
      append(this.#byKind, `${resource.group}/${resource.kind}`, resource)
      const template = podTemplateOf(resource)
      if (!template) continue
      this.#templates.push(template)
      // A template whose own workload asks for other labels counts with both: that mistake is one finding, not two.
      const pairs = new Set(
        [template.labels, intendedLabels(template)].flatMap(labels =>
          Object.entries(labels).map(([k, v]) => `${k}=${v}`),
        ),
      )
      for (const pair of pairs) append(this.#byLabel, pair, template)
    }
  }

  ofKind(group: string, kind: string): readonly Resource[] {
    return this.#byKind.get(`${group}/${kind}`) ?? []
  }

  /** Pod templates in reach of a namespace; an unknown namespace is in reach of all. */
  podTemplates(namespace: string | undefined): readonly PodTemplate[] {
    return this.#templates.filter(({ resource }) => isSameNamespace(resource.namespace, namespace))
  }

  /** Pod templates that meet all requirements, by their labels or by those their own workload asks for. */
  selectTemplates(namespace: string | undefined, requirements: readonly Requirement[]): readonly PodTemplate[] {
    const lists = requirements
      .filter(({ operator, values }) => operator === 'In' && values.length === 1)
      .map(({ key, values }) => this.#byLabel.get(`${key}=${values[0]}`) ?? [])
    const shortest = lists.reduce(
      (best, list) => (list.length < best.length ? list : best),
      this.#templates as PodTemplate[],
    )
    return shortest.filter(template => {
      if (!isSameNamespace(template.resource.namespace, namespace)) return false
      const meets = (labels: Readonly<Record<string, string>>): boolean => requirements.every(one => isMet(one, labels))
      return meets(template.labels) || meets(intendedLabels(template))
    })
  }

  /**
   * Why an absence in a namespace proves nothing, or undefined where everything that could be there was examined. Asked
   * before anything is called absent.
   */
  whyIncomplete(namespace: string | undefined): string | undefined {
    return whyIncomplete(this.#unseen, namespace)
  }

  /** Whether pods may exist here that no manifest shows: an operator makes them, or a workload cannot be read. */
  mayHoldUnseenPods(namespace: string | undefined): boolean {
    if (this.whyIncomplete(namespace) !== undefined) return true
    return this.resources.some(resource => isSameNamespace(resource.namespace, namespace) && mayMakePods(resource))
  }
}

export const isSameNamespace = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
