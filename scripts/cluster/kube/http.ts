// Reaches the API from outside the cluster, whatever lies between, and calls it as a user would.

import { createServer, type Server, type Socket } from 'node:net'
import { isPodReady } from './diagnostics.ts'
import { kinds, type Kube, list, read } from './kube.ts'
import { messageOf, Problem } from '../../command/problem.ts'
import { nodePorts } from '../provider/provider.ts'
import { pause } from './watch.ts'

export interface Door {
  readonly url: string
  /** How it is reached: `host port`, `node address`, `port forward`. */
  readonly by: string
  close(): Promise<void>
}

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>
  readonly ports?: readonly {
    readonly port: number
    readonly targetPort?: number | string
    readonly nodePort?: number
  }[]
}

/** Addresses that may lead to a Service of type NodePort, best first. */
export async function listDoors(
  kube: Kube,
  namespace: string,
  service: string,
  hostPort: number | undefined,
): Promise<readonly Address[]> {
  const object = await read(kube, kinds.service, service, namespace)
  const nodePort = ((object?.spec ?? {}) as ServiceSpec).ports?.[0]?.nodePort
  if (nodePort === undefined) return []
  const index = nodePort - nodePorts.first
  const mapped = hostPort !== undefined && index >= 0 && index < nodePorts.count
  const { items: nodes } = await list(kube, { kind: kinds.node })
  const addresses = nodes.flatMap(node => {
    const { addresses = [] } = (node.status ?? {}) as { addresses?: readonly { type: string; address: string }[] }
    return addresses.filter(({ type }) => type === 'ExternalIP' || type === 'InternalIP').map(({ address }) => address)
  })
  return [
    ...(mapped ? [{ url: `http://127.0.0.1:${hostPort + index}`, by: 'host port' }] : []),
    // A cluster of hundreds of nodes whose addresses are not reachable from here would be asked for an hour.
    ...addresses.slice(0, 2).map(address => ({
      url: `http://${address.includes(':') ? `[${address}]` : address}:${nodePort}`,
      by: 'node address',
    })),
  ]
}

/** How long pods may take to answer after a restart of the node. */
const startPatience = 90_000
/**
 * How long a node may take to route to pods that answer: on a busy machine, most of a minute after a restart. A host port
 * that was mapped leads there in the end, as the one of the API server does, or the wait would be for nothing.
 */
const routePatience = 60_000

interface Address {
  readonly url: string
  readonly by: string
}

/**
 * A way to the Service that answers, tried in the order of listDoors; a port forward where no address can be routed to.
 * A mapped host port is waited for even when another address answers first: it is the same every time.
 */
export async function openDoor(
  kube: Kube,
  namespace: string,
  service: string,
  options: { readonly hostPort?: number | undefined; readonly signal: AbortSignal },
): Promise<Door> {
  const { hostPort, signal } = options
  const addresses = await listDoors(kube, namespace, service, hostPort)
  const mapped = addresses.filter(({ by }) => by === 'host port')
  const first = await open(addresses, signal)
  if (first !== undefined && (first.by === 'host port' || mapped.length === 0)) return first
  const last = first ?? (await forward(kube, namespace, service))
  // Either no address leads there, or the pods are not up yet, whatever their last status says. This one tells which.
  const end = performance.now() + startPatience
  while (performance.now() < end && !(await answers(last.url, signal)));
  const routed = performance.now() + (mapped.length === 0 ? 0 : routePatience)
  while (performance.now() < routed) {
    const door = await open(mapped, signal)
    if (door !== undefined) {
      await last.close()
      return door
    }
    await pause(1_000, signal)
  }
  const door = await open(addresses, signal)
  if (door !== undefined) await last.close()
  return door ?? last
}

async function open(addresses: readonly Address[], signal: AbortSignal): Promise<Door | undefined> {
  for (const { url, by } of addresses) {
    if (await answers(url, signal)) return { url, by, close: async () => {} }
  }
  return undefined
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) })
      return true
    } catch {
      signal.throwIfAborted()
      await pause(300, signal)
    }
  }
  return false
}

/** A port of this machine that leads through the API server to a ready pod behind the Service. */
export async function forward(kube: Kube, namespace: string, service: string): Promise<Door> {
  const object = await read(kube, kinds.service, service, namespace)
  if (object === undefined) throw new Problem(`there is no Service ${service} in ${namespace}`)
  const { selector = {}, ports = [] } = object.spec as ServiceSpec
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const target = ports[0]?.targetPort ?? ports[0]?.port
  const sockets = new Set<Socket>()
  const connect = async (socket: Socket) => {
    const { items } = await list(kube, { kind: kinds.pod, namespace, labelSelector })
    const pod = items.find(item => isPodReady(item) && item.metadata.deletionTimestamp === undefined)
    const port = pod === undefined ? undefined : portOf(pod.spec, target)
    if (pod === undefined || port === undefined) throw new Error(`no ready pod behind ${service}`)
    const { PortForward } = await import('@kubernetes/client-node')
    await new PortForward(kube.config, true).portForward(namespace, pod.metadata.name, [port], socket, null, socket)
  }
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    connect(socket).catch(() => socket.destroy())
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    by: 'port forward',
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(done => server.close(() => done()))
    },
  }
}

function portOf(spec: unknown, target: number | string | undefined): number | undefined {
  if (typeof target === 'number' || target === undefined) return target
  const { containers = [] } = spec as {
    containers?: readonly { ports?: readonly { name?: string; containerPort: number }[] }[]
  }
  return containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target)?.containerPort
}

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly status: number
  readonly body: string
}

export async function call(url: string, path: string, signal: AbortSignal, body?: object): Promise<Call> {
  const method = body === undefined ? 'GET' : 'POST'
  const response = await fetch(new URL(path, url), {
    method,
    signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { method, path, status: response.status, body: await response.text() }
}

/** Both routes with their promised answers; retried until the deadline, since a new address may lag behind its pod. */
export async function callBothRoutes(url: string, signal: AbortSignal, timeout = 20_000): Promise<readonly Call[]> {
  const end = performance.now() + timeout
  for (;;) {
    try {
      const welcome = await call(url, '/', signal)
      expectField(welcome, 'message', 'Welcome to the AI Model API!')
      const prediction = await call(url, '/predict', signal, { text: 'This is a great movie!' })
      expectField(prediction, 'predicted_class', 'Positive')
      return [welcome, prediction]
    } catch (error) {
      signal.throwIfAborted()
      if (performance.now() > end) throw new Problem(`${url} does not answer as promised: ${messageOf(error)}`)
      await pause(500, signal)
    }
  }
}

function expectField({ method, path, status, body }: Call, field: string, value: string): void {
  const shown = `${method} ${path}: ${status} ${body.slice(0, 200)}`
  if (status !== 200) throw new Error(shown)
  const parsed = JSON.parse(body) as Record<string, unknown>
  if (parsed[field] !== value) throw new Error(`${shown} (expected ${field} ${JSON.stringify(value)})`)
}
