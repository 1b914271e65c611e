// Annotations that became fields.
import { mappingAt, type Resource } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { podTemplateOf } from '../../../tree/model/pod-template.ts'
import type { Found, Practice } from './practice.ts'

interface Deprecated {
  readonly use: string
  /** Whether nothing reads it any more. */
  readonly isDead?: true
}

/** By key, or by the start of one that ends in a slash. Source: Kubernetes, well-known labels, annotations and taints. */
const ANNOTATIONS: Readonly<Record<string, Deprecated>> = {
  'kubernetes.io/ingress.class': { use: 'spec.ingressClassName' },
  'volume.beta.kubernetes.io/storage-class': { use: 'spec.storageClassName' },
  'volume.beta.kubernetes.io/mount-options': { use: 'spec.mountOptions' },
  'storageclass.beta.kubernetes.io/is-default-class': { use: 'annotation storageclass.kubernetes.io/is-default-class' },
  'service.alpha.kubernetes.io/tolerate-unready-endpoints': { use: 'spec.publishNotReadyAddresses', isDead: true },
  'scheduler.alpha.kubernetes.io/critical-pod': { use: 'priorityClassName', isDead: true },
  'scheduler.alpha.kubernetes.io/affinity': { use: 'affinity', isDead: true },
  'scheduler.alpha.kubernetes.io/tolerations': { use: 'tolerations', isDead: true },
  'security.alpha.kubernetes.io/sysctls': { use: 'securityContext.sysctls', isDead: true },
  'security.alpha.kubernetes.io/unsafe-sysctls': { use: 'securityContext.sysctls', isDead: true },
  'pod.beta.kubernetes.io/init-containers': { use: 'initContainers', isDead: true },
  'pod.alpha.kubernetes.io/init-containers': { use: 'initContainers', isDead: true },
  'seccomp.security.alpha.kubernetes.io/pod': { use: 'securityContext.seccompProfile', isDead: true },
  'container.seccomp.security.alpha.kubernetes.io/': { use: 'securityContext.seccompProfile', isDead: true },
  'container.apparmor.security.beta.kubernetes.io/': { use: 'securityContext.appArmorProfile' },
}

const lookUp = (key: string): Deprecated | undefined => {
  const prefix = key.slice(0, key.indexOf('/') + 1)
  return [key, prefix].map(one => (Object.hasOwn(ANNOTATIONS, one) ? ANNOTATIONS[one] : undefined)).find(Boolean)
}

function* findDeprecated(resource: Resource): Generator<Found> {
  const template = podTemplateOf(resource)?.labelsPath.slice(0, -1)
  const own: FieldPath = ['metadata']
  const holders = template && template.length > 1 ? [own, template] : [own]
  for (const holder of holders) {
    for (const key of Object.keys(mappingAt(resource.object, [...holder, 'annotations']) ?? {})) {
      const known = lookUp(key)
      if (!known) continue
      const state = known.isDead ? 'is read by nothing any more' : 'is deprecated, and will be read by nothing'
      const message = `annotation ${key} ${state}: what it asks for does not happen; write ${known.use}`
      yield { path: [...holder, 'annotations', key], message, values: [key] }
    }
  }
}

export const DEPRECATED: readonly Practice[] = [
  {
    id: 'deprecated-annotation',
    preset: 'strict',
    summary: 'An annotation says what a field says now.',
    why: 'Controllers stop reading it, one release after the other, and what it asks for silently ends.',
    remediation: 'Write the field instead.',
    source: 'Kubernetes: well-known labels, annotations and taints; kube-score stable-version',
    of: 'objects',
    kinds: [],
    find: findDeprecated,
  },
]
