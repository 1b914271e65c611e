import { expect, test } from 'vitest'
import { type Draft, messagesOf, openTestSchemas } from './testing.ts'

const schemas = await openTestSchemas()

const hostRule = { host: 'web', subsets: [{ name: 'v1', labels: { version: 'v1' } }] }
const workflowSpec = {
  entrypoint: 'main',
  arguments: { parameters: [{ name: 'a', value: 5 }] },
  templates: [
    {
      name: 'main',
      steps: [
        [{ name: 'a', template: 'run' }],
        [
          { name: 'b', template: 'run' },
          { name: 'c', template: 'run' },
        ],
      ],
    },
    { name: 'run', container: { image: 'busybox:1' } },
  ],
}

test.each<[apiVersion: string, kind: string, spec: Draft]>([
  ['argoproj.io/v1alpha1', 'Rollout', { replicas: 1, strategy: { canary: { steps: [{ setWeight: 20 }] } } }],
  ['argoproj.io/v1alpha1', 'Workflow', workflowSpec],
  ['cert-manager.io/v1', 'ClusterIssuer', { selfSigned: {} }],
  ['external-secrets.io/v1', 'ExternalSecret', { refreshInterval: '1h', secretStoreRef: { name: 'x' } }],
  ['helm.toolkit.fluxcd.io/v2', 'HelmRelease', { interval: '5m', values: { any: { thing: [1] } } }],
  [
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    { interval: '5m', prune: true, sourceRef: { kind: 'GitRepository', name: 'a' } },
  ],
  [
    'gateway.networking.k8s.io/v1',
    'HTTPRoute',
    { parentRefs: [{ name: 'g' }], rules: [{ backendRefs: [{ name: 'a', port: 80 }] }] },
  ],
  ['networking.istio.io/v1', 'DestinationRule', hostRule],
  [
    'karpenter.sh/v1',
    'NodePool',
    { template: { spec: { requirements: [], nodeClassRef: { group: 'a', kind: 'b', name: 'c' } } } },
  ],
  [
    'keda.sh/v1alpha1',
    'ScaledObject',
    { scaleTargetRef: { name: 'a' }, triggers: [{ type: 'cron', metadata: { start: 'x' } }] },
  ],
  ['serving.knative.dev/v1', 'Service', { template: { spec: { containers: [{ image: 'a' }] } } }],
  ['kyverno.io/v1', 'ClusterPolicy', { rules: [{ name: 'a', match: { any: [{ resources: { kinds: ['Pod'] } }] } }] }],
  ['monitoring.coreos.com/v1', 'ServiceMonitor', { selector: {}, endpoints: [{ port: 'http' }] }],
  ['bitnami.com/v1alpha1', 'SealedSecret', { encryptedData: { a: 'b' }, template: { type: 'Opaque' } }],
  [
    'traefik.io/v1alpha1',
    'IngressRoute',
    { routes: [{ match: 'Host(`a`)', kind: 'Rule', services: [{ name: 'a', port: 80 }] }] },
  ],
  ['postgresql.cnpg.io/v1', 'Cluster', { instances: 3, storage: { size: '1Gi' } }],
  [
    'autoscaling.k8s.io/v1',
    'VerticalPodAutoscaler',
    { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
  ],
  [
    'cilium.io/v2',
    'CiliumNetworkPolicy',
    { description: 'x', endpointSelector: { matchLabels: { a: 'b' } }, ingress: [{}] },
  ],
])('%s %s as it is written everywhere has no fault', (apiVersion, kind, spec) => {
  expect(messagesOf(schemas, { apiVersion, kind, metadata: { name: 'x' }, spec })).toEqual([])
})

const certificate = (spec: Draft) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'c' },
  spec: { secretName: 's', issuerRef: { name: 'i' }, ...spec },
})

test('what a newer operator may know or fill in is unsure, and names the release that does not', () => {
  expect(schemas.validate(certificate({ dnsName: [] }))).toEqual([
    {
      fieldPath: ['spec', 'dnsName'],
      keyword: 'additionalProperties',
      message: 'unknown field "dnsName" in spec: did you mean "dnsNames"? (as of cert-manager v1.20.2)',
      at: 'key',
      isUnsure: true,
    },
  ])
  expect(schemas.validate(certificate({ issuerRef: {} }))).toMatchObject([{ missing: 'name', isUnsure: true }])
})

test('a wrong type or choice is not', () => {
  const [type, choice] = schemas.validate(certificate({ dnsNames: 'a', privateKey: { algorithm: 'rsa' } })) ?? []
  expect(type).toMatchObject({
    keyword: 'type',
    message: 'spec.dnsNames must be a list, not the string "a"',
  })
  expect(choice).toMatchObject({ keyword: 'enum' })
  expect(type).not.toHaveProperty('isUnsure')
  expect(choice).not.toHaveProperty('isUnsure')
})

test('a definition in the tree is the one of the cluster: nothing is unsure', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'certificates.cert-manager.io' },
    spec: {
      group: 'cert-manager.io',
      scope: 'Namespaced',
      names: { kind: 'Certificate', plural: 'certificates' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { x: { type: 'string' } } } },
            },
          },
        },
      ],
    },
  }
  const own = await openTestSchemas([definition])
  expect(own.validate({ ...certificate({}), spec: { x: 'a', y: 1 } })).toEqual([
    { fieldPath: ['spec', 'y'], keyword: 'additionalProperties', message: 'unknown field "y" in spec', at: 'key' },
  ])
})

test('a choice that the schema does not know may be a newer one, and a slip is a mistake', () => {
  const alert = (kind: string) => ({
    apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
    kind: 'Alert',
    metadata: { name: 'a' },
    spec: { eventSources: [{ kind, name: 'flux' }], providerRef: { name: 'a' } },
  })
  const unsure = (kind: string) => schemas.validate(alert(kind))?.map(({ isUnsure }) => isUnsure === true)
  expect(unsure('HelmRelease')).toEqual([])
  expect(unsure('FluxInstance')).toEqual([true])
  expect(unsure('HelmReleas')).toEqual([false])
})
