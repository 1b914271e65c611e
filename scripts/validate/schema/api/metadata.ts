// What every object has: its name, labels, annotations, owners and finalizers. Source: ObjectMeta of meta/v1.

import { anyText, each, nonNegative, struct, type TextTest } from './check.ts'
import { type Check, type ApiFault, missing, refuse, warn, wrong } from './fault.ts'
import { bytesOf, entriesOf, get, isTrue, itemsOf, type Node, pathOf, textOf, textsOf } from './node.ts'
import { labels } from './selector.ts'
import { annotationKey, asPrefix, dnsLabel, qualifiedName } from './text.ts'

const MAX_ANNOTATIONS = 256 * 1024
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

export interface MetadataRules {
  readonly name: TextTest
  readonly isNamespaced: boolean
  /** The server makes a name where there is none. */
  readonly isNameOptional?: boolean
  /** The name becomes that of pods and hosts, which take no dots. */
  readonly namesPods?: boolean
  /** The server sets the generation before it looks at it. */
  readonly hasOwnGeneration?: boolean
  /** Labels that the server writes itself. */
  readonly ownLabels?: readonly string[]
  /** Finalizers need no domain. */
  readonly takesPlainFinalizers?: boolean
  /** `generateName` beside a name is not looked at. */
  readonly ignoresPrefix?: boolean
}

/** Annotations: keys as those of labels, in any case, and a limit for all of them together. */
export const annotations: Check = function* (node) {
  let size = 0
  for (const entry of entriesOf(node)) {
    const problem = annotationKey(String(entry.key))
    if (problem !== undefined) yield refuse(entry, `has a key that ${problem}`, node)
    size += bytesOf(String(entry.key)) + bytesOf(textOf(entry))
  }
  if (size > MAX_ANNOTATIONS) yield refuse(node, `have ${size} bytes; ${MAX_ANNOTATIONS} are allowed`)
}

const ownerReferences: Check = function* (node) {
  let hasController = false
  const seen = new Set<string>()
  for (const owner of itemsOf(node)) {
    const key = JSON.stringify(owner.value)
    if (seen.has(key)) {
      yield warn(owner, 'is a duplicate, which the API server drops')
      continue
    }
    seen.add(key)
    for (const field of ['apiVersion', 'kind', 'name', 'uid']) {
      const text = textOf(get(owner, field))
      const isBad = text === '' || (field === 'apiVersion' && (text.split('/').length > 2 || text.endsWith('/')))
      if (isBad)
        yield {
          ...(text === ''
            ? missing(get(owner, field))
            : wrong(get(owner, field), 'must be a version, or a group and a version')),
          at: pathOf(get(owner, field)),
          fieldPath: pathBelow(node, field),
        }
    }
    if (textOf(get(owner, 'apiVersion')) === 'v1' && textOf(get(owner, 'kind')) === 'Event')
      yield refuse(owner, 'must not be an Event', node)
    if (!isTrue(get(owner, 'controller'))) continue
    if (hasController) yield refuse(owner, 'must not be a second controller: an object has one', node)
    hasController = true
  }
}

/** The server leaves the index out. */
function pathBelow(node: Node, field: string): ApiFault['fieldPath'] {
  return ['metadata', String(node.key), field]
}

const finalizers = (isPlain: boolean): Check =>
  function* (node) {
    for (const item of itemsOf(node)) {
      const name = textOf(item)
      const problem = qualifiedName(name)
      if (problem !== undefined) yield wrong(item, problem, node)
      else if (!isPlain && !name.includes('/') && !STANDARD_FINALIZERS.includes(name))
        yield wrong(item, 'must have a domain, as example.com/name, or be a finalizer of Kubernetes')
    }
    const all = textsOf(node)
    if (all.includes('orphan') && all.includes('foregroundDeletion'))
      yield refuse(node, 'must not have both orphan and foregroundDeletion')
  }

const managedFields: Check = each(
  struct({
    operation: anyText(value => (value === 'Apply' || value === 'Update' ? undefined : 'must be Apply or Update')),
    fieldsType: anyText(value => (value === '' || value === 'FieldsV1' ? undefined : 'must be FieldsV1')),
  }),
)

const withoutOwn =
  (own: readonly string[]): Check =>
  node =>
    [...labels(node)].filter(({ at, fieldPath }) => !own.includes(String((at ?? fieldPath).at(-1))))

export function checkMetadata(rules: MetadataRules): Check {
  const common = struct({
    ...(!rules.hasOwnGeneration && { generation: nonNegative }),
    labels: withoutOwn(rules.ownLabels ?? []),
    annotations,
    ownerReferences,
    finalizers: finalizers(rules.takesPlainFinalizers === true),
    managedFields,
  })
  return function* (object) {
    const metadata = get(object, 'metadata')
    const name = get(metadata, 'name')
    const generateName = textOf(get(metadata, 'generateName'))
    const namespace = get(metadata, 'namespace')
    if (generateName !== '' && !(rules.ignoresPrefix && textOf(name) !== '')) {
      const problem = asPrefix(rules.name)(generateName)
      if (problem !== undefined) yield wrong(get(metadata, 'generateName'), problem)
    } else if (/[/%]/.test(generateName)) yield wrong(get(metadata, 'generateName'), 'must not have "/" or "%" in it')
    if (textOf(name) === '') {
      if (generateName === '' && !rules.isNameOptional) yield missing(name, 'a name or generateName')
    } else {
      const problem = rules.name(textOf(name))
      if (problem !== undefined) yield wrong(name, problem)
      else if (rules.namesPods && dnsLabel(textOf(name)) !== undefined)
        yield warn(name, 'becomes part of the host names of pods: it should have no dots and at most 63 bytes')
    }
    if (rules.isNamespaced) {
      const problem = textOf(namespace) === '' ? undefined : dnsLabel(textOf(namespace))
      if (problem !== undefined) yield wrong(namespace, problem)
    }
    yield* common(metadata)
  }
}

/** Labels and annotations of what is made from a template; where the server puts them depends on who asks. */
export const templateMetadata: Check = function* (template) {
  const metadata = get(template, 'metadata')
  for (const [field, check] of [
    ['labels', labels],
    ['annotations', annotations],
  ] as const) {
    for (const fault of check(get(metadata, field))) {
      // The server leaves `metadata` out of the names of these.
      const path = fault.fieldPath.filter(
        (segment, index) => !(segment === 'metadata' && fault.fieldPath[index + 1] === field),
      )
      yield { ...fault, at: fault.at ?? fault.fieldPath, fieldPath: path }
    }
  }
}
