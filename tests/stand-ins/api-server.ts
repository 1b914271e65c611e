// An API server that keeps objects and tells of their changes; what controllers would do to them, a test does.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type Kind, type Kube, type KubeObject, kinds } from '../../scripts/cluster/kube.ts'

export interface ApiServer {
  readonly kube: Kube
  /** Every request: `PATCH /apis/...`. */
  readonly requests: readonly string[]
  get(kind: Kind, name: string): KubeObject | undefined
  /** Makes or replaces an object, as anybody else would. */
  put(kind: Kind, object: KubeObject): void
  close(): void
}

const appProject: Kind = { apiVersion: kinds.application.apiVersion, kind: 'AppProject', plural: 'appprojects' }
const served: readonly Kind[] = [...Object.values(kinds), appProject]

/** `react` plays the controllers: it is called after each change that a request made. */
export async function startApiServer(
  react: (object: KubeObject, server: ApiServer) => void = () => {},
): Promise<ApiServer> {
  const objects = new Map<string, KubeObject>()
  const watches = new Set<{ readonly plural: string; readonly response: ServerResponse }>()
  const requests: string[] = []
  const keyOf = (kind: Kind, name: string) => `${kind.plural}/${name}`
  const put = (kind: Kind, object: KubeObject) => {
    const key = keyOf(kind, object.metadata.name)
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED'
    objects.set(key, object)
    for (const { plural, response } of watches)
      if (plural === kind.plural) response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    requests.push(`${request.method} ${pathname}`)
    const send = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const [, group = '', rest = ''] = /^\/(?:api|apis)\/(v1|[^/]+\/[^/]+)\/?(.*)$/.exec(pathname) ?? []
    const [plural = '', name] = rest.replace(/^namespaces\/[^/]+\/(?=.)/, '').split('/')
    const kind = served.find(one => one.apiVersion === group && one.plural === plural)
    if (rest === '') {
      const resources = served
        .filter(({ apiVersion }) => apiVersion === group)
        .map(one => ({ name: one.plural, kind: one.kind, namespaced: true, verbs: [] }))
      send({ kind: 'APIResourceList', groupVersion: group, resources })
    } else if (kind === undefined) send({ kind: 'Status', code: 404 }, 404)
    else if (name === undefined && searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      const watch = { plural, response }
      watches.add(watch)
      response.on('close', () => watches.delete(watch))
    } else if (name === undefined) {
      const items = [...objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object)
      send({ kind: `${kind.kind}List`, apiVersion: group, metadata: { resourceVersion: '1' }, items })
    } else {
      if (request.method === 'PATCH') {
        const patch = JSON.parse(await text(request)) as KubeObject
        put(kind, merge(objects.get(keyOf(kind, name)), patch) as KubeObject)
        react(objects.get(keyOf(kind, name)) as KubeObject, server)
      }
      const object = objects.get(keyOf(kind, name))
      if (object === undefined) send({ kind: 'Status', code: 404 }, 404)
      else send(object)
    }
  }
  const http = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: ApiServer = {
    kube: reach(url),
    requests,
    get: (kind, name) => objects.get(keyOf(kind, name)),
    put,
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
  return server
}

function reach(server: string): Kube {
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  const file = join(folder, 'kubeconfig')
  const clusters = [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }]
  const contexts = [{ name: 'test', context: { cluster: 'test', user: 'test' } }]
  writeFileSync(file, JSON.stringify({ clusters, contexts, users: [{ name: 'test', user: {} }] }))
  try {
    return connect('test', file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function merge(before: unknown, patch: unknown): unknown {
  if (!isRecord(before) || !isRecord(patch)) return patch
  return {
    ...before,
    ...Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, merge(before[key], value)])),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
