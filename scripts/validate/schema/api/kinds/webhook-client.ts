// Where the API server calls out to: a URL, or a Service of the cluster. Source: apiserver's util/webhook.

import { type ApiFault, missing, refuse, wrong } from '../fault.ts'
import { get, isSet, type Node, numberOf, pathOf, textOf } from '../node.ts'
import { dnsSubdomain } from '../text.ts'

/** Exactly one of `url` and `service`. */
export function* checkWebhookClient(client: Node): Iterable<ApiFault> {
  const [url, service] = [get(client, 'url'), get(client, 'service')]
  if (isSet(url) === isSet(service)) {
    yield missing(client, 'exactly one of url and service')
    return
  }
  if (isSet(url)) yield* checkUrl(url)
  else yield* checkService(service)
}

function* checkUrl(node: Node): Iterable<ApiFault> {
  let url: URL
  try {
    if (/\s/.test(textOf(node))) throw new TypeError('a space')
    url = new URL(textOf(node))
  } catch {
    yield wrong(node, 'must be a URL such as https://host.example.com/path')
    return
  }
  if (url.protocol !== 'https:') yield wrong(node, 'must start with https://')
  if (url.hostname === '') yield wrong(node, 'must have a host')
  if (url.username !== '' || url.password !== '') yield refuse(node, 'must not have a user')
  if (url.hash !== '') yield refuse(node, 'must not have a fragment')
  if (url.search !== '') yield refuse(node, 'must not have a query')
}

const SWAPPED = [
  ['name', 'namespace'],
  ['namespace', 'name'],
] as const

function* checkService(service: Node): Iterable<ApiFault> {
  // The server takes one for the other in the names that it gives.
  for (const [field, other] of SWAPPED) {
    const node = get(service, field)
    if (textOf(node) === '') yield { ...missing(node), at: pathOf(node), fieldPath: [...pathOf(service), other] }
  }
  const port = get(service, 'port')
  const number = numberOf(port) ?? 443
  if (number < 1 || number > 65535) yield wrong(port, 'must be from 1 to 65535')
  const path = get(service, 'path')
  const text = textOf(path)
  if (text === '' || text === '/') return
  if (!text.startsWith('/')) yield wrong(path, 'must start with "/"')
  else if (text.includes('//')) yield wrong(path, 'must not have "//"')
  else {
    for (const segment of text.slice(1).split('/')) {
      if (segment === '' && text.endsWith('/')) continue
      const problem = dnsSubdomain(segment)
      if (problem !== undefined) {
        yield wrong(path, 'must have segments of lower-case letters, digits, "-" and "."')
        break
      }
    }
  }
}
