// What the API server checks of an object beyond its schema, for every kind that it has.

import type { KubernetesObject } from '../../../tree/model/resource.ts'

import type { ApiFault, Check } from './fault.ts'
import { kinds } from './kinds/table.ts'
import { rootNode } from './node.ts'

export type { ApiFault } from './fault.ts'

/** Undefined where the kind is not of Kubernetes. The object may have any shape: what the schema refuses is passed over. */
export function checkApi(object: KubernetesObject): readonly ApiFault[] | undefined {
  const check = findCheck(object)
  return check && [...check(rootNode(object))]
}

export function findCheck({ apiVersion, kind }: KubernetesObject): Check | undefined {
  return kinds.get(`${apiVersion}/${kind}`)
}
