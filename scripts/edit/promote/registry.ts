// Asks a registry whether an image is there and whether a signature stands beside it, before anybody runs it.
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
const PATIENCE = 20_000
/** Of an answer: a list of referrers, a token. */
const MOST_BYTES = 4 * 1024 * 1024

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
  if (!manifest.ok) throw new Problem(`${origin} does not say whether it has ${shown}: HTTP status ${manifest.status}`)
  const digest = reference.digest ?? manifest.headers.get('docker-content-digest') ?? ''
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
  if (await isSigned(ask, digest)) return `${shown} is in its registry, and signed`
  throw new Problem(`${shown} is in its registry, and nobody has signed it`)
}

type Ask = (method: 'GET' | 'HEAD', path: string, accept: string) => Promise<Response>

async function isSigned(ask: Ask, digest: string): Promise<boolean> {
  const tag = await ask('HEAD', `manifests/${digest.replace(':', '-')}.sig`, MANIFESTS)
  if (tag.ok) return true
  const answer = await ask('GET', `referrers/${digest}`, 'application/vnd.oci.image.index.v1+json')
  if (!answer.ok) return false
  const { manifests = [] } = (await readJson(answer)) as {
    readonly manifests?: readonly { readonly artifactType?: unknown }[]
  }
  const isSignature = (type: string): boolean => /sigstore\.bundle|cosign|notary/.test(type)
  return manifests.some(({ artifactType }) => typeof artifactType === 'string' && isSignature(artifactType))
}

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

/** Bounded: a registry is named by a file of the tree. */
async function readJson(answer: Response): Promise<object> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > MOST_BYTES) return {}
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as object
  } catch {
    return {}
  }
}
