// A CustomResourceDefinition: names, versions, conversion and columns. Source: apiextensions.k8s.io/v1 and its validation.

import { isDeepStrictEqual } from 'node:util'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { anyText, exactlyOneOf, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, wrong } from '../fault.ts'
import { checkWebhookClient } from '../kinds/webhook-client.ts'
import {
  bytesOf,
  entriesOf,
  get,
  isEmpty,
  isSet,
  isTrue,
  itemsOf,
  lengthOf,
  type Node,
  pathOf,
  textOf,
} from '../node.ts'
import { dns1035Label, dnsSubdomain } from '../text.ts'
import { checkRootSchema } from './structural.ts'

/** Fields of a schema that hold values. */
const VALUES = new Set(['default', 'enum', 'example'])
const MAX_DEPTH = 200
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

const simplePath = (value: string): string | undefined =>
  value.startsWith('.') ? undefined : 'must be a path that starts with ".", as .spec.size'

/** Kinds are names in any case. */
const kindName = (value: string): string | undefined => dns1035Label(value.toLowerCase())

function* checkNames(spec: Node): Iterable<ApiFault> {
  const names = get(spec, 'names')
  const [plural, singular, kind, listKind] = ['plural', 'singular', 'kind', 'listKind'].map(field =>
    get(names, field),
  ) as [Node, Node, Node, Node]
  for (const node of [plural, kind]) if (textOf(node) === '') yield missing(node)
  // Both follow from the kind where they are not written.
  if (textOf(kind) === '')
    for (const node of [singular, listKind]) if (textOf(node) === '') yield { ...missing(node), isAbsence: true }
  yield* text(dns1035Label)(plural)
  yield* text(dns1035Label)(singular)
  yield* text(kindName)(kind)
  yield* text(kindName)(listKind)
  if (textOf(kind) !== '' && textOf(kind) === textOf(listKind)) yield wrong(listKind, 'must not be the same as kind')
  for (const field of ['shortNames', 'categories'])
    for (const item of itemsOf(get(names, field))) yield* anyText(dns1035Label)(item)
}

function* checkGroup(spec: Node): Iterable<ApiFault> {
  const group = get(spec, 'group')
  if (textOf(group) === '') yield missing(group)
  else {
    const problem =
      dnsSubdomain(textOf(group)) ?? (textOf(group).includes('.') ? undefined : 'must be a domain with a dot')
    if (problem !== undefined) yield wrong(group, problem)
  }
}

interface Naming {
  readonly from: FieldPath
  readonly to: FieldPath
}

/** The server has one place for what all versions say the same; it names faults there. */
function namingOf(spec: Node, version: Node, field: string, hoisted: string): Naming {
  const versions = itemsOf(get(spec, 'versions'))
  const first = versions[0]
  const isShared =
    first !== undefined && versions.every(one => isDeepStrictEqual(get(one, field).value, get(first, field).value))
  const own = pathOf(get(version, field))
  return isShared ? { from: own, to: ['spec', hoisted] } : { from: own, to: own }
}

const rename = (fault: ApiFault, { from, to }: Naming): ApiFault => ({
  ...fault,
  at: fault.at ?? fault.fieldPath,
  fieldPath: [...to, ...fault.fieldPath.slice(from.length)],
})

const column: Check = struct({}, function* (node) {
  const [name, type, format, path] = ['name', 'type', 'format', 'jsonPath'].map(field => get(node, field)) as [
    Node,
    Node,
    Node,
    Node,
  ]
  const named: Node = { ...path, key: 'JSONPath' }
  if (textOf(name) === '') yield missing(name)
  if (textOf(type) === '') yield missing(type, COLUMN_TYPES.join(', '))
  else if (!COLUMN_TYPES.includes(textOf(type))) yield choose(type, COLUMN_TYPES)
  if (textOf(format) !== '' && !COLUMN_FORMATS.includes(textOf(format))) yield choose(format, COLUMN_FORMATS)
  if (textOf(path) === '') yield { ...missing(path), at: pathOf(path), fieldPath: pathOf(named) }
  else {
    const problem = simplePath(textOf(path))
    if (problem !== undefined) yield wrong(path, problem, named)
  }
})

const SCALE = [
  ['specReplicasPath', /^\.spec\./, '.spec'],
  ['statusReplicasPath', /^\.status\./, '.status'],
  ['labelSelectorPath', /^\.(spec|status)\./, '.spec or .status'],
] as const

function* checkSubresources(node: Node): Iterable<ApiFault> {
  const scale = get(node, 'scale')
  if (!isSet(scale)) return
  for (const [field, below, where] of SCALE) {
    const path = get(scale, field)
    const named: Node = { value: undefined, up: node, key: `scale.${field}` }
    if (textOf(path) === '') {
      if (field !== 'labelSelectorPath')
        yield { ...missing(path), at: pathOf(path), fieldPath: [...pathOf(node), 'scale', field] }
    } else if (!textOf(path).startsWith('.') || !below.test(textOf(path)))
      yield { ...wrong(path, `must be a path below ${where}`, named), fieldPath: [...pathOf(node), 'scale', field] }
  }
}

/** Whether `$schema` says something anywhere in a schema. */
function hasDialect(schema: unknown, depth: number): boolean {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return false
  const own = Array.isArray(schema) ? undefined : (schema as Readonly<Record<string, unknown>>).$schema
  if (typeof own === 'string' && own !== '') return true
  return Object.entries(schema).some(([key, value]) => !VALUES.has(key) && hasDialect(value, depth + 1))
}

function* checkVersion(spec: Node, version: Node): Iterable<ApiFault> {
  const name = get(version, 'name')
  const problem = dns1035Label(textOf(name))
  if (problem !== undefined) yield isSet(name) && textOf(name) !== '' ? wrong(name, problem) : missing(name)
  const warning = get(version, 'deprecationWarning')
  if (typeof warning.value === 'string') {
    if (!isTrue(get(version, 'deprecated'))) yield refuse(warning, 'must not be set unless deprecated is true')
    if (warning.value === '') yield missing(warning)
    if (bytesOf(warning.value) > 256) yield refuse(warning, 'must have at most 256 bytes')
  }
  const schema = get(version, 'schema', 'openAPIV3Schema')
  if (!isSet(schema)) yield missing(schema, 'what it does not describe is dropped')
  const status = get(version, 'subresources', 'status')
  for (const entry of entriesOf(status)) yield refuse(entry, 'is not a field: status is empty here')
  if (hasDialect(schema.value, 0)) {
    const named = refuse(schema, 'must not have $schema in it: the dialect is that of Kubernetes')
    yield rename(named, namingOf(spec, version, 'schema', 'validation'))
  }
  for (const fault of checkRootSchema(schema, isSet(status)))
    yield rename(fault, namingOf(spec, version, 'schema', 'validation'))
  const subresources = get(version, 'subresources')
  for (const fault of checkSubresources(subresources))
    yield rename(fault, namingOf(spec, version, 'subresources', 'subresources'))
  const columns = namingOf(spec, version, 'additionalPrinterColumns', 'additionalPrinterColumns')
  for (const item of itemsOf(get(version, 'additionalPrinterColumns')))
    for (const fault of column(item)) yield rename(fault, columns)
  yield* checkSelectable(spec, version)
}

function* checkSelectable(spec: Node, version: Node): Iterable<ApiFault> {
  const list = get(version, 'selectableFields')
  const naming = namingOf(spec, version, 'selectableFields', 'selectableFields')
  const seen = new Set<string>()
  for (const item of itemsOf(list)) {
    const path = get(item, 'jsonPath')
    const value = textOf(path)
    let fault: ApiFault | undefined
    if (value === '') fault = missing(path)
    else {
      let schema = get(version, 'schema', 'openAPIV3Schema')
      const segments = value.replace(/^\./, '').split('.')
      for (const segment of segments) schema = get(schema, 'properties', segment)
      if (!value.startsWith('.') || !isSet(schema))
        fault = wrong(path, 'must be the path of a field that the schema describes')
      else if (segments[0] === 'metadata') fault = wrong(path, 'must not be a field of metadata')
      else if (!['string', 'boolean', 'integer'].includes(textOf(get(schema, 'type'))))
        fault = wrong(path, 'must be a field of type string, boolean or integer')
      else if (seen.has(value)) fault = wrong(path, 'is a duplicate')
      seen.add(value)
    }
    if (fault) yield rename(fault, naming)
  }
  if (seen.size > 8) yield rename(refuse(list, 'must have at most 8 items'), naming)
}

const CONVERSION_REVIEWS = ['v1', 'v1beta1']

function* checkConversion(spec: Node): Iterable<ApiFault> {
  const conversion = get(spec, 'conversion')
  if (!isSet(conversion)) return
  const [strategy, webhook] = [get(conversion, 'strategy'), get(conversion, 'webhook')]
  const client = get(webhook, 'clientConfig')
  const named: Node = { value: client.value, up: conversion, key: 'webhookClientConfig' }
  const reviews: Node = { value: undefined, up: conversion, key: 'conversionReviewVersions' }
  if (textOf(strategy) === '') yield missing(strategy, 'None or Webhook')
  else if (!['None', 'Webhook'].includes(textOf(strategy))) yield choose(strategy, ['None', 'Webhook'])
  const versions = get(webhook, 'conversionReviewVersions')
  if (textOf(strategy) === 'Webhook') {
    if (!isSet(client)) yield { ...missing(client), at: pathOf(client), fieldPath: pathOf(named) }
    else
      for (const fault of checkWebhookClient(client))
        yield {
          ...fault,
          at: fault.at ?? fault.fieldPath,
          fieldPath: [...pathOf(named), ...fault.fieldPath.slice(pathOf(client).length)],
        }
    if (isEmpty(versions)) yield { ...missing(versions, 'v1'), at: pathOf(versions), fieldPath: pathOf(reviews) }
    else {
      const seen = new Set<string>()
      for (const item of itemsOf(versions)) {
        if (seen.has(textOf(item))) yield wrong(item, 'is a duplicate', { ...item, up: reviews })
        seen.add(textOf(item))
        const problem = dns1035Label(textOf(item))
        if (problem !== undefined) yield wrong(item, problem, { ...item, up: reviews })
      }
      if (!itemsOf(versions).some(item => CONVERSION_REVIEWS.includes(textOf(item))))
        yield refuse(versions, 'must have v1 or v1beta1', reviews)
    }
    return
  }
  if (isSet(client)) yield refuse(client, 'must not be set unless strategy is Webhook', named)
  if (lengthOf(versions) > 0) yield refuse(versions, 'must not be set unless strategy is Webhook', reviews)
}

const PROTECTED = /(^|\.)(k8s|kubernetes)\.io$/
const APPROVAL = 'api-approved.kubernetes.io'

function* checkApproval(object: Node): Iterable<ApiFault> {
  if (!PROTECTED.test(textOf(get(object, 'spec', 'group')))) return
  const approval = get(object, 'metadata', 'annotations', APPROVAL)
  if (textOf(approval) === '') yield missing(approval, 'the group belongs to Kubernetes')
  else if (!textOf(approval).startsWith('unapproved') && !/^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(textOf(approval)))
    yield wrong(approval, 'must be the URL of the approval, or begin with "unapproved"')
}

export const customResourceDefinition: Check = function* (object) {
  const spec = get(object, 'spec')
  const name = get(object, 'metadata', 'name')
  const wanted = `${textOf(get(spec, 'names', 'plural'))}.${textOf(get(spec, 'group'))}`
  if (textOf(name) !== '' && textOf(name) !== wanted) yield wrong(name, `must be <plural>.<group>, as ${wanted}`)
  const prefix = get(object, 'metadata', 'generateName')
  if (textOf(prefix) !== '' && textOf(prefix) !== wanted) yield wrong(prefix, `must be <plural>.<group>, as ${wanted}`)
  yield* checkGroup(spec)
  const scope = get(spec, 'scope')
  if (textOf(scope) === '') yield missing(scope, 'Namespaced or Cluster')
  else yield* exactlyOneOf('Cluster', 'Namespaced')(scope)
  if (isTrue(get(spec, 'preserveUnknownFields')))
    yield refuse(get(spec, 'preserveUnknownFields'), 'must be false in v1')
  const list = get(spec, 'versions')
  const versions = itemsOf(list)
  for (const version of versions) yield* checkVersion(spec, version)
  const names = versions.map(version => textOf(get(version, 'name')))
  if (new Set(names).size < names.length) yield refuse(list, 'must have names that differ')
  const stored = versions.filter(version => isTrue(get(version, 'storage')))
  if (stored.length !== 1)
    yield refuse(list, `must have exactly one version with storage: true, and has ${stored.length}`)
  yield* checkNames(spec)
  yield* checkConversion(spec)
  yield* checkApproval(object)
}
