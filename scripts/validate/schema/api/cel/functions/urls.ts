// URLs as Go reads them. Source: k8s.io/apiserver/pkg/cel/library (urls), Go's net/url (ParseRequestURI, Parse).
import type { Library } from './library.ts'

class Url {
  readonly scheme: string = ''
  /** With its port. */
  readonly host: string = ''
  readonly path: string = ''
  readonly query: string = ''
  constructor(parts: Partial<Url>) {
    Object.assign(this, parts)
  }
}

const refuse = (why: string): never => {
  throw new Error(`is not a URL: ${why}`)
}

/** What the bytes behind "%" say; throws for those that are none. */
function decode(text: string, isForm = false): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) refuse('a % without two digits')
  const plain = isForm ? text.replaceAll('+', ' ') : text
  try {
    return decodeURIComponent(plain)
  } catch {
    // Bytes that are no UTF-8 are bytes all the same.
    return plain.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
}

function readScheme(text: string): readonly [scheme: string, rest: string] {
  if (text.startsWith(':')) return refuse('no scheme before ":"')
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text) ?? []
  return scheme === undefined || rest === undefined ? ['', text] : [scheme.toLowerCase(), rest]
}

function readAuthority(text: string): string {
  const at = text.lastIndexOf('@')
  const user = text.slice(0, Math.max(at, 0))
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) refuse('its user')
  decode(user)
  return readHost(text.slice(at + 1))
}

function readHost(host: string): string {
  const bracket = host.lastIndexOf(']')
  if (host.startsWith('[') && bracket < 0) refuse('a "[" without "]"')
  const port = host.startsWith('[')
    ? host.slice(bracket + 1)
    : /:.*$/.exec(host.slice(Math.max(0, host.lastIndexOf(':'))))?.[0]
  if (!/^(?::\d*)?$/.test(port ?? '')) refuse('its port')
  // ASCII is written as it is there, and "%" is for other letters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is allowed
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[^\x00-\x7f]|%[89A-Fa-f][0-9A-Fa-f]|%25)*$/.test(host))
    refuse('its host')
  return decode(host)
}

/** `isRequest`: as the server tests it first, absolute and with no fragment told apart. */
function parse(text: string, isRequest: boolean): Url {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
  if (/[\x00-\x1f\x7f]/.test(text)) return refuse('a control character')
  if (text === '' && isRequest) return refuse('it is empty')
  if (text === '*') return new Url({ path: '*' })
  const [scheme, rest] = readScheme(text)
  const cut = rest.indexOf('?')
  const [before, query] = cut < 0 ? [rest, ''] : [rest.slice(0, cut), rest.slice(cut + 1)]
  if (!before.startsWith('/')) {
    if (scheme !== '') return new Url({ scheme, query })
    if (isRequest) return refuse('it is relative')
  }
  const hasAuthority = (scheme !== '' || (!isRequest && !before.startsWith('///'))) && before.startsWith('//')
  const end = before.indexOf('/', 2)
  const [authority, path] = !hasAuthority
    ? ['', before]
    : end < 0
      ? [before.slice(2), '']
      : [before.slice(2, end), before.slice(end)]
  decode(path)
  return new Url({ scheme, query, path, host: readAuthority(authority) })
}

function toUrl(text: string): Url {
  parse(text, true)
  const [main = '', ...fragment] = text.split('#')
  decode(fragment.join('#'))
  return parse(main, false)
}

function isUrl(text: string): boolean {
  try {
    parse(text, true)
    return true
  } catch {
    return false
  }
}

/** As it is written, where that is a path of a URL; else what is not one is escaped. */
function escapePath(path: string): string {
  if (path === '*' || /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/]|%[0-9A-Fa-f]{2})*$/.test(path)) return path
  const bytes = new TextEncoder().encode(decode(path))
  return Array.from(bytes, byte => {
    const letter = String.fromCharCode(byte)
    return /[A-Za-z0-9\-._~$&+,/:;=@]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

function readQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';') || /%(?![0-9A-Fa-f]{2})/.test(pair)) continue
    const [key = '', ...value] = pair.split('=')
    const name = decode(key, true)
    found.set(name, [...(found.get(name) ?? []), decode(value.join('='), true)])
  }
  return found
}

const hostnameOf = ({ host }: Url): string => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
const portOf = ({ host }: Url): string => /:(\d*)$/.exec(host)?.[1] ?? ''

export function addUrls({ environment, add }: Library): void {
  const own = 'kubernetes.URL'
  environment.registerType(own, Url)
  add(`url(string): ${own}`, toUrl)
  add('isURL(string): bool', isUrl)
  add(`${own}.getScheme(): string`, ({ scheme }: Url) => scheme)
  add(`${own}.getHost(): string`, ({ host }: Url) => host)
  add(`${own}.getHostname(): string`, hostnameOf)
  add(`${own}.getPort(): string`, portOf)
  add(`${own}.getEscapedPath(): string`, ({ path }: Url) => escapePath(path))
  add(`${own}.getQuery(): map<string, list<string>>`, ({ query }: Url) => readQuery(query))
}

export { isUrl }
