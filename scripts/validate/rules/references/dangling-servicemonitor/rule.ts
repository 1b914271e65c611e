// A ServiceMonitor that finds no Service, or no port of it, records nothing, and nobody is told.
import { listAt, pairsAt, type Resource, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { isMet, readRequirements } from '../../../../tree/model/label-selector.ts'
import { listContainerPorts } from '../../../../tree/model/container-ports.ts'
import { mayHoldUnseen } from '../../../../tree/model/references/look-up.ts'
import { isSameNamespace, type ResourceIndex } from '../../../../tree/model/resource-index.ts'
import { defineRule, type ResourceContext, type RuleFinding } from '../../rule.ts'
import { isProbed, isServed } from '../port-names.ts'
import { describeMiss, isOfController, type Labelled } from '../../selectors/selecting.ts'

/** What each kind selects, and where its endpoints stand. */
const KINDS = {
  ServiceMonitor: { what: 'Service', endpoints: 'endpoints', list: listServices },
  PodMonitor: { what: 'pod template', endpoints: 'podMetricsEndpoints', list: listTemplates },
} as const

export default defineRule({
  scope: 'resource',
  id: 'dangling-servicemonitor',
  severity: 'warning',
  summary: 'A ServiceMonitor or PodMonitor selects nothing, or asks for a port that what it selects does not have.',
  why: 'Prometheus has no target and records nothing: dashboards stay empty and alerts never fire.',
  remediation: 'Select the labels of the Service itself (not of its pods) and name one of its ports.',
  source:
    'Prometheus operator: spec.selector, spec.namespaceSelector (its own namespace where absent), endpoints[].port',
  kinds: Object.keys(KINDS).map(kind => `monitoring.coreos.com/${kind}`),
  *check(context) {
    const { resource, index, isSound } = context
    const { what, list } = KINDS[resource.kind as keyof typeof KINDS]
    const path = ['spec', 'selector']
    if (!isSound(resource, path) || valueAt(resource.object, ['spec', 'namespaceSelector', 'any']) === true) return
    const named = listAt(resource.object, ['spec', 'namespaceSelector', 'matchNames'])
    const namespaces = named.length > 0 ? named.map(String) : [resource.namespace]
    const requirements = readRequirements(valueAt(resource.object, path)).filter(one => !isOfController(one))
    if (requirements.length === 0) return
    const candidates = list(index).filter(one =>
      namespaces.some(namespace => isSameNamespace(one.resource.namespace, namespace)),
    )
    const selected = candidates.filter(({ labels }) => requirements.every(one => isMet(one, labels)))
    if (selected.length > 0) {
      yield* findPorts(context, selected)
      return
    }
    const isElsewhere = namespaces.some(namespace => namespace !== resource.namespace)
    const miss = describeMiss({ resource, path, requirements, what }, candidates, () => {
      if (isElsewhere || index.isShared(resource)) return true
      return mayHoldUnseen(index, '/Service', resource.namespace) || index.mayHoldUnseenPods(resource.namespace)
    })
    if (miss) yield miss
  },
})

function listServices(index: ResourceIndex): readonly Labelled[] {
  return index.ofKind('', 'Service').map(resource => ({
    resource,
    labels: pairsAt(resource.object, ['metadata', 'labels']),
    labelsPath: ['metadata', 'labels'],
  }))
}

function listTemplates(index: ResourceIndex): readonly Labelled[] {
  return index.podTemplates(undefined)
}

function* findPorts(
  { resource, index, isSound }: ResourceContext,
  selected: readonly Labelled[],
): Generator<RuleFinding> {
  if (selected.some(one => one.resource.kind === 'Service' && !isSound(one.resource, ['spec', 'ports']))) return
  const { endpoints } = KINDS[resource.kind as keyof typeof KINDS]
  const names = new Set(selected.flatMap(one => namesOf(one.resource, index)))
  for (const [position, endpoint] of listAt(resource.object, ['spec', endpoints]).entries()) {
    const port = stringAt(endpoint, ['port'])
    if (!port || names.has(port)) continue
    const templates = index
      .podTemplates(undefined)
      .filter(one => selected.some(({ resource: owner }) => owner === one.resource))
    if (templates.some(template => isServed(index, template, port) || isProbed(template, port))) continue
    const [first] = selected
    const known = names.size > 0 ? `its port names are ${[...names].join(', ')}` : 'it names no port'
    yield {
      message: `port "${port}" is not a port of ${first?.resource.kind} ${first?.resource.name}: ${known}`,
      values: [port],
      places: [{ resource, fieldPath: ['spec', endpoints, position, 'port'] }],
      // Of loose manifests nobody says that they belong together.
      ...(resource.origin.kind === 'document' ? {} : { severity: 'error' as const }),
    }
  }
}

const namesOf = (resource: Resource, index: ResourceIndex): readonly string[] =>
  resource.kind === 'Service'
    ? listAt(resource.object, ['spec', 'ports']).flatMap(port => stringAt(port, ['name']) ?? [])
    : index
        .podTemplates(undefined)
        .filter(template => template.resource === resource)
        .flatMap(template => listContainerPorts(template).flatMap(({ name }) => name ?? []))
