// Finds settings of an Application that change nothing of what its kustomization renders anyway.
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { About, FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { readImageOverride, splitImage } from './kustomize-settings.ts'

export interface Ineffective {
  /** One of the settings. */
  readonly fieldPath: FieldPath
  readonly message: string
  readonly values: About
}

/** `plain` is what the folder renders without the settings. */
export function* findIneffective(settings: unknown, plain: readonly KubernetesObject[]): Generator<Ineffective> {
  yield* checkImages(settings, plain)
  for (const [index, replica] of listAt(settings, ['replicas']).entries()) {
    const name = stringAt(replica, ['name']) ?? ''
    const count = Number(valueAt(replica, ['count']))
    const named = plain.filter(
      object => stringAt(object, ['metadata', 'name']) === name && valueAt(object, ['spec', 'replicas']) !== undefined,
    )
    if (named.length === 0 || named.some(object => valueAt(object, ['spec', 'replicas']) !== count)) continue
    const message = `${name} has ${count} replicas without this setting`
    yield { fieldPath: ['replicas', index], message, values: ['same-count', name] }
  }
  for (const [index, patch] of listAt(settings, ['patches']).entries()) {
    const target = mappingAt(patch, ['target'])
    if (!target || plain.length === 0 || plain.some(object => isTarget(object, target))) continue
    const message = 'the target fits no object of the folder'
    yield { fieldPath: ['patches', index, 'target'], message, values: ['fits-nothing'] }
  }
}

function* checkImages(settings: unknown, plain: readonly KubernetesObject[]): Generator<Ineffective> {
  const before = [...listImages(plain)]
  for (const [index, text] of listAt(settings, ['images']).entries()) {
    if (typeof text !== 'string') continue
    const fieldPath: FieldPath = ['images', index]
    const override = readImageOverride(text)
    if (override?.name.includes('*')) continue
    const fitting = override ? before.filter(image => splitImage(image).name === override.name) : []
    if (fitting.length === 0) {
      const where = before.length
        ? `; there are ${[...new Set(before.map(image => splitImage(image).name))].slice(0, 3).join(', ')}`
        : ''
      const message = `${JSON.stringify(text)} fits no image of the folder${where}`
      yield { fieldPath, message, values: ['fits-nothing', text] }
    } else if (override && fitting.every(image => isUnchanged(image, override))) {
      yield {
        fieldPath,
        message: `${JSON.stringify(text)} is what the folder has anyway`,
        values: ['same-image', text],
      }
    }
  }
}

function isUnchanged(image: string, override: NonNullable<ReturnType<typeof readImageOverride>>): boolean {
  const { name, tag, digest } = splitImage(image)
  if (override.newName !== undefined && override.newName !== '*' && override.newName !== name) return false
  if (override.digest !== undefined && override.digest !== '*') return override.digest === digest
  return override.newTag === undefined || override.newTag === '*' || (override.newTag === tag && digest === '')
}

/** The images of all containers of all objects. */
export function* listImages(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* listImages(one)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(one)) {
        for (const container of one) {
          const image = stringAt(container, ['image'])
          if (image !== undefined) yield image
        }
      } else if (typeof one === 'object') yield* listImages(one)
    }
  }
}

/** Whether a target of a patch takes an object; what cannot be read as an expression takes it. */
function isTarget(object: KubernetesObject, target: Readonly<Record<string, unknown>>): boolean {
  const [version = '', group = ''] = object.apiVersion.split('/').reverse()
  const own: Readonly<Record<string, string>> = {
    group,
    version,
    kind: object.kind,
    name: stringAt(object, ['metadata', 'name']) ?? '',
    namespace: stringAt(object, ['metadata', 'namespace']) ?? 'default',
  }
  for (const [field, value] of Object.entries(own)) {
    const pattern = target[field]
    if (typeof pattern !== 'string' || pattern === '') continue
    try {
      if (!new RegExp(`^(?:${pattern})$`).test(value)) return false
    } catch {
      return true
    }
  }
  return hasAll(object, 'labels', target.labelSelector) && hasAll(object, 'annotations', target.annotationSelector)
}

/** Selectors of equalities are read; others take everything. */
function hasAll(object: KubernetesObject, field: string, selector: unknown): boolean {
  if (typeof selector !== 'string' || selector === '') return true
  const pairs = selector.split(',').map(part => /^\s*([^=!\s]+)\s*==?\s*([^=\s]*)\s*$/.exec(part))
  if (pairs.some(pair => !pair)) return true
  return pairs.every(pair => stringAt(object, ['metadata', field, pair?.[1] ?? '']) === pair?.[2])
}
