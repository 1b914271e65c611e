// Claims of storage, alone, in volumes and in StatefulSets. Source: PersistentVolumeClaimSpec of core/v1.

import { exactlyOneOf, required, shape, struct, text } from '../check.ts'
import { type Check, type ApiFault, choose, missing, refuse, warn, wrong } from '../fault.ts'
import { entriesOf, get, isEmpty, isMapping, isSet, itemsOf, type Node, pathOf, textOf, textsOf } from '../node.ts'
import { templateMetadata } from '../metadata.ts'
import { isWholeInMilli, readQuantity } from '../../../../tree/model/quantity.ts'
import { labelSelector } from '../selector.ts'
import { dnsLabel, dnsSubdomain } from '../text.ts'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** The server names the list. */
export const accessModes: Check = function* (list) {
  if (isEmpty(list)) yield missing(list, ACCESS_MODES.join(', '))
  for (const mode of itemsOf(list)) if (!ACCESS_MODES.includes(textOf(mode))) yield choose(mode, ACCESS_MODES, list)
  const modes = textsOf(list)
  const others = modes.filter(mode => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode))
  if (modes.includes('ReadWriteOncePod') && others.length > 0)
    yield refuse(list, 'must have nothing beside ReadWriteOncePod')
}

const dataSource: Check = shape({ name: required(), kind: required() }, function* (node) {
  const group = textOf(get(node, 'apiGroup'))
  if (group === '' && textOf(get(node, 'kind')) !== 'PersistentVolumeClaim')
    yield wrong(get(node, 'kind'), 'must be PersistentVolumeClaim where there is no apiGroup', node)
  yield* text(dnsSubdomain)(get(node, 'apiGroup'))
  yield* text(dnsLabel)(get(node, 'namespace'))
})

function* checkStorage(spec: Node): Iterable<ApiFault> {
  const resources = get(spec, 'resources')
  const storage = get(resources, 'requests', 'storage')
  const named: Node = { value: undefined, up: resources, key: 'storage' }
  const nano = readQuantity(storage.value)
  if (!isSet(storage))
    yield { ...missing(storage, 'how much is claimed'), fieldPath: pathOf(named), at: pathOf(storage) }
  else if (nano !== undefined && nano <= 0n) yield wrong(storage, 'must be more than 0', named)
  for (const field of ['requests', 'limits']) {
    const entry = get(resources, field, 'storage')
    const value = readQuantity(entry.value)
    if (value !== undefined && !isWholeInMilli(value))
      yield warn(entry, 'has a fraction of a byte: the suffix m is a thousandth, M a million')
  }
}

function isSame(source: Node, reference: Node): boolean {
  return ['apiGroup', 'kind', 'name'].every(
    field => (get(source, field).value ?? null) === (get(reference, field).value ?? null),
  )
}

const SOURCES = ['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot']

/** The older field takes claims and snapshots; the server drops all else that stands in it. */
function* checkSources(spec: Node, isTemplate: boolean): Iterable<ApiFault> {
  const [source, reference] = [get(spec, 'dataSource'), get(spec, 'dataSourceRef')]
  // A reference into another namespace is dropped, since its feature gate is off.
  const hasReference = isSet(reference) && textOf(get(reference, 'namespace')) === ''
  if (hasReference) yield* dataSource(reference)
  if (!isSet(source)) return
  if (
    !isTemplate &&
    !hasReference &&
    !SOURCES.includes(`${textOf(get(source, 'apiGroup'))}/${textOf(get(source, 'kind'))}`)
  ) {
    yield warn(source, 'is dropped: it takes a PersistentVolumeClaim or a VolumeSnapshot of snapshot.storage.k8s.io')
    return
  }
  yield* dataSource(source)
  if (hasReference && !isSame(source, reference)) yield refuse(source, 'must name the same as dataSourceRef', spec)
}

const checkClaimSpec = (isTemplate: boolean): Check =>
  struct(
    {
      accessModes,
      selector: labelSelector,
      storageClassName: text(dnsSubdomain),
      volumeMode: exactlyOneOf('Block', 'Filesystem'),
      volumeAttributesClassName: text(dnsSubdomain),
    },
    checkStorage,
    spec => checkSources(spec, isTemplate),
  )

const claimSpec = checkClaimSpec(false)
/** What a StatefulSet has is taken as it is written. */
export const claimTemplateSpec = checkClaimSpec(true)

const TEMPLATE_METADATA = ['labels', 'annotations']

/** The claim that an ephemeral volume makes: of its metadata only labels and annotations are taken. */
export function* checkClaimTemplate(template: Node): Iterable<ApiFault> {
  for (const fault of templateMetadata(template)) yield { ...fault, fieldPath: withMetadata(template, fault) }
  const metadata = get(template, 'metadata')
  if (isMapping(metadata.value)) {
    for (const entry of entriesOf(metadata))
      if (!TEMPLATE_METADATA.includes(String(entry.key)) && !isEmpty(entry))
        yield refuse(entry, 'must not be set: a claim template has labels and annotations')
  }
  yield* claimSpec(get(template, 'spec'))
}

function withMetadata(template: Node, fault: ApiFault): ApiFault['fieldPath'] {
  const depth = pathOf(template).length
  return [...fault.fieldPath.slice(0, depth), 'metadata', ...fault.fieldPath.slice(depth)]
}

export const claim: Check = object => claimSpec(get(object, 'spec'))
