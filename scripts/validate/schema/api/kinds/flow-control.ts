// How requests to the API server are queued. Source: flowcontrol.apiserver.k8s.io/v1.

import { atLeast, each, range, required, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, wrong } from '../fault.ts'
import { get, isEmpty, isSet, isTrue, itemsOf, lengthOf, type Node, numberOf, textOf, textsOf } from '../node.ts'
import { dnsLabel, dnsSubdomain } from '../text.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const SUBJECTS = ['Group', 'ServiceAccount', 'User']
const MAX_PRECEDENCE = 10_000

function* checkVerbs(list: Node): Iterable<ApiFault> {
  if (isEmpty(list)) yield missing(list, 'at least one')
  else if (textsOf(list).includes('*')) {
    if (lengthOf(list) > 1) yield refuse(list, 'must have nothing beside "*"')
  } else {
    const unknown = itemsOf(list).find(item => !VERBS.includes(textOf(item)))
    if (unknown) yield choose(unknown, VERBS, list)
  }
}

function* checkStar(list: Node): Iterable<ApiFault> {
  if (isEmpty(list)) yield missing(list, 'at least one')
  else if (lengthOf(list) > 1 && textsOf(list).includes('*')) yield refuse(list, 'must have nothing beside "*"')
}

const urlPath = (value: string): string | undefined => {
  if (value === '') return 'must not be empty'
  if (value === '/') return undefined
  if (!value.startsWith('/')) return 'must start with "/"'
  if (value.includes(' ')) return 'must not have a space'
  if (value.includes('//')) return 'must not have "//"'
  const stars = value.split('*').length - 1
  return stars > 1 || (stars === 1 && !value.endsWith('/*')) ? 'may have "*" as its last part only' : undefined
}

const nonResourceRule: Check = struct({ verbs: checkVerbs }, function* (node) {
  const urls = get(node, 'nonResourceURLs')
  yield* checkStar(urls)
  if (textsOf(urls).includes('*')) return
  for (const item of itemsOf(urls)) {
    const problem = urlPath(textOf(item))
    if (problem !== undefined) yield wrong(item, problem)
  }
})

const resourceRule: Check = struct({ verbs: checkVerbs, apiGroups: checkStar, resources: checkStar }, function* (node) {
  const namespaces = get(node, 'namespaces')
  if (isEmpty(namespaces)) {
    if (!isTrue(get(node, 'clusterScope'))) yield missing(namespaces, 'at least one, or clusterScope: true')
  } else if (textsOf(namespaces).includes('*')) {
    if (lengthOf(namespaces) > 1) yield refuse(namespaces, 'must have nothing beside "*"')
  } else {
    for (const item of itemsOf(namespaces)) {
      const problem = dnsLabel(textOf(item))
      if (problem !== undefined) yield wrong(item, problem)
    }
  }
})

const FIELDS: Readonly<Record<string, string>> = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' }

const subject: Check = struct({}, function* (node) {
  const kind = textOf(get(node, 'kind'))
  const own = Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined
  if (own === undefined) {
    yield kind === '' ? missing(get(node, 'kind'), SUBJECTS.join(', ')) : choose(get(node, 'kind'), SUBJECTS)
    return
  }
  const value = get(node, own)
  if (!isSet(value)) yield missing(value, `kind ${kind} is described by it`)
  else {
    const name = get(value, 'name')
    if (textOf(name) === '') yield missing(name)
    else if (own === 'serviceAccount' && textOf(name) !== '*') yield* text(dnsSubdomain)(name)
    if (own === 'serviceAccount') yield* required(text(dnsLabel))(get(value, 'namespace'))
  }
  for (const field of Object.values(FIELDS))
    if (field !== own && isSet(get(node, field)))
      yield refuse(get(node, field), `must not be set where kind is ${kind}`)
})

export const flowSchema: Check = function* (object) {
  const spec = get(object, 'spec')
  const precedence = get(spec, 'matchingPrecedence')
  const value = numberOf(precedence) ?? (isSet(precedence) ? 0 : 1000)
  // Left out, or 0, it is 1000.
  if (value < 0 || value > MAX_PRECEDENCE) yield wrong(precedence, `must be from 1 to ${MAX_PRECEDENCE}`)
  if (value === 1 && textOf(get(object, 'metadata', 'name')) !== 'exempt')
    yield wrong(precedence, 'must be more than 1, which is for the schema named exempt')
  const method = get(spec, 'distinguisherMethod')
  if (isSet(method) && !['ByNamespace', 'ByUser'].includes(textOf(get(method, 'type'))))
    yield choose(get(method, 'type'), ['ByNamespace', 'ByUser'])
  yield* required(text(dnsSubdomain))(get(spec, 'priorityLevelConfiguration', 'name'))
  yield* each(
    struct(
      { subjects: each(subject), resourceRules: each(resourceRule), nonResourceRules: each(nonResourceRule) },
      function* (rule) {
        if (isEmpty(get(rule, 'subjects'))) yield missing(get(rule, 'subjects'), 'at least one')
        if (isEmpty(get(rule, 'resourceRules')) && isEmpty(get(rule, 'nonResourceRules')))
          yield missing(rule, 'resourceRules or nonResourceRules')
      },
    ),
  )(get(spec, 'rules'))
}

/** The bits that dealing a hand of a deck takes; more than 60 cannot be dealt. */
function entropyOf(deck: number, hand: number): number {
  let count = 1
  for (let index = 0; index < hand; index++) count *= deck - index
  return Math.ceil(Math.log2(count))
}

function* checkQueuing(node: Node): Iterable<ApiFault> {
  const [length, queues, hand] = ['queueLengthLimit', 'queues', 'handSize'].map(field => get(node, field)) as [
    Node,
    Node,
    Node,
  ]
  // Left out, or 0, they are 50, 64 and 8.
  if ((numberOf(length) ?? 0) < 0) yield wrong(length, 'must be at least 1')
  const deck = numberOf(queues) || 64
  const dealt = numberOf(hand) || 8
  if (deck < 0) yield wrong(queues, 'must be at least 1')
  else if (deck > 10_000_000) yield wrong(queues, 'must be at most 10000000')
  if (dealt < 0) yield wrong(hand, 'must be at least 1')
  else if (dealt > deck) yield wrong(hand, `must be at most queues, which is ${deck}`)
  else if (deck > 0 && entropyOf(deck, dealt) > 60)
    yield wrong(hand, 'must be smaller: so many hands of so many queues cannot be told apart')
}

const percent = range(0, 100)

const limited: Check = struct(
  { nominalConcurrencyShares: atLeast(0), lendablePercent: percent, borrowingLimitPercent: atLeast(0) },
  function* (node) {
    const response = get(node, 'limitResponse')
    const [type, queuing] = [get(response, 'type'), get(response, 'queuing')]
    if (textOf(type) === '') yield missing(type, 'Queue or Reject')
    else if (textOf(type) === 'Reject') {
      if (isSet(queuing)) yield refuse(queuing, 'must not be set where type is Reject')
    } else if (textOf(type) === 'Queue') {
      if (isSet(queuing)) yield* checkQueuing(queuing)
      else yield missing(queuing, 'type Queue needs it')
    } else yield choose(type, ['Queue', 'Reject'])
  },
)

export const priorityLevel: Check = function* (object) {
  const spec = get(object, 'spec')
  const [type, own, exempt] = [get(spec, 'type'), get(spec, 'limited'), get(spec, 'exempt')]
  const isExempt = textOf(get(object, 'metadata', 'name')) === 'exempt'
  if (isExempt !== (textOf(type) === 'Exempt'))
    yield refuse(type, 'must be Exempt for the level named exempt, and for no other')
  if (textOf(type) === '') yield missing(type, 'Exempt or Limited')
  else if (textOf(type) === 'Exempt') {
    if (isSet(own)) yield refuse(own, 'must not be set where type is Exempt')
    if (isSet(exempt)) yield* struct({ nominalConcurrencyShares: atLeast(0), lendablePercent: percent })(exempt)
  } else if (textOf(type) === 'Limited') {
    if (isSet(exempt)) yield refuse(exempt, 'must not be set where type is Limited')
    if (isSet(own)) yield* limited(own)
    else yield missing(own, 'type Limited needs it')
  } else yield choose(type, ['Exempt', 'Limited'])
}
