// One parsed Kubernetes object as the rules see it: frozen, with nothing of kustomize's bookkeeping left in it.

/** Any value YAML can hold once it is parsed with string keys. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** The object itself. Only apiVersion and kind are sure to be strings: schemas are checked later. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: ObjectMeta
  readonly [field: string]: unknown
}
