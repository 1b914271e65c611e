// Webhooks that the API server asks before it takes an object. Source: admissionregistration.k8s.io/v1.
import { anyText, duplicates, each, exactlyOneOf, range, required, struct, text } from '../../check.ts'
import { type Check, missing, refuse, wrong } from '../../fault.ts'
import { get, isEmpty, isSet, itemsOf, textOf, textsOf } from '../../node.ts'
import { labelSelector } from '../../selector.ts'
import { dns1035Label, fullDomain } from '../../text.ts'
import { checkWebhookClient } from '../webhook-client.ts'
import { failurePolicy, matchConditions, matchPolicy, OPERATIONS, rule, WITH_AUTHORIZER } from './match.ts'

const REVIEWS = ['v1', 'v1beta1']

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
