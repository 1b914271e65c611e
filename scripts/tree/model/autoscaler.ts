// Whatever scales a workload by itself: a HorizontalPodAutoscaler, a ScaledObject of KEDA, any object with a scale target.
import { listAt, mappingAt, stringAt } from './build.ts'
import type { KubernetesObject } from './resource.ts'

export interface Autoscaler {
  readonly object: KubernetesObject
  readonly kind: string
  readonly name: string
  /** The fields of its bounds; undefined for a kind whose bounds are not known. */
  readonly bounds: { readonly minimum: string; readonly maximum: string } | undefined
}

/** By kind: where the bounds stand below spec. */
const BOUNDS: Readonly<Record<string, { readonly minimum: string; readonly maximum: string }>> = {
  HorizontalPodAutoscaler: { minimum: 'minReplicas', maximum: 'maxReplicas' },
  ScaledObject: { minimum: 'minReplicaCount', maximum: 'maxReplicaCount' },
}

/** What scales the workload; a target without a kind is a Deployment (KEDA). */
export function findAutoscaler(
  objects: readonly KubernetesObject[],
  workload: KubernetesObject,
): Autoscaler | undefined {
  const name = workload.metadata?.name
  const isIt = (target: unknown): boolean =>
    stringAt(target, ['name']) === name && (stringAt(target, ['kind']) ?? 'Deployment') === workload.kind
  for (const object of objects) {
    const { kind = '' } = object
    const targets = [mappingAt(object, ['spec', 'scaleTargetRef']), ...listAt(object, ['spec', 'scaleTargetRefs'])]
    if (!targets.some(isIt)) continue
    return {
      object,
      kind,
      name: object.metadata?.name ?? '',
      bounds: Object.hasOwn(BOUNDS, kind) ? BOUNDS[kind] : undefined,
    }
  }
  return undefined
}
