// A NetworkPolicy that selects no pod protects nothing, and one that opens a port by a wrong name leaves it shut.
import { listAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { readRequirements } from '../../../../tree/model/label-selector.ts'
import { listContainerPorts } from '../../../../tree/model/container-ports.ts'
import { defineRule, type ResourceContext, type RuleFinding } from '../../rule.ts'
import { isProbed, isServed } from '../port-names.ts'
import { describeMiss, isOfController } from '../../selectors/selecting.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-networkpolicy',
  severity: 'warning',
  summary: 'A NetworkPolicy selects no pod, or opens a port name that the selected pods do not have.',
  why: 'The policy is accepted and has no effect: what should be closed stays open, and what it should open stays shut.',
  remediation: 'Select labels that pods of the namespace have, and name ports that their containers have.',
  source: 'Kubernetes NetworkPolicy: podSelector with matchLabels and matchExpressions; an empty one selects every pod',
  kinds: ['networking.k8s.io/NetworkPolicy'],
  *check(context) {
    const { resource, index } = context
    yield* findMiss(context, ['spec', 'podSelector'], index.mayHoldUnseenPodsBeside(resource))
    for (const [list, peers] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const) {
      for (const [at, rule] of listAt(resource.object, ['spec', list]).entries()) {
        for (const [position, peer] of listAt(rule, [peers]).entries()) {
          // Pods of other namespaces are beyond what is known here.
          if (valueAt(peer, ['namespaceSelector']) !== undefined) continue
          // A peer may be permitted before it is there: only a slip is a mistake.
          yield* findMiss(context, ['spec', list, at, peers, position, 'podSelector'], true)
        }
      }
    }
    yield* findPorts(context)
  },
})

function* findMiss(
  { resource, index, isSound }: ResourceContext,
  path: FieldPath,
  isOpen: boolean,
): Generator<RuleFinding> {
  const requirements = readRequirements(valueAt(resource.object, path)).filter(one => !isOfController(one))
  if (requirements.length === 0 || !isSound(resource, path)) return
  if (index.selectTemplates(resource.namespace, requirements).length > 0) return
  const templates = index.podTemplates(resource.namespace)
  if (templates.some(template => !isSound(template.resource, template.labelsPath))) return
  const miss = describeMiss({ resource, path, requirements, what: 'pod template' }, templates, () => isOpen)
  if (miss) yield miss
}

/** Names of ports are looked up in the pods that traffic goes to: of ingress those that the policy selects. */
function* findPorts({ resource, index, isSound }: ResourceContext): Generator<RuleFinding> {
  const selector = valueAt(resource.object, ['spec', 'podSelector'])
  const requirements = readRequirements(selector).filter(one => !isOfController(one))
  // A policy for all pods opens the port of those that have it.
  if (requirements.length === 0) return
  const templates = index.selectTemplates(resource.namespace, requirements)
  if (templates.length === 0 || templates.some(({ resource: owner, specPath }) => !isSound(owner, specPath))) return
  const declared = templates.flatMap(listContainerPorts)
  for (const [position, rule] of listAt(resource.object, ['spec', 'ingress']).entries()) {
    for (const [at, port] of listAt(rule, ['ports']).entries()) {
      const name = stringAt(port, ['port'])
      const protocol = stringAt(port, ['protocol']) ?? 'TCP'
      if (name === undefined || /^\d+$/.test(name)) continue
      if (declared.some(one => one.name === name && one.protocol === protocol)) continue
      if (templates.some(template => isServed(index, template, name) || isProbed(template, name))) continue
      if (
        index.mayHoldUnseenPodsBeside(resource) &&
        !closest(
          name,
          declared.flatMap(one => one.name ?? []),
        )
      )
        continue
      const names = [...new Set(declared.flatMap(one => (one.name && one.protocol === protocol ? [one.name] : [])))]
      const [first] = templates
      yield {
        message: `port "${name}" is not a ${protocol} port of ${first?.resource.kind} ${first?.resource.name}: ${names.length ? `its port names are ${names.join(', ')}` : 'it names no port'}`,
        values: [name, protocol],
        places: [{ resource, fieldPath: ['spec', 'ingress', position, 'ports', at, 'port'] }],
      }
    }
  }
}
