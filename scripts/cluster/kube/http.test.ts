// Which way to the API is taken when several lead there, and one of them later than the others.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startApiServer } from '../../../tests/stand-ins/api-server.ts'
import { openDoor } from './http.ts'
import { kinds } from './kube.ts'
import { nodePorts } from '../provider/provider.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** Something that answers on this port; 0 for any. */
async function answerOn(port: number, host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer((_, response) => response.end('{}'))
  open.push(server)
  await new Promise<void>(resolve => server.listen(port, host, resolve))
  return (server.address() as AddressInfo).port
}

/** A cluster whose only node is this machine, with the API at this NodePort. */
async function createCluster(nodePort: number) {
  const server = await startApiServer()
  open.push(server)
  const { apiVersion, kind } = kinds.service
  server.put(kinds.service, {
    apiVersion,
    kind,
    metadata: { name: 'api', namespace: 'dev' },
    spec: { ports: [{ port: 80, nodePort }] },
  })
  server.put(kinds.node, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node' },
    status: { addresses: [{ type: 'InternalIP', address: '127.0.0.2' }] },
  })
  return server.kube
}

const { signal } = new AbortController()

test('a host port that answers later than the node is waited for', async () => {
  const nodePort = nodePorts.first + 1
  const kube = await createCluster(nodePort)
  await answerOn(nodePort, '127.0.0.2')
  const free = await answerOn(0)
  open.pop()?.close()
  const door = openDoor(kube, 'dev', 'api', { hostPort: free - 1, signal })
  await new Promise(resolve => setTimeout(resolve, 2_500))
  await answerOn(free)
  expect(await door).toMatchObject({ by: 'host port', url: `http://127.0.0.1:${free}` })
})

test('where no host port leads to the NodePort, the node is taken at once', async () => {
  const kube = await createCluster(nodePorts.first)
  await answerOn(nodePorts.first, '127.0.0.2')
  const door = await openDoor(kube, 'dev', 'api', { signal })
  expect(door).toMatchObject({ by: 'node address', url: `http://127.0.0.2:${nodePorts.first}` })
})
