// Says what a mere change of order in a list does: it replaces pods, it may mean something, or it does nothing.
import { groupOf, valueAt } from '../../tree/model/build.ts'
import { type FieldPath, isWithin } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { typeOfKind } from '../../tree/stored/types.ts'

/** `pods`: the pod template is another one. `meaning`: whoever reads the list may go by it. */
export type Order = 'pods' | 'meaning' | 'nothing'

/** Lists of Kubernetes' own kinds that are worked through one by one. */
const IN_TURN: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': ['webhooks'],
  'storage.k8s.io/StorageClass': ['mountOptions'],
  '/PersistentVolume': ['mountOptions'],
}
/** Other kinds whose lists are sets. */
const SETS = new Set(['argoproj.io/AppProject'])

/** The template at the start of a path, whatever kind has it. */
const TEMPLATES: readonly FieldPath[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
]

export function orderOf(object: KubernetesObject, path: FieldPath): Order {
  const name = `${groupOf(object.apiVersion)}/${object.kind}`
  const template = TEMPLATES.find(
    start => isWithin(path, start) && valueAt(object, [...start, 'containers']) !== undefined,
  )
  if (template) return template[1] === 'template' && name !== 'batch/Job' ? 'pods' : 'meaning'
  if (name === '/Pod' && path[0] === 'spec') return 'meaning'
  if (path[0] === 'metadata' || SETS.has(name)) return 'nothing'
  if (typeOfKind(groupOf(object.apiVersion), object.kind) === undefined) return 'meaning'
  return IN_TURN[name]?.some(field => path.includes(field)) ? 'meaning' : 'nothing'
}
