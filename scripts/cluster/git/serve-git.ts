// The process behind the remote `cluster`: serves one folder of bare repositories to the pods, for reading only.

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

const maximumChildren = 8
const childTimeout = 120_000
const maximumHead = 64 * 1024

/** Smart HTTP: hands each request to `git http-backend`, and its answer back. */
export function createGitServer(root: string, identity: string): ReturnType<typeof createServer> {
  let running = 0
  const waiting: (() => void)[] = []
  const next = () => {
    running--
    waiting.shift()?.()
  }
  const server = createServer((request, response) => {
    request.on('error', () => response.destroy())
    const asked = readAddress(request.url ?? '/')
    if (!asked) {
      response.writeHead(400).end('The address cannot be read.\n')
      return
    }
    const { path, search } = asked
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ server: identity, pid: process.pid })}\n`)
      return
    }
    if (search.includes('git-receive-pack') || path.endsWith('/git-receive-pack')) {
      response.writeHead(403).end('Reading only. Push to the remote `cluster` instead.\n')
      return
    }
    const start = () => {
      running++
      // Whoever waited may have left.
      if (response.destroyed) next()
      else answer(root, request, response, path, search.slice(1)).on('close', next)
    }
    if (running < maximumChildren) start()
    else waiting.push(start)
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 60_000
  server.maxConnections = 200
  return server
}

/** The decoded path and the query; undefined for what is not an address, or could not be handed to a program. */
function readAddress(url: string): { readonly path: string; readonly search: string } | undefined {
  try {
    const { pathname, search } = new URL(url, 'http://git')
    const path = decodeURIComponent(pathname)
    return path.includes('\0') ? undefined : { path, search }
  } catch {
    return undefined
  }
}

function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): ChildProcess {
  const backend = spawn('git', ['http-backend'], {
    timeout: childTimeout,
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'false',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
    },
  })
  backend.stdin.on('error', () => {}) // git may answer before it has read everything
  request.pipe(backend.stdin)
  backend.stderr.pipe(process.stderr, { end: false })
  response.on('close', () => backend.kill())
  backend.on('error', () => response.destroy())
  let head = Buffer.alloc(0)
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) {
      if (head.length > maximumHead) response.destroy()
      return
    }
    backend.stdout.off('data', onHead)
    let status = 200
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':')
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()]
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.writeHead(status)
    response.write(head.subarray(end + 4))
    backend.stdout.pipe(response)
  }
  backend.stdout.on('data', onHead)
  backend.on('close', () => {
    if (!response.headersSent) response.writeHead(502)
    response.end()
  })
  return backend
}

if (import.meta.main) {
  const [root = '', host = '', port = '', identity = ''] = process.argv.slice(2)
  const server = createGitServer(root, identity)
  server.on('error', error => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  server.listen(Number(port), host)
}
