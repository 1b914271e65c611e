// Calls the API without a pause between two steps, so that "it kept answering" is a count and not an impression.

import { call } from '../kube/http.ts'
import { messageOf } from '../../command/problem.ts'

export interface Prober {
  /** Calls and failures since the last time this was asked. */
  take(): { readonly calls: number; readonly failures: readonly string[] }
  stop(): Promise<void>
}

/** One POST after the other, on a new connection each, as different users would. */
export function startProber(url: string, interval: number, signal: AbortSignal): Prober {
  const stop = new AbortController()
  const both = AbortSignal.any([stop.signal, signal])
  let calls = 0
  let failures: string[] = []
  const loop = async () => {
    while (!both.aborted) {
      const next = new Promise(resolve => setTimeout(resolve, interval))
      try {
        const answer = await call(url, '/predict', both, { text: 'This is a great movie!' })
        calls++
        if (answer.status !== 200) failures.push(`status ${answer.status}`)
      } catch (error) {
        if (both.aborted) return
        calls++
        const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
        failures.push(`${new Date().toISOString()} ${messageOf(error)}${cause}`)
      }
      await next
    }
  }
  const running = loop()
  return {
    take() {
      const result = { calls, failures }
      calls = 0
      failures = []
      return result
    },
    async stop() {
      stop.abort()
      await running
    },
  }
}
