// Answers "who is there" in the resources that will live side by side, without scanning all for each question.
import type { Resource } from './build.ts'
import { isMet, type Requirement } from './label-selector.ts'
import { Lists } from './lists.ts'
import { type Unseen, whyIncomplete } from './unseen.ts'
import { listReach, mayMakePods } from './pod-makers.ts'
import type { Elsewhere } from './references/elsewhere.ts'
import type { KindId } from './references.ts'
import { intendedLabels, type PodTemplate, podTemplateOf } from './pod-template.ts'

export class ResourceIndex {
  readonly resources: readonly Resource[]
  #byKind: ReadonlyMap<KindId, readonly Resource[]> | undefined
  #byName: Lists<Resource> | undefined
  #pods: Pods | undefined
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

  // Each is made when it is asked for: of most builds of a large tree nothing is asked.

  get #named(): Lists<Resource> {
    this.#byName ??= sortByName(this.resources)
    return this.#byName
  }

  get #templates(): Pods {
    this.#pods ??= sortPods(this.resources)
    return this.#pods
  }

  ofKind(group: string, kind: string): readonly Resource[] {
    return this.ofKindId(`${group}/${kind}`)
  }

  ofKindId(kind: KindId): readonly Resource[] {
    this.#byKind ??= Map.groupBy(this.resources, kindOf)
    return this.#byKind.get(kind) ?? []
  }

  /** What has the kind and the name, in reach of a namespace. */
  named(kind: KindId, name: string, namespace: string | undefined): readonly Resource[] {
    return this.#named.get(kind, name).filter(one => isSameNamespace(one.namespace, namespace))
  }

  /** Pod templates in reach of a namespace; an unknown namespace is in reach of all. */
  podTemplates(namespace: string | undefined): readonly PodTemplate[] {
    const known = this.#byNamespace.get(namespace)
    if (known) return known
    const found = this.#templates.all.filter(({ resource }) => isSameNamespace(resource.namespace, namespace))
    this.#byNamespace.set(namespace, found)
    return found
  }

  /** Pod templates that meet all requirements, by their labels or by those their own workload asks for. */
  selectTemplates(namespace: string | undefined, requirements: readonly Requirement[]): readonly PodTemplate[] {
    const lists = requirements
      .filter(({ operator, values }) => operator === 'In' && values.length === 1)
      .map(({ key, values }) => this.#templates.byLabel.get(key, values[0] ?? ''))
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best), this.#templates.all)
    const select = (): readonly PodTemplate[] =>
      shortest.filter(
        template => isSameNamespace(template.resource.namespace, namespace) && isSelected(template, requirements),
      )
    if (shortest.length < MANY) return select()
    const question = JSON.stringify([namespace, ...requirements.map(one => [one.key, one.operator, ...one.values])])
    const known = this.#selected.get(question) ?? select()
    this.#selected.set(question, known)
    return known
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

/** Fewer are looked through sooner than an answer is remembered. */
const MANY = 100

const kindOf = ({ group, kind }: Resource): KindId => `${group}/${kind}`

function sortByName(resources: readonly Resource[]): Lists<Resource> {
  const lists = new Lists<Resource>()
  for (const resource of resources) lists.add(kindOf(resource), resource.name, resource)
  return lists
}

interface Pods {
  readonly all: readonly PodTemplate[]
  readonly byLabel: Lists<PodTemplate>
}

function sortPods(resources: readonly Resource[]): Pods {
  const all = resources.flatMap(resource => podTemplateOf(resource) ?? [])
  const byLabel = new Lists<PodTemplate>()
  for (const template of all) {
    const own = Object.entries(template.labels)
    for (const [key, value] of own) byLabel.add(key, value, template)
    // A template whose own workload asks for other labels counts with both: that mistake is one finding, not two.
    for (const [key, value] of Object.entries(intendedLabels(template)))
      if (template.labels[key] !== value) byLabel.add(key, value, template)
  }
  return { all, byLabel }
}

/** Whether a template meets all requirements, by its labels or by those its own workload asks for. */
export function isSelected(template: PodTemplate, requirements: readonly Requirement[]): boolean {
  const meets = (labels: Readonly<Record<string, string>>): boolean => requirements.every(one => isMet(one, labels))
  return meets(template.labels) || meets(intendedLabels(template))
}

export const isSameNamespace = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b
