// A custom resource that waits for another one which does not exist.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

const HELM_RELEASE = 'helm.toolkit.fluxcd.io/HelmRelease'
const KUSTOMIZATION = 'kustomize.toolkit.fluxcd.io/Kustomization'
const isToKnown = isTo(
  ...['cert-manager.io/Issuer', 'cert-manager.io/ClusterIssuer'],
  ...['external-secrets.io/SecretStore', 'external-secrets.io/ClusterSecretStore'],
  ...['HelmRepository', 'GitRepository', 'OCIRepository', 'Bucket'].map(kind => `source.toolkit.fluxcd.io/${kind}`),
  ...[HELM_RELEASE, KUSTOMIZATION, 'image.toolkit.fluxcd.io/ImageRepository'],
)

export default defineRule({
  scope: 'resource',
  id: 'dangling-custom-reference',
  severity: 'error',
  summary: 'A custom resource names an issuer, a store, a source or a dependency that is not there.',
  why: 'Its controller waits for it: no certificate is issued, no secret written, nothing of the release installed.',
  remediation: 'Name an object that is deployed, in its namespace and of its kind.',
  source: 'cert-manager, External Secrets and Flux: the object is not ready as long as what it names is not found',
  kinds: [
    ...['cert-manager.io/Certificate', 'external-secrets.io/ExternalSecret'],
    ...[HELM_RELEASE, KUSTOMIZATION, 'image.toolkit.fluxcd.io/ImagePolicy'],
  ],
  check: context => findDangling(context, isToKnown),
})
