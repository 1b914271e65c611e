// A CustomResourceDefinition's own schema, checked as the API server does on create, as far as it would refuse it.

import type { FieldPath } from '../../tree/model/place.ts'
import { closest } from '../../tree/model/closest.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { findExcess } from './crd.ts'
import type { SchemaFault } from './faults.ts'
import { formatPath, quote } from './field-path.ts'
import { compilePattern, UnsupportedPattern } from './re2.ts'
import { asList, asRecord } from './values.ts'

export interface UnreadPattern {
  readonly fieldPath: FieldPath
  readonly reason: string
}

export interface CheckedDefinition {
  readonly faults: readonly SchemaFault[]
  /** Good for the API server, as far as is known here, and not applied. */
  readonly unread: readonly UnreadPattern[]
}

type Kind =
  | 'values'
  | 'text'
  | 'flag'
  | 'number'
  | 'integer'
  | 'schema'
  | 'items'
  | 'documentation'
  | 'rules'
  | 'schemas'
  | 'list'
  | 'any'
  | 'names'
  | 'bound'
  | 'forbidden'

/** JSONSchemaProps of apiextensions.k8s.io/v1, less what a structural schema may not use. */
const keywords: Readonly<Record<string, Kind>> = {
  $ref: 'forbidden',
  $schema: 'text',
  additionalItems: 'forbidden',
  additionalProperties: 'bound',
  allOf: 'list',
  anyOf: 'list',
  default: 'any',
  definitions: 'forbidden',
  dependencies: 'forbidden',
  description: 'text',
  enum: 'values',
  example: 'any',
  exclusiveMaximum: 'flag',
  exclusiveMinimum: 'flag',
  externalDocs: 'documentation',
  format: 'text',
  id: 'forbidden',
  items: 'items',
  maxItems: 'integer',
  maxLength: 'integer',
  maxProperties: 'integer',
  maximum: 'number',
  minItems: 'integer',
  minLength: 'integer',
  minProperties: 'integer',
  minimum: 'number',
  multipleOf: 'number',
  not: 'schema',
  nullable: 'flag',
  oneOf: 'list',
  pattern: 'text',
  patternProperties: 'forbidden',
  properties: 'schemas',
  required: 'names',
  title: 'text',
  type: 'text',
  uniqueItems: 'flag',
  'x-kubernetes-embedded-resource': 'flag',
  'x-kubernetes-int-or-string': 'flag',
  'x-kubernetes-list-map-keys': 'names',
  'x-kubernetes-list-type': 'text',
  'x-kubernetes-map-type': 'text',
  'x-kubernetes-preserve-unknown-fields': 'flag',
  'x-kubernetes-validations': 'rules',
}
/** What is refused where it can be decoded, by what it must be for that. */
const decodable: Readonly<Record<string, 'a string' | 'a boolean or a schema' | 'a mapping' | 'a mapping of schemas'>> =
  {
    $ref: 'a string',
    additionalItems: 'a boolean or a schema',
    definitions: 'a mapping of schemas',
    dependencies: 'a mapping',
    id: 'a string',
    patternProperties: 'a mapping of schemas',
  }
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const maxFaults = 50

export function checkCustomResourceDefinition(definition: KubernetesObject): CheckedDefinition {
  const faults: SchemaFault[] = []
  const unread: UnreadPattern[] = []
  const report = (fieldPath: FieldPath, keyword: string, message: string, at: SchemaFault['at'] = 'value') => {
    if (faults.length < maxFaults) faults.push({ fieldPath, keyword, message, at })
  }
  for (const [index, version] of asList(asRecord(definition.spec).versions).entries()) {
    const path: FieldPath = ['spec', 'versions', index, 'schema', 'openAPIV3Schema']
    const schema = asRecord(asRecord(version).schema).openAPIV3Schema
    if (schema === undefined || schema === null) {
      report(path.slice(0, 3), 'required', `${formatPath(path)} is required`, 'key')
      continue
    }
    const excess = findExcess(schema)
    if (excess !== undefined) report(path, 'limit', `${formatPath(path)} ${excess}, more than can be examined`)
    else checkNode(schema, path, { report, unread, structural: true })
  }
  return { faults, unread }
}

interface Check {
  readonly report: (path: FieldPath, keyword: string, message: string, at?: SchemaFault['at']) => void
  readonly unread: UnreadPattern[]
  /** Not under allOf, anyOf, oneOf or not: there, types need not be said. */
  readonly structural: boolean
}

function checkNode(node: unknown, path: FieldPath, check: Check): void {
  // Decoded as an empty schema.
  if (node === null) {
    checkType({}, path, check)
    return
  }
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    check.report(path, 'type', `${formatPath(path)} must be a mapping, a schema`)
    return
  }
  for (const [keyword, value] of Object.entries(node)) {
    const kind = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined
    if (kind === undefined) {
      const near = closest(keyword, Object.keys(keywords))
      const suggestion = near === undefined ? '' : `: did you mean "${near}"?`
      const message = `unknown field ${quote(keyword)} in ${formatPath(path)}${suggestion}`
      check.report([...path, keyword], 'additionalProperties', message, 'key')
    } else if (value !== null && value !== undefined) checkKeyword(kind, value, [...path, keyword], check)
  }
  checkType(asRecord(node), path, check)
}

function checkKeyword(kind: Kind, value: unknown, path: FieldPath, check: Check): void {
  const nested: Check = { ...check, structural: false }
  const wants = (type: string) => check.report(path, 'type', `${formatPath(path)} must be ${type}`)
  switch (kind) {
    case 'forbidden':
      if (!isDecoded(value, decodable[String(path.at(-1))])) wants(decodable[String(path.at(-1))] as string)
      else check.report(path, 'forbidden', `${formatPath(path)} may not be used in a CustomResourceDefinition`, 'key')
      break
    case 'text':
      if (typeof value !== 'string') wants('a string')
      else if (path.at(-1) === 'pattern') checkPattern(value, path, check)
      break
    case 'flag':
      if (typeof value !== 'boolean') wants('a boolean')
      break
    case 'number':
      if (typeof value !== 'number') wants('a number')
      break
    case 'integer':
      if (!Number.isInteger(value)) wants('a whole number')
      break
    case 'values':
      if (!Array.isArray(value)) wants('a list')
      break
    case 'names':
      if (!Array.isArray(value) || value.some(name => typeof name !== 'string' && name !== null))
        wants('a list of strings')
      break
    case 'schema':
      checkNode(value, path, path.at(-1) === 'not' ? nested : check)
      break
    case 'items':
      // The server reads a schema or a list of them, and anything else as if it were not there.
      if (typeof value === 'object' && !(Array.isArray(value) && value.length === 0)) checkNode(value, path, check)
      break
    case 'documentation':
      if (typeof value !== 'object' || Array.isArray(value)) wants('a mapping')
      else
        for (const [key, text] of Object.entries(asRecord(value))) {
          if (key !== 'url' && key !== 'description')
            check.report(
              [...path, key],
              'additionalProperties',
              `unknown field ${quote(key)} in ${formatPath(path)}`,
              'key',
            )
          else if (typeof text !== 'string' && text !== null)
            check.report([...path, key], 'type', `${formatPath([...path, key])} must be a string`)
        }
      break
    case 'rules':
      if (!Array.isArray(value)) wants('a list of rules')
      else for (const [index, rule] of value.entries()) checkRule(rule, [...path, index], check)
      break
    case 'bound':
      if (typeof value !== 'boolean') checkNode(value, path, check)
      break
    case 'list':
      if (!Array.isArray(value)) wants('a list of schemas')
      else for (const [index, branch] of value.entries()) checkNode(branch, [...path, index], nested)
      break
    case 'schemas':
      if (typeof value !== 'object' || Array.isArray(value)) wants('a mapping of schemas')
      else for (const [name, child] of Object.entries(asRecord(value))) checkNode(child, [...path, name], check)
      break
  }
}

/** What is decoded of a rule. */
const RULE: Readonly<Record<string, 'string' | 'boolean'>> = {
  rule: 'string',
  message: 'string',
  messageExpression: 'string',
  reason: 'string',
  fieldPath: 'string',
  optionalOldSelf: 'boolean',
}

function checkRule(rule: unknown, path: FieldPath, { report }: Check): void {
  if (rule !== null && (typeof rule !== 'object' || Array.isArray(rule))) {
    report(path, 'type', `${formatPath(path)} must be a mapping, a rule`)
    return
  }
  for (const [field, value] of Object.entries(asRecord(rule))) {
    const type = Object.hasOwn(RULE, field) ? RULE[field] : undefined
    const at = [...path, field]
    if (type === undefined) {
      const near = closest(field, Object.keys(RULE))
      const hint = near === undefined ? '' : `: did you mean "${near}"?`
      report(at, 'additionalProperties', `unknown field ${quote(field)} in ${formatPath(path)}${hint}`, 'key')
    } else if (value !== null && typeof value !== type) report(at, 'type', `${formatPath(at)} must be a ${type}`)
  }
}

function isDecoded(value: unknown, wanted: (typeof decodable)[string] | undefined): boolean {
  const isMap = typeof value === 'object' && !Array.isArray(value)
  if (wanted === 'a string') return typeof value === 'string'
  if (wanted === 'a mapping of schemas')
    return isMap && Object.values(asRecord(value)).every(one => typeof one === 'object')
  return wanted === 'a mapping' ? isMap : isMap || typeof value === 'boolean'
}

function checkType(node: Readonly<Record<string, unknown>>, path: FieldPath, { report, structural }: Check): void {
  const { type } = node
  if (typeof type === 'string' && type !== '') {
    if (!types.includes(type)) {
      report([...path, 'type'], 'enum', `${formatPath([...path, 'type'])} must be one of ${types.join(', ')}`)
    }
    if (structural && type === 'array' && (typeof node.items !== 'object' || node.items === null)) {
      report(path, 'required', `${formatPath([...path, 'items'])} is required for a list`, 'key')
    }
    return
  }
  const needsNone =
    !structural ||
    node['x-kubernetes-int-or-string'] === true ||
    node['x-kubernetes-preserve-unknown-fields'] === true ||
    Object.hasOwn(node, '$ref')
  if (!needsNone) report(path, 'required', `${formatPath([...path, 'type'])} is required`, 'key')
}

function checkPattern(pattern: string, path: FieldPath, { report, unread }: Check): void {
  try {
    compilePattern(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof UnsupportedPattern) {
      unread.push({ fieldPath: path, reason: `the pattern ${quote(pattern)} is not applied: it is ${reason}` })
    } else report(path, 'pattern', `${formatPath(path)} is not a regular expression: ${reason}`)
  }
}
