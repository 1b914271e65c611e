// Which requests webhooks and policies are about: operations, resources, selectors and conditions.
import { checkExpression } from '../../cel/check.ts'
import { anyText, duplicates, each, exactlyOneOf, required, struct, text } from '../../check.ts'
import { type ApiFault, type Check, missing, refuse, wrong } from '../../fault.ts'
import { get, isEmpty, itemsOf, lengthOf, type Node, textOf, textsOf } from '../../node.ts'
import { labelSelector } from '../../selector.ts'
import { pathSegment, qualifiedName } from '../../text.ts'

export const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

export const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']

export const failurePolicy = exactlyOneOf('Fail', 'Ignore')

export const matchPolicy = exactlyOneOf('Equivalent', 'Exact')

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

export const rule = (operations: readonly string[]): Check =>
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

export const WITH_AUTHORIZER = [...VARIABLES, 'authorizer']

export const matchConditions = (variables: readonly string[]): Check =>
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

export const matchResources = (operations: readonly string[]): Check =>
  struct({
    matchPolicy,
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    resourceRules: each(rule(operations)),
    excludeResourceRules: each(rule(operations)),
  })
