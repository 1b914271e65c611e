// An Ingress, or a route of Traefik, to a Service or port that does not exist answers 503 to everybody.
import { TRAEFIK_PARTS, TRAEFIK_ROUTES } from '../../../../tree/model/references/traefik.ts'
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-ingress-backend',
  severity: 'error',
  summary:
    'An Ingress or a route of Traefik sends to a Service, a port or through a class or middleware that is not there.',
  why: 'The API server takes it, and the controller answers 503 to every request or passes the Ingress over.',
  remediation: 'Name a Service in the same namespace and one of its ports, not the port of the container.',
  source:
    'Kubernetes Ingress: spec.rules[].http.paths[].backend, spec.defaultBackend, spec.ingressClassName; Traefik IngressRoute: spec.routes[].services, .middlewares, spec.tls.options',
  kinds: ['networking.k8s.io/Ingress', ...TRAEFIK_ROUTES],
  check: context => findDangling(context, isTo('/Service', 'networking.k8s.io/IngressClass', ...TRAEFIK_PARTS)),
})
