// What the API server checks of an object beyond its schema, for every kind that it has.

import type { KubernetesObject } from '../../../tree/model/resource.ts'

import type { ApiFault, Check } from './fault.ts'
import { kinds } from './kinds/table.ts'
import { checkMetadata } from './metadata.ts'
import { rootNode } from './node.ts'
import { dnsSubdomain } from './text.ts'

export type { ApiFault } from './fault.ts'

/** Undefined where the kind is not of Kubernetes. The object may have any shape: what the schema refuses is passed over. */
export function checkApi(object: KubernetesObject): readonly ApiFault[] | undefined {
  const check = findCheck(object)
  return check && [...check(rootNode(object))]
}

export function findCheck({ apiVersion, kind }: KubernetesObject): Check | undefined {
  return kinds.get(`${apiVersion}/${kind}`)
}

const customMetadata = checkMetadata({
  name: dnsSubdomain,
  isNamespaced: false,
  isNameOptional: true,
  hasOwnGeneration: true,
  takesPlainFinalizers: true,
})

/** What the server asks of the metadata of every custom resource. */
export const checkCustomMetadata = (object: KubernetesObject): readonly ApiFault[] => [
  ...customMetadata(rootNode(object)),
]
