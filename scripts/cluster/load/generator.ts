// Sends requests at a constant rate whether or not earlier ones were answered, never twice, so that what is lost is a count.

import * as http from 'node:http'
import * as https from 'node:https'

export interface Load {
  /** Requests that are under way now. */
  inFlight(): number
  /** Sends no more, and waits for the answers that are still to come. */
  stop(): Promise<LoadResult>
}

export interface LoadResult {
  readonly sent: number
  /** Requests without a 2xx answer. */
  readonly lost: number
  /** The lost ones by kind: `status 503`, `ECONNRESET`, `timeout`. */
  readonly kinds: Readonly<Record<string, number>>
  /** Milliseconds from when a request was due to the end of its answer; of the answered ones. */
  readonly p50: number
  readonly p99: number
  readonly peak: number
}

export interface LoadOptions {
  readonly url: string
  /** Requests a second. */
  readonly rate: number
  readonly signal: AbortSignal
  /** Milliseconds after which a request counts as lost. */
  readonly patience?: number
  /** Where the name in the URL is not looked up: the address it stands for, and who vouches for its certificate. */
  readonly connection?: Pick<https.RequestOptions, 'hostname' | 'port' | 'ca'>
}

const body = JSON.stringify({ text: 'This is a great movie!' })

/** Every second request comes on a new connection; the others use a kept one where the server keeps it. */
export function startLoad({ url, rate, signal, patience = 30_000, connection = {} }: LoadOptions): Load {
  const target = new URL('/predict', url)
  const { Agent, request } = target.protocol === 'https:' ? https : http
  const agents = [new Agent({ keepAlive: false }), new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })]
  const kinds = new Map<string, number>()
  const latencies: number[] = []
  const pending = new Set<Promise<void>>()
  const started = performance.now()
  let sent = 0
  let peak = 0
  const lose = (kind: string) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1)

  const send = (due: number, agent: http.Agent | undefined) =>
    new Promise<void>(resolve => {
      let open = true
      const end = (kind?: string) => {
        if (!open) return
        open = false
        clearTimeout(timer)
        if (kind === undefined) latencies.push(performance.now() - due)
        else lose(kind)
        resolve()
      }
      const headers = {
        host: target.host,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      const call = request(target, { ...connection, method: 'POST', agent, headers }, response => {
        const { statusCode = 0 } = response
        response.on('error', error => end(kindOf(error)))
        response.on('end', () => end(statusCode >= 200 && statusCode < 300 ? undefined : `status ${statusCode}`))
        response.on('close', () => end('cut off'))
        response.resume()
      })
      const timer = setTimeout(() => {
        end('timeout')
        call.destroy()
      }, patience)
      call.on('error', error => end(kindOf(error)))
      call.end(body)
    })

  const clock = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * rate)
    while (sent < due) {
      const one = send(started + (sent / rate) * 1000, agents[sent % agents.length])
      sent++
      pending.add(one)
      void one.finally(() => pending.delete(one))
    }
    peak = Math.max(peak, pending.size)
  }, 5)
  const quit = () => clearInterval(clock)
  signal.addEventListener('abort', quit, { once: true })

  return {
    inFlight: () => pending.size,
    async stop() {
      quit()
      signal.removeEventListener('abort', quit)
      await Promise.all(pending)
      for (const agent of agents) agent.destroy()
      latencies.sort((a, b) => a - b)
      const lost = [...kinds.values()].reduce((sum, count) => sum + count, 0)
      const sorted = Object.fromEntries([...kinds].sort(([a], [b]) => a.localeCompare(b)))
      return { sent, lost, kinds: sorted, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), peak }
    },
  }
}

function kindOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message
}

/** Nearest rank of a sorted list; 0 of an empty one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
