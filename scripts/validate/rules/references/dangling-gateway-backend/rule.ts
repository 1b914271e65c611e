// A route of the Gateway API to a Service that does not exist answers 500, and one without its Gateway nothing at all.
import { listAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { lookUp } from '../../../../tree/model/references/look-up.ts'
import { type Reference, readReferences } from '../../../../tree/model/references/read.ts'
import { defineRule, type ResourceContext, type RuleFinding } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

const GROUP = 'gateway.networking.k8s.io'

export default defineRule({
  scope: 'resource',
  id: 'dangling-gateway-backend',
  severity: 'error',
  summary: 'A route or Gateway names a Service, port, Gateway, listener or class that is not there.',
  why: 'The route is accepted with ResolvedRefs false: requests get 500, or never reach the route.',
  remediation:
    'Name a Service and one of its ports; a backend in another namespace says so, and a ReferenceGrant beside it permits it.',
  source: 'Gateway API: BackendNotFound, RefNotPermitted, BackendObjectReference.port, ParentReference, ReferenceGrant',
  kinds: ['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(kind => `${GROUP}/${kind}`),
  *check(context) {
    yield* findDangling(context, isTo('/Service', `${GROUP}/Gateway`, `${GROUP}/GatewayClass`))
    yield* findSections(context)
    yield* findForbidden(context)
  },
})

/** What lies in another namespace takes part only where a ReferenceGrant beside it says so. */
function* findForbidden({ resource, index, isSound }: ResourceContext): Generator<RuleFinding> {
  for (const reference of readReferences(resource)) {
    const { to, name, namespace, fieldPath } = reference
    if ((to !== '/Service' && to !== '/Secret') || !isSound(resource, fieldPath)) continue
    if (namespace === undefined || resource.namespace === undefined || namespace === resource.namespace) continue
    // Where its target is not seen, a grant beside it is not seen either.
    if (lookUp(reference, index).state !== 'there' || index.whyIncomplete(namespace) !== undefined) continue
    const grants = index.ofKind(GROUP, 'ReferenceGrant').filter(one => one.namespace === namespace)
    if (grants.some(({ object }) => permits(object, reference))) continue
    const kind = to.slice(1)
    const message = `${kind} ${name} is in namespace ${namespace}, where no ReferenceGrant permits ${resource.kind}s of ${resource.namespace}`
    // Another team may bring the grant, and the route works from then on.
    yield { message, severity: 'warning', values: [name, 'ReferenceGrant'], places: [{ resource, fieldPath }] }
  }
}

function permits(grant: unknown, { from, to, name }: Reference): boolean {
  const isFrom = listAt(grant, ['spec', 'from']).some(
    one =>
      stringAt(one, ['group']) === from.group &&
      stringAt(one, ['kind']) === from.kind &&
      stringAt(one, ['namespace']) === from.namespace,
  )
  const isTarget = (one: unknown): boolean =>
    `${stringAt(one, ['group']) ?? ''}/${stringAt(one, ['kind'])}` === to && (stringAt(one, ['name']) ?? name) === name
  return isFrom && listAt(grant, ['spec', 'to']).some(isTarget)
}

/** The listener of a Gateway that a route asks for by name. */
function* findSections({ resource, index, isSound }: ResourceContext): Generator<RuleFinding> {
  for (const reference of readReferences(resource)) {
    if (reference.to !== `${GROUP}/Gateway` || reference.field.at !== 'spec/parentRefs/*') continue
    const fieldPath = [...reference.fieldPath.slice(0, -1), 'sectionName']
    const section = stringAt(valueAt(resource.object, fieldPath.slice(0, -1)), ['sectionName'])
    const answer = lookUp(reference, index)
    if (!section || answer.state !== 'there' || !answer.resource || !isSound(answer.resource, ['spec'])) continue
    const names = listAt(answer.resource.object, ['spec', 'listeners']).flatMap(one => stringAt(one, ['name']) ?? [])
    if (names.length === 0 || names.includes(section) || mayHaveMore(index, reference)) continue
    const near = closest(section, names)
    const hint = near ? `did you mean ${near}?` : `it has ${names.join(', ')}`
    const message = `Gateway ${answer.resource.name} has no listener ${section}; ${hint}`
    yield { message, values: [answer.resource.name, section], places: [{ resource, fieldPath }] }
  }
}

/** Sets of listeners add to a Gateway. */
const mayHaveMore = (index: ResourceContext['index'], { namespace }: Reference): boolean =>
  index.ofKind(GROUP, 'ListenerSet').length > 0 ||
  index.ofKind('gateway.networking.x-k8s.io', 'XListenerSet').length > 0 ||
  index.whyIncomplete(namespace) !== undefined
