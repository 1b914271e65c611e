// Waits for what the API server says, by watches with a deadline.

import { within } from '../concurrency.ts'
import { type Kube, type KubeObject, list, type Selection } from './kube.ts'
import { messageOf, Problem } from '../../command/problem.ts'

export interface Wait {
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Completes "within 60 s ...": `flask-api-deployment was not ready`. */
  readonly unmet: string
}

/** Thrown when a wait ends without what it waited for; carries what was there. */
export class Unmet extends Problem {
  readonly objects: readonly KubeObject[]

  constructor(message: string, objects: readonly KubeObject[], cause?: unknown) {
    super(message, { cause })
    this.name = 'Unmet'
    this.objects = objects
  }
}

/**
 * Follows a selection until `decide` gives a value, which it returns. `decide` sees a complete list each time: after the
 * first list and after every event. A Problem that `decide` throws ends the wait at once.
 */
export async function watchUntil<T>(
  kube: Kube,
  what: Selection,
  wait: Wait,
  decide: (objects: readonly KubeObject[]) => T | undefined,
): Promise<T> {
  const end = performance.now() + wait.timeout
  let known = new Map<string, KubeObject>()
  let lastError: unknown
  for (;;) {
    wait.signal.throwIfAborted()
    const left = end - performance.now()
    if (left <= 0) {
      const because = lastError === undefined ? '' : ` (last answer of the API server: ${messageOf(lastError)})`
      throw new Unmet(
        `after ${Math.round(wait.timeout / 1000)} s ${wait.unmet}${because}`,
        [...known.values()],
        lastError,
      )
    }
    let resourceVersion: string
    try {
      const current = await within(list(kube, what), Math.min(left, 15_000), wait.signal)
      resourceVersion = current.resourceVersion
      known = new Map(current.items.map(item => [keyOf(item), item]))
      lastError = undefined
    } catch (error) {
      wait.signal.throwIfAborted()
      lastError = error
      await pause(500, wait.signal)
      continue
    }
    const first = decide([...known.values()])
    if (first !== undefined) return first
    const outcome = await follow(kube, what, resourceVersion, known, end, wait.signal, decide)
    if (outcome.found) return outcome.value
    await pause(100, wait.signal)
  }
}

type Outcome<T> = { found: true; value: T } | { found: false }

/** One watch connection: ends with a value, at the deadline, or when the server closes it. */
async function follow<T>(
  kube: Kube,
  what: Selection,
  resourceVersion: string,
  known: Map<string, KubeObject>,
  end: number,
  signal: AbortSignal,
  decide: (objects: readonly KubeObject[]) => T | undefined,
): Promise<Outcome<T>> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome<T>>()
  const stop = () => resolve({ found: false })
  const timer = setTimeout(stop, Math.max(end - performance.now(), 0))
  signal.addEventListener('abort', stop)
  const onEvent = (phase: string, object: KubeObject) => {
    if (phase === 'ERROR') return stop()
    if (phase === 'DELETED') known.delete(keyOf(object))
    else if (phase !== 'BOOKMARK') known.set(keyOf(object), object)
    try {
      const value = decide([...known.values()])
      if (value !== undefined) resolve({ found: true, value })
    } catch (error) {
      reject(error)
    }
  }
  const query = {
    resourceVersion,
    allowWatchBookmarks: true,
    ...(what.name === undefined ? {} : { fieldSelector: `metadata.name=${what.name}` }),
    ...(what.labelSelector === undefined ? {} : { labelSelector: what.labelSelector }),
  }
  const { Watch } = await import('@kubernetes/client-node')
  const watch = new Watch(kube.config).watch(pathOf(what), query, onEvent, stop)
  // A program that gives credentials can fail before anything is asked; the next list says so.
  watch.catch(stop)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    watch.then(controller => controller.abort()).catch(() => {})
  }
}

function keyOf(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`
}

export function pathOf({ kind, namespace }: Selection): string {
  const group = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`
  return namespace === undefined ? `${group}/${kind.plural}` : `${group}/namespaces/${namespace}/${kind.plural}`
}

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  const stop = () => resolve()
  signal.addEventListener('abort', stop)
  await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
}
