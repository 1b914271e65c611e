// Brings an object into the form in which the API server keeps it, so that two spellings of one meaning are equal.
import { groupOf } from '../model/build.ts'
import { canonical } from '../model/quantity.ts'
import type { KubernetesObject } from '../model/resource.ts'
import { asAutoscalerV2, typeNamed, typeOfKind } from './types.ts'

type Mapping = Readonly<Record<string, unknown>>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the server itself writes, or reads from elsewhere than a manifest. */
const SERVER_METADATA = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid']
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The object with its fields where the server keeps them: a Secret's texts as data, an autoscaler as v2 has it. */
export function asStored(object: KubernetesObject): KubernetesObject {
  const name = typeOfKind(groupOf(object.apiVersion), object.kind)
  if (name === '/Secret') return joinSecret(object) as KubernetesObject
  return name === 'autoscaling/HorizontalPodAutoscaler' ? asAutoscalerV2(object) : object
}

/** A stored object with defaults filled in, and without what says nothing. Lists keep their order and their length. */
export function normalize(object: KubernetesObject): Mapping {
  const { apiVersion: _version, status: _status, ...known } = object
  const name = typeOfKind(groupOf(object.apiVersion), object.kind)
  const made = (name === undefined ? dropNothing(known) : read(known, name)) as Mapping
  return { ...made, metadata: cleanMetadata(made.metadata) }
}

function cleanMetadata(metadata: unknown): unknown {
  if (!isMapping(metadata)) return metadata
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_METADATA.includes(key))
  const labels = Object.fromEntries(kept) as Record<string, unknown>
  if (isMapping(labels.annotations)) {
    const { [LAST_APPLIED]: _applied, ...annotations } = labels.annotations
    labels.annotations = annotations
  }
  for (const key of ['labels', 'annotations']) if (isEmpty(labels[key])) delete labels[key]
  return labels
}

/** The server keeps `stringData` as `data`. */
function joinSecret(secret: Mapping): Mapping {
  const { stringData, ...rest } = secret
  if (!isMapping(stringData)) return rest
  const encoded = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const,
  )
  return { ...rest, data: { ...(isMapping(rest.data) ? rest.data : {}), ...Object.fromEntries(encoded) } }
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || value === 0 || value === false || isEmptyHolder(value)

const isEmptyHolder = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isMapping(value) && Object.keys(value).length === 0

/** What a null means is the same everywhere. */
function dropNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNothing)
  if (!isMapping(value)) return value
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined)
  return Object.fromEntries(entries.map(([key, one]) => [key, dropNothing(one)]))
}

/** A value of one of the server's own types. */
function read(value: unknown, typeName: string | undefined): unknown {
  if (typeName === 'quantity') return canonical(value) ?? value
  if (typeName === 'number') return typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value
  if (Array.isArray(value)) {
    const item = /^\[(.*)\]$/.exec(typeName ?? '')?.[1]
    return value.map(one => read(one, item))
  }
  if (!isMapping(value)) return value
  const entry = /^\{(.*)\}$/.exec(typeName ?? '')?.[1]
  const type = typeNamed(typeName)
  const made: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value)) {
    if (one === null || one === undefined || (Array.isArray(one) && one.length === 0)) continue
    const content = read(one, entry ?? type?.fields?.[key])
    if (type?.zeros?.includes(key) && isEmpty(content)) continue
    made[key] = content
  }
  for (const [key, one] of Object.entries(type?.defaults?.(made) ?? {})) {
    if (made[key] === undefined && one !== undefined) made[key] = read(one, type?.fields?.[key])
  }
  return made
}
