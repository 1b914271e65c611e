// One parsed Kubernetes object as the rules see it: frozen, with nothing of kustomize's bookkeeping left in it.
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js'

/** Any value YAML can hold once it is parsed with string keys. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** The object itself. Only apiVersion and kind are sure to be strings: schemas are checked later. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: Readonly<ObjectMeta>
  readonly [field: string]: unknown
}
