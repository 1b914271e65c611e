// Policies that the API server holds an object against, and their bindings. Source: admissionregistration.k8s.io/v1.
import { duplicates, each, exactlyOneOf, required, text } from '../../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, wrong } from '../../fault.ts'
import { get, isEmpty, isSet, itemsOf, type Node, textOf, textsOf } from '../../node.ts'
import { labelSelector } from '../../selector.ts'
import { dns1035Label, dnsSubdomain, pathSegment } from '../../text.ts'
import { checkAudits, checkMutation, checkValidation, checkVariables, variablesOf } from './expressions.ts'
import { failurePolicy, MUTATING_OPERATIONS, matchConditions, matchResources, OPERATIONS } from './match.ts'

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
