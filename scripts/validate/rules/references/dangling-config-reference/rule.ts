// A pod whose ConfigMap, Secret or key is missing is created and never starts.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

const isConfiguration = isTo('/ConfigMap', '/Secret', 'secrets-store.csi.x-k8s.io/SecretProviderClass')

export default defineRule({
  scope: 'resource',
  id: 'dangling-config-reference',
  severity: 'error',
  summary: 'A ConfigMap, a Secret or a key that something reads is not there.',
  why: 'The containers wait with CreateContainerConfigError or for a volume, for ever; a rollout stands still.',
  remediation: 'Name an object and a key that are deployed to the same namespace, or say `optional: true`.',
  source: 'kubelet: environment and volumes of a container are made before it starts; Ingress: spec.tls',
  kinds: [],
  check: context => findDangling(context, isConfiguration),
})
