// The fields a kustomization may have, with exact case: kustomize itself takes `nameSpace` for `namespace` and says nothing.
// Source: api/types of kustomize 5.8.1.
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'

type Shape =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'any'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }

export interface KustomizationFault {
  readonly path: FieldPath
  readonly message: string
  /** True when kustomize would accept what is refused here. */
  readonly accepted: boolean
}

/** The text of a field as it is written. */
type TextOf = (path: FieldPath) => string | undefined

const strings: Shape = { map: 'string' }
const list = (shape: Shape): Shape => ({ list: shape })
const fields = (shapes: Readonly<Record<string, Shape>>): Shape => ({ fields: shapes })

const gvk = { group: 'string', version: 'string', kind: 'string' } as const
const selector = fields({
  ...gvk,
  name: 'string',
  namespace: 'string',
  labelSelector: 'string',
  annotationSelector: 'string',
})
const fieldSpec = fields({ ...gvk, path: 'string', create: 'boolean' })
const patch = fields({
  path: 'string',
  patch: 'string',
  target: selector,
  options: fields({ allowNameChange: 'boolean', allowKindChange: 'boolean' }),
})
const pairSources = { literals: list('string'), files: list('string'), envs: list('string'), env: 'string' } as const
const generatorOptions = fields({
  labels: strings,
  annotations: strings,
  disableNameSuffixHash: 'boolean',
  immutable: 'boolean',
})
const generator = {
  name: 'string',
  namespace: 'string',
  behavior: 'string',
  ...pairSources,
  options: generatorOptions,
} as const
const replacementOptions = fields({
  delimiter: 'string',
  index: 'integer',
  encoding: 'string',
  create: 'boolean',
})
const replacementSelector = { ...gvk, name: 'string', namespace: 'string' } as const

const FIELDS: Readonly<Record<string, Shape>> = {
  apiVersion: 'string',
  kind: 'string',
  metadata: fields({ name: 'string', namespace: 'string', labels: strings, annotations: strings }),
  openapi: strings,
  namePrefix: 'string',
  nameSuffix: 'string',
  namespace: 'string',
  commonLabels: strings,
  labels: list(
    fields({
      pairs: strings,
      includeSelectors: 'boolean',
      includeTemplates: 'boolean',
      fields: list(fieldSpec),
    }),
  ),
  commonAnnotations: strings,
  patchesStrategicMerge: list('string'),
  patchesJson6902: list(patch),
  patches: list(patch),
  images: list(fields({ name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' })),
  imageTags: list(
    fields({ name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' }),
  ),
  replacements: list(
    fields({
      path: 'string',
      source: fields({ ...replacementSelector, fieldPath: 'string', options: replacementOptions }),
      sourceValue: 'string',
      targets: list(
        fields({
          select: selector,
          reject: list(selector),
          fieldPaths: list('string'),
          options: replacementOptions,
        }),
      ),
    }),
  ),
  replicas: list(fields({ name: 'string', count: 'integer' })),
  vars: list(
    fields({
      name: 'string',
      objref: fields({ ...replacementSelector, apiVersion: 'string' }),
      fieldref: fields({ fieldPath: 'string', fieldpath: 'string' }),
    }),
  ),
  sortOptions: fields({
    order: 'string',
    legacySortOptions: fields({ orderFirst: list('string'), orderLast: list('string') }),
  }),
  resources: list('string'),
  components: list('string'),
  crds: list('string'),
  bases: list('string'),
  configMapGenerator: list(fields(generator)),
  secretGenerator: list(fields({ ...generator, type: 'string' })),
  helmGlobals: 'any',
  helmCharts: 'any',
  helmChartInflationGenerator: 'any',
  generatorOptions,
  configurations: list('string'),
  generators: list('string'),
  transformers: list('string'),
  validators: list('string'),
  buildMetadata: list('string'),
}

/** Fields whose values name other files or folders; in this order kustomize reads them. */
export const KUSTOMIZATION_FIELDS = Object.keys(FIELDS)

/** Checks one parsed kustomization. Yields nothing for a value kustomize and this project read alike. */
export function* checkKustomization(value: unknown, textOf: TextOf = () => undefined): Generator<KustomizationFault> {
  if (!isMapping(value)) {
    yield { path: [], message: 'a kustomization must be a mapping', accepted: false }
    return
  }
  yield* check(value, { fields: FIELDS }, [], textOf)
  const { apiVersion, kind } = value
  const isComponent = kind === 'Component'
  if (kind !== undefined && kind !== 'Kustomization' && !isComponent) {
    yield { path: ['kind'], message: `kind must be Kustomization or Component, not ${show(kind)}`, accepted: false }
  } else if (typeof apiVersion === 'string' && apiVersion !== '') {
    const wanted = `kustomize.config.k8s.io/${isComponent ? 'v1alpha1' : 'v1beta1'}`
    if (apiVersion !== wanted) {
      yield { path: ['apiVersion'], message: `apiVersion must be ${wanted}, not ${apiVersion}`, accepted: false }
    }
  }
}

/** The same with the fields that kustomize takes in another case as they are called. */
export const foldKeys = (value: unknown): unknown => fold(value, { fields: FIELDS })

function fold(value: unknown, shape: Shape): unknown {
  if (typeof shape === 'string' || value === null) return value
  if ('list' in shape) return Array.isArray(value) ? value.map(one => fold(one, shape.list)) : value
  if (!isMapping(value) || 'map' in shape) return value
  const known = Object.keys(shape.fields)
  const entries = Object.entries(value).map(([key, one]) => {
    const name = findFolded(key, known)
    const isFree = name !== undefined && !Object.hasOwn(value, name)
    const field = Object.hasOwn(shape.fields, key) ? key : isFree ? name : undefined
    return field === undefined ? [key, one] : [field, fold(one, shape.fields[field] ?? 'any')]
  })
  return Object.fromEntries(entries)
}

const findFolded = (key: string, known: readonly string[]): string | undefined =>
  known.find(candidate => candidate.toLowerCase() === key.toLowerCase())

function* check(value: unknown, shape: Shape, path: FieldPath, textOf: TextOf): Generator<KustomizationFault> {
  // An empty key is an unset field for kustomize.
  if (value === null || shape === 'any') return
  const name = path.join('.')
  if (typeof shape === 'string') {
    const fits = shape === 'integer' ? Number.isInteger(value) : typeof value === shape
    if (!fits)
      yield { path, message: `${name} must be ${article(shape)}, not ${show(value, textOf(path))}`, accepted: false }
  } else if ('list' in shape) {
    if (!Array.isArray(value)) yield { path, message: `${name} must be a list, not ${show(value)}`, accepted: false }
    else {
      for (const [index, item] of value.entries()) {
        if (item === null) yield { path: [...path, index], message: `an item of ${name} is empty`, accepted: false }
        else yield* check(item, shape.list, [...path, index], textOf)
      }
    }
  } else if (!isMapping(value)) {
    yield { path, message: `${name} must be a mapping, not ${show(value)}`, accepted: false }
  } else if ('map' in shape) {
    for (const [key, item] of Object.entries(value)) yield* check(item, shape.map, [...path, key], textOf)
  } else {
    const known = Object.keys(shape.fields)
    for (const [key, item] of Object.entries(value)) {
      const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined
      if (field) yield* check(item, field, [...path, key], textOf)
      else yield { path: [...path, key], ...explainUnknown(key, known, path) }
    }
  }
}

function explainUnknown(
  key: string,
  known: readonly string[],
  path: FieldPath,
): { message: string; accepted: boolean } {
  const where = path.length ? ` in ${path.join('.')}` : ''
  const folded = findFolded(key, known)
  if (folded)
    return {
      message: `kustomize takes "${key}"${where} for "${folded}", other programs do not: write "${folded}"`,
      accepted: true,
    }
  const near = closest(key, known)
  return { message: `unknown field "${key}"${where}${near ? `: did you mean "${near}"?` : ''}`, accepted: false }
}

const article = (shape: string): string => (shape === 'integer' ? 'an integer' : `a ${shape}`)

/** A number is shown as it is written: 7712940e5, not 771294000000. */
function show(value: unknown, text?: string): string {
  if (Array.isArray(value)) return 'a list'
  if (isMapping(value)) return 'a mapping'
  return typeof value === 'string' ? `the string "${value}"` : `the ${typeof value} ${text ?? String(value)}`
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
