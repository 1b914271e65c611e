// Work that ends, once or by a schedule. Source: Job and CronJob of batch/v1.

import {
  all,
  anyText,
  duplicates,
  each,
  exactlyOneOf,
  ifSet,
  mustBeOneOf,
  nonNegative,
  oneOf,
  required,
  shape,
  struct,
  text,
} from '../check.ts'
import { type ApiFault, asSelectorFault, type Check, choose, missing, NO_FAULTS, refuse, wrong } from '../fault.ts'
import { bytesOf, get, isEmpty, isSet, isTrue, itemsOf, lengthOf, type Node, numberOf, textOf } from '../node.ts'
import { schedule, timeZone } from '../cron.ts'
import { listContainers } from '../pod/containers.ts'
import { checkPodTemplate } from '../pod/spec.ts'
import { isEmptySelector, isReadable, labelSelector, matches } from '../selector.ts'
import { dnsLabel, domainPrefixedPath, qualifiedName } from '../text.ts'

const MANY = 100_000
const FEW = 10_000
const FAILURE_ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const STATUSES = oneOf('False', 'True', 'Unknown')

const exitCodes = (names: readonly string[]): Check =>
  shape({ operator: mustBeOneOf('In', 'NotIn') }, function* (node) {
    const [container, values] = [get(node, 'containerName'), get(node, 'values')]
    if (isSet(container) && !names.includes(textOf(container))) yield choose(container, names)
    if (isEmpty(values)) yield missing(values, 'at least one')
    if (lengthOf(values) > 255) yield refuse(values, 'must have at most 255 items')
    const items = itemsOf(values)
    for (const value of items)
      if (textOf(get(node, 'operator')) === 'In' && (numberOf(value) ?? 0) === 0)
        yield wrong(value, 'must not be 0, which is success')
    yield* duplicates(
      items,
      value => String(numberOf(value) ?? 0),
      value => wrong(value, 'is a duplicate'),
    )
    if (items.some((value, index) => index > 0 && (numberOf(items[index - 1] as Node) ?? 0) > (numberOf(value) ?? 0)))
      yield refuse(values, 'must be in ascending order')
  })

const conditions: Check = function* (list) {
  if (lengthOf(list) > 20) yield refuse(list, 'must have at most 20 items')
  yield* each(struct({ type: node => anyText(qualifiedName)({ ...node, value: textOf(node) }), status: STATUSES }))(
    list,
  )
}

function* checkFailurePolicy(spec: Node): Iterable<ApiFault> {
  const policy = get(spec, 'podFailurePolicy')
  if (!isSet(policy)) return
  const rules = get(policy, 'rules')
  const names = listContainers(get(spec, 'template', 'spec')).map(container => textOf(get(container, 'name')))
  if (lengthOf(rules) > 20) yield refuse(rules, 'must have at most 20 items')
  for (const rule of itemsOf(rules)) {
    const [action, codes, onConditions] = [get(rule, 'action'), get(rule, 'onExitCodes'), get(rule, 'onPodConditions')]
    if (textOf(action) === 'FailIndex') {
      if (!isSet(get(spec, 'backoffLimitPerIndex')))
        yield refuse(action, 'must not be FailIndex without backoffLimitPerIndex')
    } else yield* mustBeOneOf(...FAILURE_ACTIONS)(action)
    yield* exitCodes(names)(codes)
    yield* conditions(onConditions)
    if (isSet(codes) && lengthOf(onConditions) > 0)
      yield refuse(rule, 'must have onExitCodes or onPodConditions, not both')
    if (!isSet(codes) && lengthOf(onConditions) === 0) yield refuse(rule, 'must have onExitCodes or onPodConditions')
  }
}

/** How many indexes `1,3-5` has; a text where it is wrong. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let count = 0
  for (const part of text.split(',')) {
    const bounds = part.split('-')
    if (bounds.length > 2 || !bounds.every(bound => /^\d{1,10}$/.test(bound)))
      return 'must be indexes and ranges, as 1,3-5'
    const [first = 0, end = first] = bounds.map(Number)
    if (first >= completions || end >= completions) return `must have indexes below the ${completions} completions`
    if (first <= last || end < first || (bounds.length === 2 && end <= first))
      return 'must be in ascending order, each index once'
    count += end - first + 1
    last = end
  }
  return count
}

function* checkSuccessPolicy(spec: Node): Iterable<ApiFault> {
  const policy = get(spec, 'successPolicy')
  if (!isSet(policy)) return
  if (textOf(get(spec, 'completionMode')) !== 'Indexed') {
    yield refuse(policy, 'must not be set unless completionMode is Indexed')
    return
  }
  const completions = numberOf(get(spec, 'completions')) ?? 0
  const rules = get(policy, 'rules')
  if (isEmpty(rules)) yield missing(rules, 'at least one')
  if (lengthOf(rules) > 20) yield refuse(rules, 'must have at most 20 items')
  for (const rule of itemsOf(rules)) {
    const [count, indexes] = [get(rule, 'succeededCount'), get(rule, 'succeededIndexes')]
    if (!isSet(count) && !isSet(indexes)) yield missing(rule, 'succeededCount or succeededIndexes')
    let known: number | undefined
    if (typeof indexes.value === 'string') {
      const read = countIndexes(indexes.value, completions)
      if (typeof read === 'string') yield wrong(indexes, read)
      else known = read
      if (bytesOf(indexes.value) > 65536) yield refuse(indexes, 'must have at most 64 KiB')
    }
    const wanted = numberOf(count)
    if (wanted === undefined) continue
    yield* nonNegative(count)
    if (wanted > completions) yield wrong(count, `must be at most the ${completions} completions`)
    if (isSet(indexes) && wanted > (known ?? 0)) yield wrong(count, `must be at most the ${known ?? 0} indexes`)
  }
}

function* checkMode(spec: Node): Iterable<ApiFault> {
  const [mode, completions, parallelism] = [
    get(spec, 'completionMode'),
    get(spec, 'completions'),
    get(spec, 'parallelism'),
  ]
  const [perIndex, failed] = [get(spec, 'backoffLimitPerIndex'), get(spec, 'maxFailedIndexes')]
  const isIndexed = textOf(mode) === 'Indexed'
  const [all, most, bad] = [numberOf(completions) ?? 0, numberOf(parallelism) ?? 0, numberOf(failed) ?? 0]
  if (isSet(failed) && !isSet(perIndex)) yield missing(perIndex, 'maxFailedIndexes needs it')
  if (isIndexed) {
    // Where both are left out they are 1.
    if (!isSet(completions) && isSet(parallelism)) yield missing(completions, 'completionMode Indexed counts to it')
    if (most > MANY) yield wrong(parallelism, `must be at most ${MANY} where completionMode is Indexed`)
    const count = isSet(completions) ? all : isSet(parallelism) ? undefined : 1
    if (count !== undefined && bad > count) yield wrong(failed, 'must be at most completions')
    if (bad > MANY) yield wrong(failed, `must be at most ${MANY}`)
    if (all > MANY && isSet(perIndex)) {
      if (!isSet(failed)) yield missing(failed, `more than ${MANY} completions need it`)
      if (most > FEW) yield wrong(parallelism, `must be at most ${FEW} where there are more than ${MANY} completions`)
      if (bad > FEW) yield wrong(failed, `must be at most ${FEW} where there are more than ${MANY} completions`)
    }
  } else if (!isSet(mode) || textOf(mode) === 'NonIndexed') {
    for (const node of [perIndex, failed])
      if (isSet(node)) yield refuse(node, 'must not be set unless completionMode is Indexed')
  }
}

const LIMITS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]

const jobFields: Check = struct(
  {
    ...Object.fromEntries(LIMITS.map(field => [field, nonNegative])),
    managedBy: all(
      ifSet(node => (textOf(node) === '' ? [missing(node)] : anyText(domainPrefixedPath)(node))),
      node => (bytesOf(textOf(node)) > 63 ? [refuse(node, 'must have at most 63 bytes')] : NO_FAULTS),
    ),
    completionMode: exactlyOneOf('NonIndexed', 'Indexed'),
  },
  checkMode,
  checkFailurePolicy,
  checkSuccessPolicy,
  function* (spec) {
    const replacement = get(spec, 'podReplacementPolicy')
    yield* exactlyOneOf(...(isSet(get(spec, 'podFailurePolicy')) ? ['Failed'] : ['Failed', 'TerminatingOrFailed']))(
      replacement,
    )
    const template = get(spec, 'template')
    yield* checkPodTemplate(template)
    const policy = get(template, 'spec', 'restartPolicy')
    const text = textOf(policy)
    if (text === '' || text === 'Always')
      yield isSet(policy) && text !== ''
        ? choose(policy, ['OnFailure', 'Never'])
        : missing(policy, 'OnFailure or Never: a job ends')
    else if (!['OnFailure', 'Never'].includes(text)) yield choose(policy, ['OnFailure', 'Never'])
    else if (text !== 'Never' && isSet(get(spec, 'podFailurePolicy')))
      yield wrong(policy, 'must be Never beside podFailurePolicy')
  },
)

const OWN_LABELS = ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']

export const job: Check = function* (object) {
  const spec = get(object, 'spec')
  yield* jobFields(spec)
  const selector = get(spec, 'selector')
  const podLabels = get(spec, 'template', 'metadata', 'labels')
  if (isTrue(get(spec, 'manualSelector'))) {
    if (!isSet(selector)) yield missing(selector, 'manualSelector asks for it')
    else {
      yield* labelSelector(selector)
      if (isReadable(selector) && !matches(selector, podLabels))
        yield asSelectorFault(refuse(podLabels, 'must have the labels that spec.selector asks for'))
    }
  } else yield* checkGeneratedSelector(object)
  const completions = numberOf(get(spec, 'completions')) ?? 0
  const name = get(object, 'metadata', 'name')
  if (textOf(get(spec, 'completionMode')) === 'Indexed' && completions > 0 && textOf(name) !== '') {
    const problem = dnsLabel(`${textOf(name)}-${completions - 1}`)
    if (problem !== undefined)
      yield refuse(name, `makes the pod ${textOf(name)}-${completions - 1}, whose host name ${problem}`)
  }
}

/** The server makes the selector of a uid that nobody knows before. */
function* checkGeneratedSelector(object: Node): Iterable<ApiFault> {
  const spec = get(object, 'spec')
  const selector = get(spec, 'selector')
  const podLabels = get(spec, 'template', 'metadata', 'labels')
  if (isSet(selector)) {
    yield* labelSelector(selector)
    if (!isEmptySelector(selector))
      yield refuse(selector, 'must not be set: the API server makes it, unless manualSelector is true')
  }
  for (const key of OWN_LABELS) {
    const label = get(podLabels, key)
    const isName = key.endsWith('job-name') && label.value === get(object, 'metadata', 'name').value
    if (isSet(label) && !isName) yield refuse(label, 'must not be set: the API server makes it')
  }
}

export const cronJob: Check = function* (object) {
  yield* struct({
    schedule: required(text(schedule)),
    timeZone: anyText(timeZone),
    startingDeadlineSeconds: nonNegative,
    successfulJobsHistoryLimit: nonNegative,
    failedJobsHistoryLimit: nonNegative,
    concurrencyPolicy: oneOf('Allow', 'Forbid', 'Replace'),
  })(get(object, 'spec'))
  const name = get(object, 'metadata', 'name')
  if (bytesOf(textOf(name)) > 52)
    yield refuse(name, 'must have at most 52 bytes: the names of its jobs are longer by 11')
  const jobSpec = get(object, 'spec', 'jobTemplate', 'spec')
  yield* jobFields(jobSpec)
  const selector = get(jobSpec, 'selector')
  if (isTrue(get(jobSpec, 'manualSelector')))
    yield refuse(get(jobSpec, 'manualSelector'), 'must not be true in a CronJob')
  if (isSet(selector)) yield refuse(selector, 'must not be set: the API server makes it')
}
