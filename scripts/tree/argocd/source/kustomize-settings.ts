// Lays the kustomize settings of an Application over a kustomization, as Argo CD's calls of `kustomize edit` do.
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import type { Value } from '../../model/resource.ts'
import { type BuildEnvironment, substitute } from './environment.ts'

type Fields = Readonly<Record<string, Value>>

/** The settings that change what is rendered. */
const SETTINGS = [
  'namePrefix',
  'nameSuffix',
  'images',
  'replicas',
  'commonLabels',
  'commonAnnotations',
  'namespace',
  'patches',
  'components',
]

export const hasKustomizeSettings = (settings: unknown): boolean =>
  SETTINGS.some(field => {
    const value = valueAt(settings, [field])
    return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
  })

export type EditedKustomization =
  | { readonly value: Fields }
  /** What `kustomize edit` refuses; the path is one of the settings. */
  | { readonly fieldPath: FieldPath; readonly message: string }

/** `isThere` says whether a component's folder exists, relative to the kustomization. */
export function editKustomization(
  written: Fields,
  settings: unknown,
  environment: BuildEnvironment,
  isThere: (folder: string) => boolean,
): EditedKustomization {
  const value: Record<string, Value> = structuredClone(written) as Record<string, Value>
  for (const field of ['namePrefix', 'nameSuffix', 'namespace']) {
    const text = stringAt(settings, [field])
    if (text) value[field] = text
  }
  const images = listAt(settings, ['images']).filter((one): one is string => typeof one === 'string')
  if (images.length)
    value.images = setImages(
      listAt(written, ['images']),
      images.map(one => substitute(one, environment)),
    )
  const replicas = listAt(settings, ['replicas'])
  if (replicas.length) value.replicas = setReplicas(listAt(written, ['replicas']), replicas)
  const labels = addPairs(value, settings, environment, 'Labels')
  if (labels) return labels
  const annotations = addPairs(value, settings, environment, 'Annotations')
  if (annotations) return annotations
  const patches = listAt(settings, ['patches']) as readonly Value[]
  if (patches.length) value.patches = [...(listAt(written, ['patches']) as readonly Value[]), ...patches]
  const components: Value[] = [...(listAt(written, ['components']) as readonly Value[])]
  for (const [index, component] of listAt(settings, ['components']).entries()) {
    if (typeof component !== 'string' || components.includes(component)) continue
    const fieldPath: FieldPath = ['components', index]
    if (component.startsWith('/'))
      return { fieldPath, message: `component ${component} must be relative to the folder` }
    if (isThere(component)) components.push(component)
    else if (valueAt(settings, ['ignoreMissingComponents']) !== true) {
      return { fieldPath, message: `component ${component} is not a folder of this repository` }
    }
  }
  if (components.length) value.components = components
  return { value }
}

/** Labels and annotations: a key that is there already needs force. */
function addPairs(
  value: Record<string, Value>,
  settings: unknown,
  environment: BuildEnvironment,
  noun: 'Labels' | 'Annotations',
): EditedKustomization | undefined {
  const field = `common${noun}`
  const isSubstituted = noun === 'Labels' || valueAt(settings, ['commonAnnotationsEnvsubst']) === true
  const written = Object.entries(mappingAt(settings, [field]) ?? {})
  const pairs = written
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    .map(([key, text]) => [key, isSubstituted ? substitute(text, environment) : text] as const)
  if (pairs.length === 0) return undefined
  const isForced = valueAt(settings, [`forceCommon${noun}`]) === true
  const isWithoutSelector = noun === 'Labels' && valueAt(settings, ['labelWithoutSelector']) === true
  const entries = isWithoutSelector ? listAt(value, ['labels']) : []
  const known = isWithoutSelector
    ? Object.assign({}, ...entries.map(entry => mappingAt(entry, ['pairs']) ?? {}))
    : (mappingAt(value, [field]) ?? {})
  const twice = isForced ? undefined : pairs.find(([key]) => Object.hasOwn(known, key))
  if (twice) {
    const force = `forceCommon${noun}`
    const message = `${twice[0]} is in the kustomization already, which kustomize refuses to overwrite without ${force}`
    return { fieldPath: [field, twice[0]], message }
  }
  if (isWithoutSelector) {
    const includeTemplates = valueAt(settings, ['labelIncludeTemplates']) === true
    const entry = { pairs: Object.fromEntries(pairs), ...(includeTemplates ? { includeTemplates } : {}) }
    value.labels = [...(entries as readonly Value[]), entry]
  } else value[field] = { ...(known as Fields), ...Object.fromEntries(pairs) }
  return undefined
}

/** An image override as `kustomize edit set image` reads it. */
export interface ImageOverride {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

export function readImageOverride(text: string): ImageOverride | undefined {
  if (text.startsWith('--')) return undefined
  const cut = text.indexOf('=')
  const target = splitImage(cut < 0 ? text : text.slice(cut + 1))
  const version = {
    ...(target.tag ? { newTag: target.tag } : {}),
    ...(target.digest ? { digest: target.digest } : {}),
  }
  if (cut < 0) return { name: target.name, ...version }
  return { name: text.slice(0, cut), ...(target.name ? { newName: target.name } : {}), ...version }
}

/** A reference in its parts; a port is part of the name. */
export function splitImage(text: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = text.lastIndexOf('/') + 1
  const at = text.indexOf('@', slash)
  const digest = at < 0 ? '' : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.indexOf(':', slash)
  return { name: colon < 0 ? rest : rest.slice(0, colon), tag: colon < 0 ? '' : rest.slice(colon + 1), digest }
}

function setImages(written: readonly unknown[], texts: readonly string[]): readonly Value[] {
  const overrides = new Map<string, Record<string, string>>()
  for (const text of texts) {
    const override = readImageOverride(text)
    if (override) overrides.set(override.name, { ...override })
  }
  const kept: Value[] = []
  for (const entry of written) {
    const override = overrides.get(stringAt(entry, ['name']) ?? '')
    if (!override) {
      kept.push(entry as Value)
      continue
    }
    for (const field of ['newName', 'newTag', 'digest']) {
      if (override[field] === '*') keepOrDrop(override, field, stringAt(entry, [field]))
    }
  }
  for (const override of overrides.values()) {
    for (const field of ['newName', 'newTag', 'digest']) if (override[field] === '*') delete override[field]
  }
  return [...kept, ...overrides.values()]
}

function keepOrDrop(override: Record<string, string>, field: string, known: string | undefined): void {
  if (known === undefined) delete override[field]
  else override[field] = known
}

function setReplicas(written: readonly unknown[], replicas: readonly unknown[]): readonly Value[] {
  const counts = new Map<string, number>()
  for (const replica of replicas) {
    counts.set(stringAt(replica, ['name']) ?? '', Number(valueAt(replica, ['count'])))
  }
  const kept = (written as readonly Value[]).filter(entry => !counts.has(stringAt(entry, ['name']) ?? ''))
  return [...kept, ...[...counts].map(([name, count]) => ({ name, count }))]
}
