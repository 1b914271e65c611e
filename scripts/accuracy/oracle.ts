// Asks a real API server what it says of the objects of the corpus: a dry run of each, which leaves nothing behind.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent, type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { type Case, type Cause, type Corpus, objectOf } from './apiserver.ts'

/** Requests that are under way at once. */
const PARALLEL = 12
const TIMEOUT = 60_000
/** Answers that may be missing before the server is taken for gone. */
const MAX_BROKEN = 50

export interface Answer {
  readonly code: number
  readonly body: unknown
  readonly warnings: readonly string[]
}

/** Sends one request as the user of the configuration. Rejects where the server does not answer. */
export type Ask = (method: 'DELETE' | 'GET' | 'POST', path: string, body?: unknown) => Promise<Answer>

/** The typed clients of the library would drop what is wrong with an object before it is sent. */
export async function openServer(config: KubeConfig): Promise<Ask> {
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error('the kubeconfig has no current cluster')
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const base = new URL(cluster.server)
  const isTls = base.protocol === 'https:'
  const agent = isTls ? new Agent({ ...options, keepAlive: true, maxSockets: PARALLEL } as Agent['options']) : undefined
  const send = isTls ? requestHttps : requestHttp
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        ...(options.headers as object),
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
      }
      const target = `${base.pathname.replace(/\/$/, '')}${path}`
      const { hostname, port } = base
      const own = { ...options, agent, hostname, port, path: target, method, headers, timeout: TIMEOUT }
      const request = send(own, response => readAnswer(response).then(resolve, reject))
      request.once('timeout', () => request.destroy(new Error('the API server does not answer')))
      request.once('error', reject)
      request.end(text)
    })
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const warnings = response.headersDistinct.warning ?? []
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy in between may answer in words.
  }
  return { code: response.statusCode ?? 0, body, warnings: warnings.map(readWarning) }
}

/** `299 - "text"`, as RFC 7234 has it. */
const readWarning = (header: string): string => /^\d+ \S+ "(.*)"$/s.exec(header)?.[1] ?? header

/** Where objects of each kind are made, by apiVersion and kind. */
async function discover(ask: Ask, versions: Iterable<string>, namespace: string): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>()
  for (const version of new Set(versions)) {
    const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`
    const { body } = await ask('GET', root)
    const resources = (body as { resources?: { name: string; kind: string; namespaced: boolean }[] }).resources ?? []
    for (const { name, kind, namespaced } of resources) {
      if (name.includes('/')) continue
      paths.set(`${version}/${kind}`, `${root}${namespaced ? `/namespaces/${namespace}` : ''}/${name}`)
    }
  }
  return paths
}

/** The cases with what this server says of them, in the order of the corpus. `onProgress` is told how many are done. */
export async function askAll(
  ask: Ask,
  corpus: Corpus,
  namespace: string,
  onProgress: (done: number) => void,
): Promise<readonly Case[]> {
  const paths = await discover(
    ask,
    Object.values(corpus.bases).map(({ apiVersion }) => apiVersion),
    namespace,
  )
  const answers: Case[] = []
  let next = 0
  let done = 0
  let broken = 0
  /** A server that stumbles over one object closes the connection; one that is gone answers none. */
  const send = async (path: string, object: unknown): Promise<Answer> => {
    try {
      return await ask('POST', path, object)
    } catch (error) {
      if (++broken > MAX_BROKEN) throw error
      return { code: 0, body: { message: 'the server closed the connection' }, warnings: [] }
    }
  }
  const work = async (): Promise<void> => {
    for (let index = next++; index < corpus.cases.length; index = next++) {
      const one = corpus.cases[index] as Case
      const base = corpus.bases[one.base] as KubernetesObject
      const path = paths.get(`${base.apiVersion}/${base.kind}`)
      const answer =
        path === undefined ? undefined : await send(`${path}?dryRun=All&fieldValidation=Strict`, objectOf(corpus, one))
      answers[index] = asCase(one, answer)
      if (++done % 500 === 0) onProgress(done)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return answers
}

function asCase({ id, base, patch }: Case, answer: Answer | undefined): Case {
  if (!answer) return { id, base, patch, code: 404, message: 'the server does not serve the kind' }
  const { code, warnings } = answer
  const body = answer.body as { message?: string; details?: { causes?: Partial<Cause>[] } }
  const causes = (body.details?.causes ?? []).map(({ field = '', reason = '', message = '' }) => ({
    field,
    reason,
    message: message.slice(0, 300),
  }))
  return {
    id,
    base,
    patch,
    code,
    ...(causes.length > 0
      ? { causes }
      : code >= 400
        ? { message: String(body.message ?? answer.body).slice(0, 400) }
        : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  }
}

/** What the server says now and did not say before: the verdict, or the fields that it names. */
export function listChanges(before: readonly Case[], after: readonly Case[]): readonly string[] {
  const fieldsOf = (one: Case): string => [...new Set(one.causes?.map(({ field }) => field))].sort().join(', ')
  const wordsOf = (one: Case): string =>
    one.code > 0 && one.code < 300 ? 'taken' : `refused (${one.code})${fieldsOf(one) && ` for ${fieldsOf(one)}`}`
  return after.flatMap((now, index) => {
    const then = before[index] as Case
    return wordsOf(now) === wordsOf(then)
      ? []
      : [`${now.id}: was ${wordsOf(then)}, is ${wordsOf(now)}${now.message === undefined ? '' : `: ${now.message}`}`]
  })
}
