// Asks a registry whether an image is there and whether a signature stands beside it, before anybody runs it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../command/problem.ts'
import { stringAt } from '../../tree/model/build.ts'
import type { ImageReference } from '../../tree/model/image-reference.ts'
import { showReference } from '../../tree/model/image-reference.ts'

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const INDEX = 'application/vnd.oci.image.index.v1+json'
const PATIENCE = 20_000
/** Of an answer: a list of referrers, a token. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_PAGES = 20

/** What `docker login` wrote down for a host, and for no other one; undefined: nobody has logged in. */
export function readCredentials(host: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folder = environment.DOCKER_CONFIG ?? join(environment.HOME ?? '', '.docker')
  try {
    const config: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    const key = host === DOCKER_HUB ? 'https://index.docker.io/v1/' : host
    return stringAt(config, ['auths', key, 'auth'])
  } catch {
    return undefined
  }
}

const DOCKER_HUB = 'registry-1.docker.io'

/**
 * Throws a Problem where the image is not in its registry, is another one than its digest says, or has no signature.
 * A signature is what cosign makes: a tag `sha256-DIGEST.sig`, or an artifact that refers to the image. Who signed is for
 * `cosign verify` to say.
 */
export async function verifyImage(
  reference: ImageReference,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const { host, origin, name } = locate(reference.repository)
  const auth = readCredentials(host, environment)
  const ask = createAsk(origin, name, auth && `Basic ${auth}`, signal)
  const shown = showReference(reference)
  const wanted = reference.digest ?? reference.tag ?? 'latest'
  const manifest = await ask('HEAD', `manifests/${wanted}`, MANIFESTS)
  if (manifest.status === 404) throw new Problem(`${shown} is not in its registry, ${origin}`)
  requireAnswer(manifest, `${origin} does not say whether it has ${shown}`, host)
  const digest = reference.digest ?? manifest.headers.get('docker-content-digest') ?? (await findDigest(ask, wanted))
  if (reference.tag && reference.digest) {
    const tagged = await ask('HEAD', `manifests/${reference.tag}`, MANIFESTS)
    const actual = tagged.headers.get('docker-content-digest')
    if (tagged.ok && actual && actual !== reference.digest) {
      throw new Problem(
        `the tag ${reference.tag} is ${actual.slice(0, 19)} in the registry, not ${reference.digest.slice(0, 19)}`,
      )
    }
  }
  if (!/^sha256:[a-f0-9]{64}$/.test(digest)) throw new Problem(`${origin} does not say the digest of ${shown}`)
  if (await isSigned(ask, digest, origin, host)) return `${shown} is in its registry, and signed`
  throw new Problem(`${shown} is in its registry, and nobody has signed it`)
}

type Ask = (method: 'GET' | 'HEAD', path: string, accept: string) => Promise<Response>

/** Throws a Problem where the answer is none: what is not known is not taken for what is not there. */
function requireAnswer({ ok, status }: Response, what: string, host: string): void {
  if (ok) return
  const isClosed = status === 401 || status === 403
  const advice = [`docker login ${host}, without a credential helper: what that keeps is not read here`]
  throw new Problem(`${what}: HTTP status ${status}`, isClosed ? { advice } : {})
}

/** A registry need not say the digest of a tag; it is that of the manifest's bytes. */
async function findDigest(ask: Ask, tag: string): Promise<string> {
  const answer = await ask('GET', `manifests/${tag}`, MANIFESTS)
  const bytes = answer.ok ? await readBytes(answer) : undefined
  return bytes ? `sha256:${createHash('sha256').update(bytes).digest('hex')}` : ''
}

/** By the tag that cosign makes; by what refers to the image, which is a tag, too, where the registry has no list of it. */
async function isSigned(ask: Ask, digest: string, origin: string, host: string): Promise<boolean> {
  const what = `${origin} does not say whether it is signed`
  const found = async (method: 'GET' | 'HEAD', path: string, accept: string): Promise<Response | undefined> => {
    const answer = await ask(method, path, accept)
    if ([400, 404, 405, 406, 501].includes(answer.status)) return undefined
    requireAnswer(answer, what, host)
    return answer
  }
  const tag = digest.replace(':', '-')
  if (await found('HEAD', `manifests/${tag}.sig`, MANIFESTS)) return true
  let list = (await found('GET', `referrers/${digest}`, INDEX)) ?? (await found('GET', `manifests/${tag}`, INDEX))
  for (let page = 0; list && page < MOST_PAGES; page++) {
    const { manifests } = (await readJson(list)) as { readonly manifests?: unknown }
    if (Array.isArray(manifests) && manifests.some(isSignature)) return true
    const next = /<[^>]*?\/(referrers\/[^>]+)>;[^,]*rel="?next/.exec(list.headers.get('link') ?? '')?.[1]
    list = next === undefined ? undefined : await found('GET', next, INDEX)
  }
  return false
}

const isSignature = (one: unknown): boolean =>
  /sigstore\.bundle|cosign|notary/.test(stringAt(one, ['artifactType']) ?? '')

/** Docker Hub is what is meant without a host; a registry on this machine has no TLS. */
function locate(repository: string): { readonly host: string; readonly origin: string; readonly name: string } {
  const [first = '', ...rest] = repository.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = !isHost || first === 'docker.io' ? DOCKER_HUB : first
  const path = isHost ? rest.join('/') : repository
  const name = host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
  return { host, origin: `${isLocal ? 'http' : 'https'}://${host}`, name }
}

function createAsk(origin: string, name: string, basic: string | undefined, signal: AbortSignal): Ask {
  let authorization: string | undefined
  const request = async (method: string, url: string, headers: Record<string, string>): Promise<Response> => {
    try {
      return await fetch(url, { method, headers, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) })
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly message?: string } }
      throw new Problem(`the registry ${origin} cannot be asked: ${cause?.message || (error as Error).message}`)
    }
  }
  return async (method, path, accept) => {
    const url = `${origin}/v2/${name}/${path}`
    const send = () => request(method, url, { accept, ...(authorization && { authorization }) })
    const answer = await send()
    if (answer.status !== 401 || authorization) return answer
    authorization = (await fetchToken(answer.headers.get('www-authenticate') ?? '', name, basic, request)) ?? basic
    return authorization ? send() : answer
  }
}

/** The token that a registry wants, from the address that it names. */
async function fetchToken(
  challenge: string,
  name: string,
  basic: string | undefined,
  request: (method: string, url: string, headers: Record<string, string>) => Promise<Response>,
): Promise<string | undefined> {
  const field = (key: string): string | undefined => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1]
  const realm = field('realm')
  if (!/^bearer /i.test(challenge) || !realm || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  // A password goes nowhere without TLS.
  if (url.protocol !== 'https:' && !isLocal) return undefined
  const service = field('service')
  if (service) url.searchParams.set('service', service)
  url.searchParams.set('scope', `repository:${name}:pull`)
  const answer = await request('GET', url.href, basic ? { authorization: basic } : {})
  const { token, access_token: other } = (await readJson(answer)) as {
    readonly token?: unknown
    readonly access_token?: unknown
  }
  const found = token ?? other
  return typeof found === 'string' ? `Bearer ${found}` : undefined
}

async function readJson(answer: Response): Promise<object> {
  try {
    const value: unknown = JSON.parse((await readBytes(answer))?.toString('utf8') ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** Undefined for more than is meant: a registry is named by a file of the tree. */
async function readBytes(answer: Response): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > MOST_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
