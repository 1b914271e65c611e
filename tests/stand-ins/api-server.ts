// An API server that keeps objects and tells of their changes; what controllers would do to them, a test does.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type Kind, type Kube, type KubeObject, kinds } from '../../scripts/cluster/kube/kube.ts'

export interface ApiServer {
  readonly kube: Kube
  readonly url: string
  /** Every request: `PATCH /apis/...`. */
  readonly requests: readonly string[]
  /** Of any namespace. */
  get(kind: Kind, name: string): KubeObject | undefined
  all(): readonly KubeObject[]
  /** Makes or replaces an object, as anybody else would. */
  put(kind: Kind, object: KubeObject): void
  close(): void
}

interface Change {
  readonly key: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

const served: readonly Kind[] = Object.values(kinds)
const clusterWide: readonly Kind[] = [kinds.namespace, kinds.node, kinds.crd]

export function kindOf({ apiVersion, kind }: KubeObject): Kind {
  const found = served.find(one => one.apiVersion === apiVersion && one.kind === kind)
  if (found === undefined) throw new Error(`this API server has no ${kind}`)
  return found
}

/** `react` plays the controllers: it is called after each change that a request made. */
export async function startApiServer(
  react: (object: KubeObject, server: ApiServer) => void = () => {},
): Promise<ApiServer> {
  const objects = new Map<string, KubeObject>()
  /** All of them from the beginning: the version of a list is how many there were. */
  const changes: Change[] = []
  const watches = new Set<(change: Change) => void>()
  const requests: string[] = []
  const keyOf = (kind: Kind, name: string, namespace = '') => `${kind.plural}/${namespace}/${name}`
  const record = (change: Change) => {
    changes.push(change)
    for (const tell of watches) tell(change)
  }
  const put = (kind: Kind, object: KubeObject) => {
    const key = keyOf(kind, object.metadata.name, object.metadata.namespace)
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED'
    objects.set(key, object)
    record({ key, type, object })
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    requests.push(`${request.method} ${pathname}`)
    const send = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const [, group = '', rest = ''] = /^\/(?:api|apis)\/(v1|[^/]+\/[^/]+)\/?(.*)$/.exec(pathname) ?? []
    const [, namespace = '', plural = '', name] = /^(?:namespaces\/([^/]+)\/(?=.))?([^/]*)\/?(.+)?$/.exec(rest) ?? []
    const kind = served.find(one => one.apiVersion === group && one.plural === plural)
    const wanted = /^metadata\.name=(.*)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1]
    const selects = (key: string, { metadata }: KubeObject): boolean =>
      key.startsWith(namespace === '' ? `${plural}/` : `${plural}/${namespace}/`) &&
      (wanted === undefined || metadata.name === wanted)
    if (rest === '') {
      const resources = served
        .filter(({ apiVersion }) => apiVersion === group)
        .map(one => ({ name: one.plural, kind: one.kind, namespaced: !clusterWide.includes(one), verbs: [] }))
      send({ kind: 'APIResourceList', groupVersion: group, resources })
    } else if (kind === undefined) send({ kind: 'Status', code: 404 }, 404)
    else if (name === undefined && searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      const tell = ({ key, type, object }: Change) => {
        if (selects(key, object)) response.write(`${JSON.stringify({ type, object })}\n`)
      }
      // What came between the list and this watch is told too.
      for (const change of changes.slice(Number(searchParams.get('resourceVersion')))) tell(change)
      watches.add(tell)
      response.on('close', () => watches.delete(tell))
    } else if (name === undefined) {
      const items = [...objects].filter(([key, object]) => selects(key, object)).map(([, object]) => object)
      const resourceVersion = String(changes.length)
      send({ kind: `${kind.kind}List`, apiVersion: group, metadata: { resourceVersion }, items })
    } else {
      const key = keyOf(kind, name, namespace)
      if (request.method === 'PATCH') {
        const patch = JSON.parse(await text(request)) as KubeObject
        put(kind, merge(objects.get(key), patch) as KubeObject)
        react(objects.get(key) as KubeObject, server)
      }
      const object = objects.get(key)
      if (object !== undefined && request.method === 'DELETE') {
        objects.delete(key)
        record({ key, type: 'DELETED', object })
      }
      if (object === undefined) send({ kind: 'Status', code: 404 }, 404)
      else send(object)
    }
  }
  const http = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: ApiServer = {
    kube: await reach(url),
    url,
    requests,
    get: ({ kind }, name) => [...objects.values()].find(one => one.kind === kind && one.metadata.name === name),
    all: () => [...objects.values()],
    put,
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
  return server
}

async function reach(server: string): Promise<Kube> {
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  const file = join(folder, 'kubeconfig')
  const clusters = [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }]
  const contexts = [{ name: 'test', context: { cluster: 'test', user: 'test' } }]
  writeFileSync(file, JSON.stringify({ clusters, contexts, users: [{ name: 'test', user: {} }] }))
  try {
    return await connect('test', file)
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
