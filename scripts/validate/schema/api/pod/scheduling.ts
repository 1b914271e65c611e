// Where pods may run: affinity, tolerations, spread. Source: Affinity, Toleration and TopologySpreadConstraint of core/v1.

import {
  anyText,
  atLeast,
  duplicates,
  each,
  exactlyOneOf,
  mustBeOneOf,
  required,
  shape,
  struct,
  text,
} from '../check.ts'
import { type Check, type ApiFault, choose, missing, NO_FAULTS, refuse, warn, wrong } from '../fault.ts'
import { entriesOf, get, isSet, itemsOf, lengthOf, type Node, numberOf, textOf, textsOf } from '../node.ts'
import { checkOperands, labelKey, labelSelector } from '../selector.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../text.ts'

const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']

/** In preferred terms values are not tested: old objects have wrong ones. */
const nodeRequirement = (areValuesTested: boolean): Check =>
  struct({ key: labelKey, values: areValuesTested ? each(anyText(labelValue)) : () => NO_FAULTS }, function* (node) {
    const [operator, values] = [get(node, 'operator'), get(node, 'values')]
    yield* checkOperands(textOf(operator), values)
    if (/^(Gt|Lt)$/.test(textOf(operator)) && lengthOf(values) !== 1) yield missing(values, 'one value to compare with')
    if (!NODE_OPERATORS.includes(textOf(operator))) yield choose(operator, NODE_OPERATORS)
  })

const fieldRequirement: Check = struct({}, function* (node) {
  const [key, operator, values] = [get(node, 'key'), get(node, 'operator'), get(node, 'values')]
  if (!/^(In|NotIn)$/.test(textOf(operator))) yield choose(operator, ['In', 'NotIn'])
  else if (lengthOf(values) !== 1) yield missing(values, 'exactly one')
  if (textOf(key) !== 'metadata.name') yield wrong(key, 'must be metadata.name')
  else yield* each(anyText(dnsSubdomain))(values)
})

const term = (areValuesTested: boolean): Check =>
  struct({ matchExpressions: each(nodeRequirement(areValuesTested)), matchFields: each(fieldRequirement) })

export const nodeSelector: Check = shape({ nodeSelectorTerms: required(each(term(true)), 'at least one term') })

const weight = (node: Node): readonly ApiFault[] => {
  const value = numberOf(node) ?? 0
  return value >= 1 && value <= 100
    ? NO_FAULTS
    : [isSet(node) ? wrong(node, 'must be from 1 to 100') : missing(node, 'from 1 to 100')]
}

const nodeAffinity: Check = shape({
  requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
  preferredDuringSchedulingIgnoredDuringExecution: each(struct({ weight, preference: term(false) })),
})

/** Keys of labels whose values the scheduler takes from the pod itself. */
function* checkLabelKeys(term: Node, fields: readonly string[]): Iterable<ApiFault> {
  const selector = get(term, 'labelSelector')
  for (const field of fields) {
    const keys = get(term, field)
    if (lengthOf(keys) === 0) continue
    if (isSet(selector)) yield* each(anyText(qualifiedName))(keys)
    else yield refuse(keys, 'must not be set without labelSelector')
  }
  const matchKeys = textsOf(get(term, 'matchLabelKeys'))
  const seen = new Set(entriesOf(get(selector, 'matchLabels')).map(({ key }) => String(key)))
  for (const expression of itemsOf(get(selector, 'matchExpressions'))) {
    const key = textOf(get(expression, 'key'))
    const index = matchKeys.indexOf(key)
    if (index >= 0 && seen.has(key))
      yield refuse(itemsOf(get(term, 'matchLabelKeys'))[index] as Node, 'must not be in labelSelector too', {
        value: undefined,
        up: term,
        key: index,
      })
    seen.add(key)
  }
  const mismatched = fields.includes('mismatchLabelKeys') ? textsOf(get(term, 'mismatchLabelKeys')) : []
  for (const key of itemsOf(get(term, 'matchLabelKeys')))
    if (mismatched.includes(textOf(key))) yield wrong(key, 'must not be in mismatchLabelKeys too')
}

const podTerm: Check = struct({ labelSelector, namespaceSelector: labelSelector }, function* (node) {
  for (const name of itemsOf(get(node, 'namespaces'))) {
    const problem = dnsLabel(textOf(name))
    if (problem !== undefined) yield wrong(name, problem, { value: undefined, up: node, key: 'namespace' })
  }
  yield* checkLabelKeys(node, ['matchLabelKeys', 'mismatchLabelKeys'])
  const topologyKey = get(node, 'topologyKey')
  if (textOf(topologyKey) === '') yield missing(topologyKey, 'as kubernetes.io/hostname')
  else yield* text(qualifiedName)(topologyKey)
  if (!isSet(get(node, 'labelSelector'))) yield warn(get(node, 'labelSelector'), 'is not set: the term fits no pod')
})

const podAffinity: Check = shape({
  requiredDuringSchedulingIgnoredDuringExecution: each(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: each(struct({ weight, podAffinityTerm: podTerm })),
})

export const affinity: Check = shape({ nodeAffinity, podAffinity, podAntiAffinity: podAffinity })

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

const toleration: Check = struct({}, function* (node) {
  const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map(field => get(node, field)) as [
    Node,
    Node,
    Node,
    Node,
  ]
  if (textOf(key) !== '') yield* text(qualifiedName)(key)
  else if (textOf(operator) !== 'Exists') yield refuse(operator, 'must be Exists where there is no key')
  if (isSet(get(node, 'tolerationSeconds')) && textOf(effect) !== 'NoExecute')
    yield wrong(effect, 'must be NoExecute where tolerationSeconds is set')
  // The server names the operator for a fault of the value.
  const problem = /^(Equal|)$/.test(textOf(operator)) ? labelValue(textOf(value)) : undefined
  if (problem !== undefined) yield wrong(value, problem, operator)
  if (textOf(operator) === 'Exists' && textOf(value) !== '')
    yield refuse(value, 'must not be set: operator Exists takes any value', operator)
  if (!['', 'Equal', 'Exists'].includes(textOf(operator))) yield choose(operator, ['Equal', 'Exists'])
  if (textOf(effect) !== '' && !EFFECTS.includes(textOf(effect))) yield choose(effect, EFFECTS)
})

export const tolerations: Check = each(toleration)

const eachTaint: Check = each(struct({ key: labelKey, effect: mustBeOneOf(...EFFECTS), value: text(labelValue) }))

export const taints: Check = function* (list) {
  yield* eachTaint(list)
  yield* duplicates(
    itemsOf(list),
    node => `${textOf(get(node, 'effect'))} ${textOf(get(node, 'key'))}`,
    node => refuse(node, 'is a duplicate: a key and effect are written once'),
  )
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']
const INCLUSION = exactlyOneOf('Honor', 'Ignore')

const positive: Check = node => {
  const value = numberOf(node) ?? 0
  return value > 0 ? NO_FAULTS : [isSet(node) ? wrong(node, 'must be at least 1') : missing(node, 'at least 1')]
}

const constraint: Check = struct(
  {
    maxSkew: positive,
    topologyKey: required(),
    whenUnsatisfiable: mustBeOneOf(...ACTIONS),
    minDomains: atLeast(1),
    nodeAffinityPolicy: INCLUSION,
    nodeTaintsPolicy: INCLUSION,
    labelSelector,
  },
  function* (node) {
    const [domains, action] = [get(node, 'minDomains'), get(node, 'whenUnsatisfiable')]
    if (isSet(domains) && textOf(action) !== 'DoNotSchedule')
      yield refuse(domains, 'must not be set unless whenUnsatisfiable is DoNotSchedule')
    yield* checkLabelKeys(node, ['matchLabelKeys'])
    if (!isSet(get(node, 'labelSelector')))
      yield warn(get(node, 'labelSelector'), 'is not set: the constraint counts no pod')
  },
)

const eachConstraint: Check = each(constraint)

export const spread: Check = function* (list) {
  yield* eachConstraint(list)
  const items = itemsOf(list)
  const keyOf = (node: Node): string => `${textOf(get(node, 'topologyKey'))} ${textOf(get(node, 'whenUnsatisfiable'))}`
  for (const [index, node] of items.entries()) {
    if (items.slice(index + 1).some(other => keyOf(other) === keyOf(node)))
      yield refuse(node, 'is a duplicate: a topologyKey and whenUnsatisfiable are written once', {
        value: undefined,
        up: node,
        key: '{topologyKey, whenUnsatisfiable}',
      })
  }
}

/** Labels of nodes that were renamed. */
const RENAMED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

export function* warnOfLabels(podSpec: Node): Iterable<ApiFault> {
  const say = (node: Node, key: string): ApiFault[] => {
    const right = Object.hasOwn(RENAMED, key) ? RENAMED[key] : undefined
    return right === undefined ? [] : [warn(node, `is deprecated: use ${right}`)]
  }
  for (const entry of entriesOf(get(podSpec, 'nodeSelector'))) yield* say(entry, String(entry.key))
  for (const one of itemsOf(get(podSpec, 'topologySpreadConstraints')))
    yield* say(get(one, 'topologyKey'), textOf(get(one, 'topologyKey')))
  const nodes = get(podSpec, 'affinity', 'nodeAffinity')
  for (const one of itemsOf(get(nodes, 'preferredDuringSchedulingIgnoredDuringExecution')))
    for (const expression of itemsOf(get(one, 'preference', 'matchExpressions')))
      for (const value of itemsOf(get(expression, 'values'))) {
        const problem = labelValue(textOf(value))
        if (problem !== undefined) yield warn(value, `is not the value of a label: it ${problem}`)
      }
  const terms = [
    ...itemsOf(get(nodes, 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')),
    ...itemsOf(get(nodes, 'preferredDuringSchedulingIgnoredDuringExecution')).map(one => get(one, 'preference')),
  ]
  for (const one of terms) {
    for (const expression of itemsOf(get(one, 'matchExpressions')))
      yield* say(get(expression, 'key'), textOf(get(expression, 'key')))
  }
}
