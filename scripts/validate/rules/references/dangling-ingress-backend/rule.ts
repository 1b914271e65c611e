// An Ingress to a Service or port that does not exist answers 503 to everybody.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-ingress-backend',
  severity: 'error',
  summary: 'An Ingress sends to a Service, a port or through a class that is not there.',
  why: 'The API server takes it, and the controller answers 503 to every request or passes the Ingress over.',
  remediation: 'Name a Service in the same namespace and one of its ports, not the port of the container.',
  source: 'Kubernetes Ingress: spec.rules[].http.paths[].backend, spec.defaultBackend, spec.ingressClassName',
  kinds: ['networking.k8s.io/Ingress'],
  check: context => findDangling(context, isTo('/Service', 'networking.k8s.io/IngressClass')),
})
