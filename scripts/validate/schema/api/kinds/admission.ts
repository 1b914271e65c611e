// What the API server asks before it takes an object. Source: admissionregistration.k8s.io/v1.

import { anyText, duplicates, each, exactlyOneOf, range, required, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, wrong } from '../fault.ts'
import { bytesOf, get, isEmpty, isSet, itemsOf, lengthOf, type Node, textOf, textsOf } from '../node.ts'
import { checkExpression } from '../cel.ts'
import { labelSelector } from '../selector.ts'
import { dns1035Label, dnsSubdomain, fullDomain, pathSegment, qualifiedName } from '../text.ts'
import { checkWebhookClient } from './webhook-client.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const REVIEWS = ['v1', 'v1beta1']
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const failurePolicy = exactlyOneOf('Fail', 'Ignore')
const matchPolicy = exactlyOneOf('Equivalent', 'Exact')

/** "*" stands alone. */
function* checkStar(list: Node): Iterable<ApiFault> {
  if (isEmpty(list)) yield missing(list, 'at least one')
  if (lengthOf(list) > 1 && textsOf(list).includes('*')) yield refuse(list, 'must have nothing beside "*"')
}

function* checkResources(list: Node): Iterable<ApiFault> {
  if (isEmpty(list)) yield missing(list, 'at least one')
  const allOf = new Set<string>()
  const anyOf = new Set<string>()
  const names = textsOf(list)
  let hasPlain = false
  for (const item of itemsOf(list)) {
    const name = textOf(item)
    if (name === '') {
      yield missing(item)
      continue
    }
    const cut = name.indexOf('/')
    if (cut < 0) {
      hasPlain = name !== '*'
      continue
    }
    const [resource, part] = [name.slice(0, cut), name.slice(cut + 1)]
    if (allOf.has(resource)) yield wrong(item, `must not be set beside ${resource}/*`)
    if (anyOf.has(part)) yield wrong(item, `must not be set beside */${part}`)
    if (part === '*') allOf.add(resource)
    if (resource === '*') anyOf.add(part)
  }
  if (names.length > 1 && names.includes('*/*')) yield refuse(list, 'must have nothing beside "*/*"')
  if (names.includes('*') && hasPlain) yield refuse(list, 'must have no resource beside "*"')
}

const rule = (operations: readonly string[]): Check =>
  struct(
    { scope: exactlyOneOf('*', 'Cluster', 'Namespaced'), operations: each(exactlyOneOf(...operations)) },
    function* (node) {
      yield* checkStar(get(node, 'operations'))
      yield* checkStar(get(node, 'apiGroups'))
      yield* checkStar(get(node, 'apiVersions'))
      for (const version of itemsOf(get(node, 'apiVersions'))) if (textOf(version) === '') yield missing(version)
      yield* checkResources(get(node, 'resources'))
      const names = itemsOf(get(node, 'resourceNames'))
      for (const name of names) yield* anyText(pathSegment)(name)
      yield* duplicates(names, textOf, name => wrong(name, 'is a duplicate'))
    },
  )

const VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject']
const WITH_AUTHORIZER = [...VARIABLES, 'authorizer']

/** A policy may also speak of its parameters and of what it computes itself. */
const variablesOf = (spec: Node): readonly string[] => [
  ...WITH_AUTHORIZER,
  'variables',
  ...(isSet(get(spec, 'paramKind')) ? ['params'] : []),
]

const matchConditions = (variables: readonly string[]): Check =>
  function* (list) {
    if (lengthOf(list) > 64) yield refuse(list, 'must have at most 64 items')
    for (const item of itemsOf(list)) {
      const [name, expression] = [get(item, 'name'), get(item, 'expression')]
      if (textOf(expression).trim() === '') yield missing(expression)
      else yield* checkExpression(expression, variables, ['bool'])
      yield* required(text(qualifiedName))(name)
    }
    yield* duplicates(
      itemsOf(list).map(item => get(item, 'name')),
      name => textOf(name) || undefined,
      name => wrong(name, 'is a duplicate'),
    )
  }

const webhook: Check = struct(
  {
    rules: each(rule(OPERATIONS)),
    failurePolicy,
    matchPolicy,
    timeoutSeconds: range(1, 30),
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    reinvocationPolicy: exactlyOneOf('IfNeeded', 'Never'),
    matchConditions: matchConditions(WITH_AUTHORIZER),
  },
  function* (hook) {
    yield* required(text(fullDomain(3)))(get(hook, 'name'))
    const [effects, reviews] = [get(hook, 'sideEffects'), get(hook, 'admissionReviewVersions')]
    if (!isSet(effects)) yield missing(effects, 'None or NoneOnDryRun')
    else yield* exactlyOneOf('None', 'NoneOnDryRun')(effects)
    yield* checkWebhookClient(get(hook, 'clientConfig'))
    if (isEmpty(reviews)) {
      yield missing(reviews, 'v1')
      return
    }
    yield* each(anyText(dns1035Label))(reviews)
    yield* duplicates(itemsOf(reviews), textOf, version => wrong(version, 'is a duplicate'))
    if (!textsOf(reviews).some(version => REVIEWS.includes(version))) yield refuse(reviews, 'must have v1 or v1beta1')
  },
)

export const webhookConfiguration: Check = function* (object) {
  const hooks = get(object, 'webhooks')
  yield* each(webhook)(hooks)
  yield* duplicates(
    itemsOf(hooks).map(hook => get(hook, 'name')),
    name => textOf(name) || undefined,
    name => wrong(name, 'is a duplicate'),
  )
}

function* checkParamKind(node: Node): Iterable<ApiFault> {
  if (!isSet(node)) return
  const [apiVersion, kind] = [get(node, 'apiVersion'), get(node, 'kind')]
  if (textOf(apiVersion) === '') yield missing(apiVersion)
  else {
    const parts = textOf(apiVersion).split('/')
    const [group, version] = parts.length === 2 ? parts : ['', parts[0]]
    const isWrong =
      parts.length > 2 ||
      (group !== '' && dnsSubdomain(group as string) !== undefined) ||
      dns1035Label(version as string) !== undefined
    if (isWrong) yield wrong(apiVersion, 'must be a version, or a group and a version, as rules.example.com/v1')
  }
  if (textOf(kind) === '') yield missing(kind)
  else if (dns1035Label(textOf(kind).toLowerCase()) !== undefined)
    yield wrong(kind, 'must be letters and digits, starting with a letter')
}

const matchResources = (operations: readonly string[]): Check =>
  struct({
    matchPolicy,
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    resourceRules: each(rule(operations)),
    excludeResourceRules: each(rule(operations)),
  })

const CEL_WORDS = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
])

/** A variable is known to those that are declared after it, and to what uses them. */
function* checkKnown(expression: Node, known: ReadonlySet<string>): Iterable<ApiFault> {
  const code = textOf(expression).replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
  for (const [, name = ''] of code.matchAll(/(?<![\w.])variables\s*\.\s*\??(\w+)/g)) {
    if (known.has(name)) continue
    yield refuse(expression, `speaks of variables.${name}, which is not declared before it`)
    return
  }
}

function* checkVariables(list: Node, variables: readonly string[]): Iterable<ApiFault> {
  const known = new Set<string>()
  for (const item of itemsOf(list)) {
    const [name, expression] = [get(item, 'name'), get(item, 'expression')]
    if (textOf(name).trim() === '') yield missing(name)
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(textOf(name)) || CEL_WORDS.has(textOf(name)))
      yield wrong(name, 'must be a name in CEL: letters, digits and "_"')
    if (textOf(expression).trim() === '') yield missing(expression)
    else {
      yield* checkExpression(expression, variables, [])
      yield* checkKnown(expression, known)
    }
    known.add(textOf(name))
  }
}

function* checkValidation(item: Node, variables: readonly string[], known: ReadonlySet<string>): Iterable<ApiFault> {
  const [expression, message, messageExpression, reason] = ['expression', 'message', 'messageExpression', 'reason'].map(
    field => get(item, field),
  ) as [Node, Node, Node, Node]
  if (textOf(expression).trim() === '') yield missing(expression)
  else yield* checkExpression(expression, variables, ['bool'])
  if (textOf(messageExpression) !== '' && textOf(messageExpression).trim() === '')
    yield refuse(messageExpression, 'must not be blank')
  else
    yield* checkExpression(
      messageExpression,
      variables.filter(name => name !== 'authorizer'),
      ['string'],
    )
  for (const one of [expression, messageExpression]) yield* checkKnown(one, known)
  if (textOf(message) !== '' && textOf(message).trim() === '') yield refuse(message, 'must not be blank')
  else if (/[\n\r]/.test(textOf(message).trim())) yield refuse(message, 'must be one line')
  yield* exactlyOneOf(...REASONS)(reason)
}

function* checkAudits(object: Node): Iterable<ApiFault> {
  const list = get(object, 'spec', 'auditAnnotations')
  const name = textOf(get(object, 'metadata', 'name'))
  if (lengthOf(list) > 20) yield refuse(list, 'must have at most 20 items')
  for (const item of itemsOf(list)) {
    const [key, expression] = [get(item, 'key'), get(item, 'valueExpression')]
    const problem = qualifiedName(`${name}/${textOf(key)}`)
    if (problem !== undefined) yield wrong(key, 'must be letters, digits, "-", "_" and "."')
    if (textOf(expression).trim() === '') yield missing(expression)
    else if (bytesOf(textOf(expression).trim()) > 5120) yield refuse(expression, 'must have at most 5120 bytes')
    else yield* checkExpression(expression, variablesOf(get(object, 'spec')), ['string', 'null'])
  }
  yield* duplicates(
    itemsOf(list).map(item => get(item, 'key')),
    textOf,
    key => wrong(key, 'is a duplicate'),
  )
}

function* checkConstraints(spec: Node, operations: readonly string[]): Iterable<ApiFault> {
  yield* failurePolicy(get(spec, 'failurePolicy'))
  yield* checkParamKind(get(spec, 'paramKind'))
  const constraints = get(spec, 'matchConstraints')
  if (!isSet(constraints)) yield missing(constraints, 'which objects the policy is about')
  else {
    yield* matchResources(operations)(constraints)
    if (isEmpty(get(constraints, 'resourceRules'))) yield missing(get(constraints, 'resourceRules'), 'at least one')
  }
  yield* matchConditions(variablesOf(spec).filter(name => name !== 'variables'))(get(spec, 'matchConditions'))
  yield* checkVariables(get(spec, 'variables'), variablesOf(spec))
}

export const validatingPolicy: Check = function* (object) {
  const spec = get(object, 'spec')
  yield* checkConstraints(spec, OPERATIONS)
  const validations = get(spec, 'validations')
  if (isEmpty(validations) && isEmpty(get(spec, 'auditAnnotations'))) {
    yield missing(validations, 'or auditAnnotations')
    return
  }
  const known = new Set(itemsOf(get(spec, 'variables')).map(item => textOf(get(item, 'name'))))
  for (const item of itemsOf(validations)) yield* checkValidation(item, variablesOf(spec), known)
  yield* checkAudits(object)
}

/** Typed objects are Kubernetes' own; the library reads them as maps, and of those nothing but the syntax is believed. */
const TYPED = /\b(?:Object|JSONPatch)(?:\.\w+)*\s*\{/g

function checkMutation(expression: Node, variables: readonly string[], type: string): readonly ApiFault[] {
  const code = textOf(expression)
  if (!code.includes('{')) return checkExpression(expression, variables, type === 'JSONPatch' ? ['list'] : [])
  const plain = { ...expression, value: code.replace(TYPED, '{') }
  return checkExpression(plain, variables, []).filter(({ message }) => message.includes('is not an expression'))
}

export const mutatingPolicy: Check = function* (object) {
  const spec = get(object, 'spec')
  yield* checkConstraints(spec, MUTATING_OPERATIONS)
  const [mutations, reinvocation] = [get(spec, 'mutations'), get(spec, 'reinvocationPolicy')]
  if (isEmpty(mutations)) yield missing(mutations, 'at least one')
  for (const item of itemsOf(mutations)) {
    const type = get(item, 'patchType')
    if (textOf(type) === '') yield missing(type, 'ApplyConfiguration or JSONPatch')
    else if (!['ApplyConfiguration', 'JSONPatch'].includes(textOf(type)))
      yield choose(type, ['ApplyConfiguration', 'JSONPatch'])
    for (const [wanted, field] of [
      ['ApplyConfiguration', 'applyConfiguration'],
      ['JSONPatch', 'jsonPatch'],
    ] as const) {
      const node = get(item, field)
      if (textOf(type) === wanted && textOf(get(node, 'expression')).trim() === '')
        yield missing(isSet(node) ? get(node, 'expression') : node)
      else if (textOf(type) === wanted) yield* checkMutation(get(node, 'expression'), variablesOf(spec), wanted)
      if (textOf(type) !== wanted && isSet(node)) yield refuse(node, `must not be set unless patchType is ${wanted}`)
    }
  }
  if (textOf(reinvocation) === '') yield missing(reinvocation, 'Never or IfNeeded')
  else yield* exactlyOneOf('IfNeeded', 'Never')(reinvocation)
}

function* checkParamRef(node: Node): Iterable<ApiFault> {
  if (!isSet(node)) return
  const [name, selector, action] = [get(node, 'name'), get(node, 'selector'), get(node, 'parameterNotFoundAction')]
  yield* text(pathSegment)(name)
  if (isSet(selector)) {
    yield* labelSelector(selector)
    if (textOf(name) !== '') {
      yield refuse(name, 'must not be set beside selector')
      yield refuse(selector, 'must not be set beside name')
    }
  } else if (textOf(name) === '') yield missing(node, 'name or selector')
  if (textOf(action) === '') yield missing(action, 'Allow or Deny')
  else yield* exactlyOneOf('Deny', 'Allow')(action)
}

const binding = (hasActions: boolean): Check =>
  function* (object) {
    const spec = get(object, 'spec')
    yield* required(text(dnsSubdomain))(get(spec, 'policyName'))
    yield* checkParamRef(get(spec, 'paramRef'))
    const resources = get(spec, 'matchResources')
    if (isSet(resources)) yield* matchResources(hasActions ? OPERATIONS : MUTATING_OPERATIONS)(resources)
    if (!hasActions) return
    const actions = get(spec, 'validationActions')
    if (isEmpty(actions)) yield missing(actions, 'Deny, Warn or Audit')
    yield* each(exactlyOneOf('Audit', 'Deny', 'Warn'))(actions)
    yield* duplicates(itemsOf(actions), textOf, action => wrong(action, 'is a duplicate'))
    if (textsOf(actions).includes('Deny') && textsOf(actions).includes('Warn'))
      yield refuse(actions, 'must not have both Deny and Warn: the refusal says it')
  }

export const validatingBinding = binding(true)
export const mutatingBinding = binding(false)
