// Answers "who is there" in the resources that will live side by side, without scanning all for each question.
import type { Resource } from './build.ts'
import { isMet, type Requirement } from './label-selector.ts'
import { type Unseen, whyIncomplete } from './unseen.ts'
import { listReach, mayMakePods } from './pod-makers.ts'
import type { Elsewhere } from './references/elsewhere.ts'
import type { KindId } from './references.ts'
import { intendedLabels, type PodTemplate, podTemplateOf } from './pod-template.ts'

export class ResourceIndex {
  readonly resources: readonly Resource[]
  #maps: Maps | undefined
  readonly #byNamespace = new Map<string | undefined, readonly PodTemplate[]>()
  readonly #selected = new Map<string, readonly PodTemplate[]>()
  #makers: readonly Resource[] | undefined

  #builds: ReadonlySet<string> | undefined
  /** What may be beside the resources without being among them. */
  readonly unseen: readonly Unseen[]

  /** What the whole tree holds. */
  readonly elsewhere: Elsewhere | undefined

  constructor(resources: readonly Resource[], unseen: readonly Unseen[] = [], elsewhere?: Elsewhere) {
    this.resources = resources
    this.elsewhere = elsewhere
    this.unseen = unseen
  }

  /** Made when they are asked for: of most builds of a large tree nothing is asked. */
  get #found(): Maps {
    this.#maps ??= sort(this.resources)
    return this.#maps
  }

  ofKind(group: string, kind: string): readonly Resource[] {
    return this.ofKindId(`${group}/${kind}`)
  }

  ofKindId(kind: KindId): readonly Resource[] {
    return this.#found.byKind.get(kind) ?? []
  }

  /** What has the kind and the name, in reach of a namespace. */
  named(kind: KindId, name: string, namespace: string | undefined): readonly Resource[] {
    const list = this.#found.byName.get(`${kind} ${name}`) ?? []
    return list.filter(one => isSameNamespace(one.namespace, namespace))
  }

  /** Pod templates in reach of a namespace; an unknown namespace is in reach of all. */
  podTemplates(namespace: string | undefined): readonly PodTemplate[] {
    const known = this.#byNamespace.get(namespace)
    if (known) return known
    const found = this.#found.templates.filter(({ resource }) => isSameNamespace(resource.namespace, namespace))
    this.#byNamespace.set(namespace, found)
    return found
  }

  /** Pod templates that meet all requirements, by their labels or by those their own workload asks for. */
  selectTemplates(namespace: string | undefined, requirements: readonly Requirement[]): readonly PodTemplate[] {
    const question = JSON.stringify([namespace, ...requirements.map(one => [one.key, one.operator, ...one.values])])
    const known = this.#selected.get(question) ?? this.#select(namespace, requirements)
    this.#selected.set(question, known)
    return known
  }

  #select(namespace: string | undefined, requirements: readonly Requirement[]): readonly PodTemplate[] {
    const lists = requirements
      .filter(({ operator, values }) => operator === 'In' && values.length === 1)
      .map(({ key, values }) => this.#found.byLabel.get(`${key}=${values[0]}`) ?? [])
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best), this.#found.templates)
    return shortest.filter(
      template => isSameNamespace(template.resource.namespace, namespace) && isSelected(template, requirements),
    )
  }

  /**
   * Why an absence in a namespace proves nothing, or undefined where everything that could be there was examined. Asked
   * before anything is called absent.
   */
  whyIncomplete(namespace: string | undefined): string | undefined {
    return whyIncomplete(this.unseen, namespace)
  }

  /** Whether pods may exist here that no manifest shows: an operator makes them, or a workload cannot be read. */
  mayHoldUnseenPods(namespace: string | undefined): boolean {
    if (this.whyIncomplete(namespace) !== undefined) return true
    this.#makers ??= this.resources.filter(mayMakePods)
    return this.#makers.some(resource => listReach(resource).some(one => isSameNamespace(one, namespace)))
  }

  /** Whether other builds, or nobody knows what, bring pods beside a resource. */
  mayHoldUnseenPodsBeside(resource: Resource): boolean {
    return this.isShared(resource) || this.mayHoldUnseenPods(resource.namespace)
  }

  /** Whether the tree holds more for the namespace of a resource than is here. */
  isShared(resource: Resource): boolean {
    this.#builds ??= new Set(this.resources.map(({ build }) => build))
    return this.elsewhere?.isShared(resource, this.#builds) === true
  }
}

interface Maps {
  readonly byKind: Map<string, Resource[]>
  readonly byName: Map<string, Resource[]>
  readonly templates: PodTemplate[]
  readonly byLabel: Map<string, PodTemplate[]>
}

function sort(resources: readonly Resource[]): Maps {
  const maps: Maps = { byKind: new Map(), byName: new Map(), templates: [], byLabel: new Map() }
  for (const resource of resources) {
    const kind = `${resource.group}/${resource.kind}`
    append(maps.byKind, kind, resource)
    append(maps.byName, `${kind} ${resource.name}`, resource)
    const template = podTemplateOf(resource)
    if (!template) continue
    maps.templates.push(template)
    // A template whose own workload asks for other labels counts with both: that mistake is one finding, not two.
    const pairs = new Set(
      [template.labels, intendedLabels(template)].flatMap(labels =>
        Object.entries(labels).map(([k, v]) => `${k}=${v}`),
      ),
    )
    for (const pair of pairs) append(maps.byLabel, pair, template)
  }
  return maps
}

/** Whether a template meets all requirements, by its labels or by those its own workload asks for. */
export function isSelected(template: PodTemplate, requirements: readonly Requirement[]): boolean {
  const meets = (labels: Readonly<Record<string, string>>): boolean => requirements.every(one => isMet(one, labels))
  return meets(template.labels) || meets(intendedLabels(template))
}

export const isSameNamespace = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
