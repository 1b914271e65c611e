// What custom resources of operators name. Many of these objects come with another repository or a chart.
import type { ReferenceField } from '../references.ts'

const KUSTOMIZATION = 'kustomize.toolkit.fluxcd.io/Kustomization'
const HELM_RELEASE = 'helm.toolkit.fluxcd.io/HelmRelease'

type Field = Omit<ReferenceField, 'isOftenElsewhere'>

/** Sources: cert-manager, External Secrets and Flux, in the versions of their packages here. */
const FIELDS: readonly Field[] = [
  {
    of: ['cert-manager.io/Certificate'],
    at: 'spec/issuerRef',
    name: 'name',
    to: { group: 'group', kind: 'kind', usually: 'cert-manager.io/Issuer' },
  },
  {
    of: ['external-secrets.io/ExternalSecret'],
    at: 'spec/secretStoreRef',
    name: 'name',
    to: { kind: 'kind', usually: 'external-secrets.io/SecretStore' },
  },
  ...['chart/spec/sourceRef', 'chartRef'].map(
    (path): Field => ({
      of: [HELM_RELEASE],
      at: `spec/${path}`,
      name: 'name',
      to: { kind: 'kind', usually: 'source.toolkit.fluxcd.io/HelmRepository' },
      namespace: 'namespace',
    }),
  ),
  {
    of: [KUSTOMIZATION],
    at: 'spec/healthChecks/*',
    name: 'name',
    to: { group: 'apiVersion', kind: 'kind', usually: '' },
    namespace: 'namespace',
  },
  {
    of: ['image.toolkit.fluxcd.io/ImagePolicy'],
    at: 'spec/imageRepositoryRef',
    name: 'name',
    to: 'image.toolkit.fluxcd.io/ImageRepository',
    namespace: 'namespace',
  },
  {
    of: [KUSTOMIZATION],
    at: 'spec/sourceRef',
    name: 'name',
    to: { kind: 'kind', usually: 'source.toolkit.fluxcd.io/GitRepository' },
    namespace: 'namespace',
  },
  ...(
    [
      [HELM_RELEASE, 'spec/valuesFrom/*'],
      [KUSTOMIZATION, 'spec/postBuild/substituteFrom/*'],
    ] as const
  ).map(
    ([kind, at]): Field => ({
      of: [kind],
      at,
      name: 'name',
      to: { kind: 'kind', usually: '/ConfigMap' },
      mayBeOptional: true,
      ...(kind === HELM_RELEASE && { keys: ['valuesKey'] }),
    }),
  ),
  ...[KUSTOMIZATION, HELM_RELEASE].map(
    (kind): Field => ({
      of: [kind],
      at: 'spec/dependsOn/*',
      name: 'name',
      to: kind,
      namespace: 'namespace',
    }),
  ),
]

export const OPERATOR_FIELDS: readonly ReferenceField[] = FIELDS.map(field => ({ ...field, isOftenElsewhere: true }))
