// What leads requests to a Service: of Ingresses, of routes of the Gateway API, and of the API server itself.
import type { KindFields, ReferenceField } from '../references.ts'

const CONFIG_MAP = '/ConfigMap'
const SECRET = '/Secret'
const SERVICE = '/Service'
const INGRESS = ['networking.k8s.io/Ingress']
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
  kind => `gateway.networking.k8s.io/${kind}`,
)
const WEBHOOKS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map(
  kind => `admissionregistration.k8s.io/${kind}`,
)
const SERVICE_BACKEND: KindFields = { group: 'group', kind: 'kind', usually: SERVICE }

/** Sources: the types of k8s.io/api and of Gateway API 1.3. */
export const TRAFFIC_FIELDS: readonly ReferenceField[] = [
  { of: ['apps/StatefulSet'], at: 'spec', name: 'serviceName', to: SERVICE },
  {
    of: INGRESS,
    at: 'spec/rules/*/http/paths/*/backend/service',
    name: 'name',
    to: SERVICE,
    ports: ['port/name', 'port/number'],
  },
  {
    of: INGRESS,
    at: 'spec/defaultBackend/service',
    name: 'name',
    to: SERVICE,
    ports: ['port/name', 'port/number'],
  },
  { of: INGRESS, at: 'spec', name: 'ingressClassName', to: 'networking.k8s.io/IngressClass' },
  { of: INGRESS, at: 'spec/tls/*', name: 'secretName', to: SECRET, isDispensable: true },
  ...['ingress.kubernetes.io\\/auth-secret', 'nginx.ingress.kubernetes.io\\/auth-secret'].map(
    (name): ReferenceField => ({ of: INGRESS, at: 'metadata/annotations', name, to: SECRET, isQualified: true }),
  ),
  {
    of: INGRESS,
    at: 'metadata/annotations',
    name: 'nginx.ingress.kubernetes.io\\/auth-tls-secret',
    to: SECRET,
    isQualified: true,
  },
  {
    of: INGRESS,
    at: 'metadata/annotations',
    name: 'nginx.ingress.kubernetes.io\\/fastcgi-params-configmap',
    to: CONFIG_MAP,
    isQualified: true,
  },
  {
    of: ROUTES,
    at: 'spec/rules/*/backendRefs/*',
    name: 'name',
    to: SERVICE_BACKEND,
    namespace: 'namespace',
    ports: ['port'],
  },
  {
    of: ROUTES.slice(0, 2),
    at: 'spec/rules/*/filters/*/requestMirror/backendRef',
    name: 'name',
    to: SERVICE_BACKEND,
    namespace: 'namespace',
    ports: ['port'],
  },
  {
    of: ['gateway.networking.k8s.io/Gateway'],
    at: 'spec/listeners/*/tls/certificateRefs/*',
    name: 'name',
    to: { group: 'group', kind: 'kind', usually: SECRET },
    namespace: 'namespace',
  },
  {
    of: ['gateway.networking.k8s.io/Gateway'],
    at: 'spec',
    name: 'gatewayClassName',
    to: 'gateway.networking.k8s.io/GatewayClass',
  },
  {
    of: ROUTES,
    at: 'spec/parentRefs/*',
    name: 'name',
    to: { group: 'group', kind: 'kind', usually: 'gateway.networking.k8s.io/Gateway' },
    namespace: 'namespace',
  },
  {
    of: ['apiregistration.k8s.io/APIService'],
    at: 'spec/service',
    name: 'name',
    to: SERVICE,
    namespace: 'namespace',
    ports: ['port'],
  },
  {
    of: WEBHOOKS,
    at: 'webhooks/*/clientConfig/service',
    name: 'name',
    to: SERVICE,
    namespace: 'namespace',
    ports: ['port'],
  },
  {
    of: ['apiextensions.k8s.io/CustomResourceDefinition'],
    at: 'spec/conversion/webhook/clientConfig/service',
    name: 'name',
    to: SERVICE,
    namespace: 'namespace',
    ports: ['port'],
  },
]
