// How many pods there are, and how many must stay. Source: HorizontalPodAutoscaler of autoscaling/v1 and v2,
// PodDisruptionBudget of policy/v1.

import { each, exactlyOneOf, required, shape, struct, text, inSpec } from '../check.ts'
import { type Check, type ApiFault, choose, missing, NO_FAULTS, refuse, wrong, refuseBoth } from '../fault.ts'
import { get, isSet, type Node, numberOf, pathOf, textOf } from '../node.ts'
import { readQuantity } from '../../../../tree/model/quantity.ts'
import { labelSelector } from '../selector.ts'
import { containerResourceName } from '../pod/resources.ts'
import { dnsLabel, pathSegment } from '../text.ts'
import { amount, atMostAll } from './workloads.ts'

const groupVersion = (value: string): string | undefined =>
  value.split('/').length > 2 ? 'must be a version, or a group and a version' : undefined

const reference: Check = struct({
  kind: required(text(pathSegment)),
  name: required(text(pathSegment)),
  apiVersion: text(groupVersion),
})

/** Of the core group only ReplicationControllers scale. */
const scaleTarget: Check = struct({}, function* (node) {
  yield* reference(node)
  const [kind, version] = [textOf(get(node, 'kind')), get(node, 'apiVersion')]
  if (kind !== 'ReplicationController' && !textOf(version).includes('/'))
    yield textOf(version) === ''
      ? missing(version, 'a group and a version, as apps/v1')
      : wrong(version, 'must be a group and a version, as apps/v1')
})

function* checkReplicas(spec: Node): Iterable<ApiFault> {
  const [least, most] = [get(spec, 'minReplicas'), get(spec, 'maxReplicas')]
  const [low, high] = [numberOf(least), numberOf(most) ?? 0]
  if (low !== undefined && low < 1) yield wrong(least, 'must be at least 1')
  if (high === 0) yield missing(most, 'at least 1')
  else if (high < 0) yield wrong(most, 'must be at least 1')
  const least1 = low ?? 1
  if (high !== 0 ? high < least1 : least1 > 0) {
    if (high > 0 || (high === 0 && low !== undefined && low > 0))
      yield wrong(most, `must be at least minReplicas, which is ${least1}`)
  }
}

const positiveQuantity: Check = node => {
  const nano = isSet(node) ? readQuantity(node.value) : undefined
  return nano !== undefined && nano <= 0n ? [wrong(node, 'must be more than 0')] : NO_FAULTS
}

const TARGETS = ['Utilization', 'Value', 'AverageValue']

const target: Check = struct({ value: positiveQuantity, averageValue: positiveQuantity }, function* (node) {
  const [type, utilization] = [get(node, 'type'), get(node, 'averageUtilization')]
  if (textOf(type) === '') yield missing(type, TARGETS.join(', '))
  else if (!TARGETS.includes(textOf(type))) yield choose(type, TARGETS)
  if (isSet(utilization) && (numberOf(utilization) ?? 0) < 1) yield wrong(utilization, 'must be at least 1')
})

const metricName: Check = struct({ name: required(text(pathSegment)) })

/** Which figures of a target are needed, and which exclude each other. */
function figures(needs: readonly string[], excludes: readonly string[], namedMissing: string): Check {
  return function* (node) {
    const own = get(node, 'target')
    if (!needs.some(field => isSet(get(own, field)))) yield missing(get(own, namedMissing), needs.join(' or '))
    if (excludes.length > 0 && needs.every(field => isSet(get(own, field))))
      yield refuse(
        get(own, excludes[0] as string),
        `must not be set beside ${needs.find(field => field !== excludes[0])}`,
      )
  }
}

const SOURCES: Readonly<Record<string, Check>> = {
  object: struct(
    { describedObject: reference, metric: metricName, target },
    figures(['value', 'averageValue'], [], 'averageValue'),
  ),
  external: struct({ metric: metricName, target }, figures(['value', 'averageValue'], ['value'], 'averageValue')),
  pods: struct({ metric: metricName, target }, figures(['averageValue'], [], 'averageValue')),
  resource: struct(
    { name: required(), target },
    figures(['averageUtilization', 'averageValue'], ['averageValue'], 'averageUtilization'),
  ),
  containerResource: struct(
    { name: required(text(containerResourceName)), container: required(text(dnsLabel)), target },
    figures(['averageUtilization', 'averageValue'], ['averageValue'], 'averageUtilization'),
  ),
}

const METRIC_TYPES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

const metric: Check = struct({}, function* (node) {
  const type = get(node, 'type')
  if (textOf(type) === '') yield missing(type, Object.keys(METRIC_TYPES).join(', '))
  else if (!Object.hasOwn(METRIC_TYPES, textOf(type))) yield choose(type, Object.keys(METRIC_TYPES))
  const set = Object.keys(SOURCES).filter(field => isSet(get(node, field)))
  const first = set[0]
  if (first !== undefined) yield* (SOURCES[first] as Check)(get(node, first))
  const expected = METRIC_TYPES[textOf(type)]
  if (expected !== undefined && !isSet(get(node, expected)))
    yield missing(get(node, expected), `type ${textOf(type)} reads it`)
  if (set.length !== 1)
    for (const field of set)
      if (field !== expected) yield refuse(get(node, field), `must not be set where type is ${textOf(type)}`)
})

const policy: Check = struct({}, function* (node) {
  const [type, value, period] = [get(node, 'type'), get(node, 'value'), get(node, 'periodSeconds')]
  if (!['Pods', 'Percent'].includes(textOf(type)))
    yield isSet(type) && textOf(type) !== '' ? choose(type, ['Percent', 'Pods']) : missing(type, 'Percent or Pods')
  if ((numberOf(value) ?? 0) <= 0)
    yield isSet(value) ? wrong(value, 'must be at least 1') : missing(value, 'at least 1')
  const seconds = numberOf(period) ?? 0
  if (seconds <= 0 || seconds > 1800)
    yield isSet(period) ? wrong(period, 'must be from 1 to 1800') : missing(period, 'from 1 to 1800')
})

const scalingRules: Check = shape(
  { selectPolicy: exactlyOneOf('Disabled', 'Max', 'Min'), policies: each(policy) },
  function* (node) {
    const [window, tolerance, policies] = [
      get(node, 'stabilizationWindowSeconds'),
      get(node, 'tolerance'),
      get(node, 'policies'),
    ]
    const seconds = numberOf(window) ?? 0
    if (seconds < 0 || seconds > 3600) yield wrong(window, 'must be from 0 to 3600')
    if ((readQuantity(tolerance.value) ?? 0n) < 0n) yield wrong(tolerance, 'must not be negative')
    // Left out there is a default; an empty list is not one.
    if (Array.isArray(policies.value) && policies.value.length === 0) yield missing(policies, 'at least one')
  },
)

export const autoscaler: Check = inSpec(
  struct(
    {
      scaleTargetRef: scaleTarget,
      metrics: each(metric),
      behavior: shape({ scaleUp: scalingRules, scaleDown: scalingRules }),
    },
    checkReplicas,
  ),
)

/** The first version knows one metric, which the server names as the second does. */
const CPU_TARGET = ['spec', 'metrics', 0, 'resource', 'target', 'averageUtilization']

/** The first version of the kind. */
export const autoscalerV1: Check = inSpec(
  struct({ scaleTargetRef: scaleTarget }, checkReplicas, function* (spec) {
    const percentage = get(spec, 'targetCPUUtilizationPercentage')
    if (isSet(percentage) && (numberOf(percentage) ?? 0) < 1)
      yield { ...wrong(percentage, 'must be at least 1'), at: pathOf(percentage), fieldPath: CPU_TARGET }
  }),
)

export const disruptionBudget: Check = inSpec(
  struct(
    { selector: labelSelector, unhealthyPodEvictionPolicy: exactlyOneOf('AlwaysAllow', 'IfHealthyBudget') },
    function* (spec) {
      const [least, most] = [get(spec, 'minAvailable'), get(spec, 'maxUnavailable')]
      if (isSet(least) && isSet(most))
        yield refuseBoth(
          spec,
          [['minAvailable'], ['maxUnavailable']],
          'must have minAvailable or maxUnavailable, not both',
        )
      for (const node of [least, most]) {
        yield* amount(node)
        yield* atMostAll(node)
      }
    },
  ),
)
