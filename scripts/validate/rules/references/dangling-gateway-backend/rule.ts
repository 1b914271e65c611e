// A route of the Gateway API to a Service that does not exist answers 500, and one without its Gateway nothing at all.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

const GROUP = 'gateway.networking.k8s.io'

export default defineRule({
  scope: 'resource',
  id: 'dangling-gateway-backend',
  severity: 'error',
  summary: 'A route or Gateway names a Service, port, Gateway or class that is not there.',
  why: 'The route is accepted with ResolvedRefs false: requests get 500, or never reach the route.',
  remediation: 'Name a Service and one of its ports; a backend in another namespace says so.',
  source: 'Gateway API: BackendNotFound, BackendObjectReference.port, ParentReference',
  kinds: ['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(kind => `${GROUP}/${kind}`),
  check: context => findDangling(context, isTo('/Service', `${GROUP}/Gateway`, `${GROUP}/GatewayClass`)),
})
