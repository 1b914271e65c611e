// Workloads that keep pods running. Source: Deployment, StatefulSet, DaemonSet and ReplicaSet of apps/v1,
// ReplicationController and PodTemplate of core/v1.

import { anyText, each, nonNegative, oneOf, shape, struct, text, inSpec } from '../check.ts'
import { type ApiFault, asSelectorFault, type Check, choose, missing, NO_FAULTS, refuse, wrong } from '../fault.ts'
import { get, isEmpty, isSet, itemsOf, type Node, numberOf, textOf, without } from '../node.ts'
import { checkPodTemplate } from '../pod/spec.ts'
import { checkWorkloadSelector, matchesPairs } from '../selector.ts'
import { dnsLabel, percentage } from '../text.ts'
import { claimTemplateSpec } from './claim.ts'

/** An integer from 0, or a percentage. */
export const amount: Check = node => {
  if (typeof node.value === 'string') return anyText(percentage)(node)
  return nonNegative(node)
}

const percentOf = ({ value }: Node): number | undefined =>
  typeof value === 'string' && /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined

/** What is not a percentage and not a number counts as its digits, and those of a word as 0. */
const sizeOf = (node: Node, fallback: number): number => {
  if (!isSet(node)) return fallback
  return percentOf(node) ?? numberOf(node) ?? (/^[+-]?\d+$/.test(textOf(node)) ? Number(textOf(node)) : 0)
}

export const atMostAll: Check = node =>
  (percentOf(node) ?? 0) > 100 ? [wrong(node, 'must be at most 100%')] : NO_FAULTS

const deploymentStrategy: Check = function* (node) {
  const [type, rolling] = [get(node, 'type'), get(node, 'rollingUpdate')]
  if (textOf(type) === 'Recreate') {
    if (isSet(rolling)) yield refuse(rolling, 'must not be set beside type Recreate, which stops all pods first')
    return
  }
  if (textOf(type) !== '' && textOf(type) !== 'RollingUpdate') {
    yield choose(type, ['RollingUpdate', 'Recreate'], node)
    return
  }
  const [unavailable, surge] = [get(rolling, 'maxUnavailable'), get(rolling, 'maxSurge')]
  yield* amount(unavailable)
  yield* amount(surge)
  if (sizeOf(unavailable, 25) === 0 && sizeOf(surge, 25) === 0)
    yield refuse(unavailable, 'and maxSurge must not both be 0: no pod could be replaced')
  yield* atMostAll(unavailable)
}

const daemonStrategy: Check = function* (node) {
  const [type, rolling] = [get(node, 'type'), get(node, 'rollingUpdate')]
  if (textOf(type) === 'OnDelete') return
  if (textOf(type) !== '' && textOf(type) !== 'RollingUpdate') {
    yield choose(type, ['RollingUpdate', 'OnDelete'], node)
    return
  }
  const [unavailable, surge] = [get(rolling, 'maxUnavailable'), get(rolling, 'maxSurge')]
  yield* amount(unavailable)
  yield* amount(surge)
  yield* atMostAll(unavailable)
  yield* atMostAll(surge)
  const [hasUnavailable, hasSurge] = [sizeOf(unavailable, 1) !== 0, sizeOf(surge, 0) !== 0]
  if (hasUnavailable && hasSurge) yield refuse(surge, 'must be 0 unless maxUnavailable is 0')
  if (!hasUnavailable && !hasSurge) yield missing(unavailable, 'more than 0 where maxSurge is 0')
}

const statefulStrategy: Check = function* (node) {
  const [type, rolling] = [get(node, 'type'), get(node, 'rollingUpdate')]
  if (textOf(type) === 'OnDelete') {
    if (isSet(rolling)) yield refuse(rolling, 'must not be set beside type OnDelete')
    return
  }
  if (textOf(type) !== '' && textOf(type) !== 'RollingUpdate') {
    yield choose(type, ['RollingUpdate', 'OnDelete'], node)
    return
  }
  yield* nonNegative(get(rolling, 'partition'))
}

/** Pods of a workload that keeps them running restart, and run without an end. */
function* checkEndless(template: Node): Iterable<ApiFault> {
  const [policy, deadline] = [get(template, 'spec', 'restartPolicy'), get(template, 'spec', 'activeDeadlineSeconds')]
  if (textOf(policy) !== '' && textOf(policy) !== 'Always') yield choose(policy, ['Always'])
  if (isSet(deadline)) yield refuse(deadline, 'must not be set: the pods of this kind run without an end')
}

const replicaFields = { replicas: nonNegative, minReadySeconds: nonNegative }

const DEFAULT_DEADLINE = 600

export const deployment: Check = inSpec(
  struct(
    {
      ...replicaFields,
      revisionHistoryLimit: nonNegative,
      progressDeadlineSeconds: nonNegative,
      strategy: deploymentStrategy,
    },
    function* (spec) {
      yield* checkWorkloadSelector(spec)
      yield* checkPodTemplate(get(spec, 'template'))
      yield* checkEndless(get(spec, 'template'))
      const deadline = get(spec, 'progressDeadlineSeconds')
      const least = numberOf(get(spec, 'minReadySeconds')) ?? 0
      if ((numberOf(deadline) ?? DEFAULT_DEADLINE) <= least)
        yield wrong(deadline, `must be more than minReadySeconds, which is ${least}`)
    },
  ),
)

export const replicaSet: Check = inSpec(
  struct(replicaFields, function* (spec) {
    yield* checkWorkloadSelector(spec)
    yield* checkPodTemplate(get(spec, 'template'))
    yield* checkEndless(get(spec, 'template'))
  }),
)

export const daemonSet: Check = inSpec(
  struct(
    { minReadySeconds: nonNegative, revisionHistoryLimit: nonNegative, updateStrategy: daemonStrategy },
    function* (spec) {
      yield* checkWorkloadSelector(spec, 'mismatch')
      yield* checkPodTemplate(get(spec, 'template'))
      yield* checkEndless(get(spec, 'template'))
    },
  ),
)

const RETENTION = oneOf('Retain', 'Delete')

export const statefulSet: Check = inSpec(
  struct(
    {
      ...replicaFields,
      revisionHistoryLimit: nonNegative,
      podManagementPolicy: oneOf('OrderedReady', 'Parallel'),
      updateStrategy: statefulStrategy,
      persistentVolumeClaimRetentionPolicy: shape({ whenDeleted: RETENTION, whenScaled: RETENTION }),
      volumeClaimTemplates: each(struct({ spec: claimTemplateSpec })),
      serviceName: text(dnsLabel),
    },
    function* (spec) {
      const start = get(spec, 'ordinals', 'start')
      if ((numberOf(start) ?? 0) < 0)
        yield wrong(start, 'must be at least 0', { value: undefined, up: spec, key: 'ordinals.start' })
      yield* checkWorkloadSelector(spec)
      const template = get(spec, 'template')
      const claims = itemsOf(get(spec, 'volumeClaimTemplates'))
      // The controller names the pods, whatever is written.
      yield* checkPodTemplate(
        without(template, ['spec', 'hostname'], ['spec', 'subdomain']),
        new Map(claims.map(claim => [textOf(get(claim, 'metadata', 'name')), asVolume(claim)])),
      )
      yield* checkEndless(template)
    },
  ),
)

/** What a claim template is to the containers: a volume of type persistentVolumeClaim. */
function asVolume(claim: Node): Node {
  return { ...claim, value: { persistentVolumeClaim: { claimName: textOf(get(claim, 'metadata', 'name')) } } }
}

export const replicationController: Check = inSpec(
  struct(replicaFields, function* (spec) {
    const [selector, template] = [get(spec, 'selector'), get(spec, 'template')]
    const podLabels = get(template, 'metadata', 'labels')
    // Left out, it is the labels of the template.
    if (isEmpty(selector) && isEmpty(podLabels)) yield missing(selector)
    if (!isSet(template)) yield missing(template)
    else {
      if (!isEmpty(selector) && !matchesPairs(selector, podLabels))
        yield asSelectorFault(refuse(podLabels, 'must have the labels that spec.selector asks for'))
      yield* checkPodTemplate(template)
      yield* checkEndless(template)
    }
  }),
)

export const podTemplate: Check = object => checkPodTemplate(get(object, 'template'))

export const controllerRevision: Check = function* (object) {
  const revision = get(object, 'revision')
  yield* nonNegative(revision)
  const data = get(object, 'data')
  if (!isSet(data) || typeof data.value !== 'object' || Array.isArray(data.value)) yield missing(data, 'a mapping')
}
