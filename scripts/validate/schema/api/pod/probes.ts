// What is done to a container while it runs: probes, and what goes on at its start and end.
// Source: Probe, Lifecycle and LifecycleHandler of core/v1.

import { all, atLeast, each, nonNegative, oneOf, required, setFields, shape } from '../check.ts'
import { type Check, type ApiFault, missing, NO_FAULTS, refuse, wrong } from '../fault.ts'
import { get, isSet, type Node, numberOf, textOf } from '../node.ts'
import { headerName, portName } from '../text.ts'

/** A number from 1 to 65535 or the name of a port. */
export const port: Check = node => {
  if (typeof node.value === 'string') {
    const problem = portName(node.value)
    return problem === undefined ? NO_FAULTS : [wrong(node, problem)]
  }
  const number = numberOf(node) ?? 0
  return number >= 1 && number <= 65535
    ? NO_FAULTS
    : [isSet(node) ? wrong(node, 'must be from 1 to 65535') : missing(node)]
}

const header: Check = node => {
  const name = get(node, 'name')
  const problem = headerName(textOf(name))
  // The server names the list.
  return problem === undefined ? NO_FAULTS : [wrong(name, problem, node.up)]
}

const ACTIONS: Readonly<Record<string, Check>> = {
  exec: shape({ command: required() }),
  httpGet: shape({ port, scheme: oneOf('HTTP', 'HTTPS'), httpHeaders: each(header) }),
  tcpSocket: shape({ port }),
  grpc: shape({ port }),
  sleep: () => NO_FAULTS,
}

/** Of these exactly one: `actions` are those that the field may have, in the order in which the server looks. */
function* checkAction(node: Node, actions: readonly string[], gracePeriod: number): Iterable<ApiFault> {
  const set = setFields(node, actions)
  const [first, ...others] = set
  if (first === undefined) yield missing(node, `one of ${actions.join(', ')}`)
  else yield* (ACTIONS[first] as Check)(get(node, first))
  for (const other of others) yield refuse(get(node, other), `must not be set beside ${first}: there is one action`)
  const sleep = get(node, 'sleep')
  const seconds = numberOf(get(sleep, 'seconds')) ?? 0
  if (first === 'sleep' && (seconds < 0 || seconds > gracePeriod))
    yield wrong(get(sleep, 'seconds'), `must be from 0 to the grace period of ${gracePeriod} seconds`, sleep)
}

const PROBE_ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'grpc']
const HOOK_ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'sleep']

const probe: Check = shape(
  {
    initialDelaySeconds: nonNegative,
    timeoutSeconds: nonNegative,
    periodSeconds: nonNegative,
    successThreshold: nonNegative,
    failureThreshold: nonNegative,
    terminationGracePeriodSeconds: atLeast(1),
  },
  node => checkAction(node, PROBE_ACTIONS, 0),
)

const successOnce: Check = node => {
  const threshold = get(node, 'successThreshold')
  const value = numberOf(threshold) ?? 0
  return value === 0 || value === 1
    ? NO_FAULTS
    : [wrong(threshold, 'must be 1: only a readiness probe may ask for more')]
}

const withoutGracePeriod: Check = node => {
  const seconds = get(node, 'terminationGracePeriodSeconds')
  return isSet(seconds) ? [refuse(seconds, 'must not be set: a readiness probe stops nothing')] : NO_FAULTS
}

export const PROBES: Readonly<Record<string, Check>> = {
  livenessProbe: all(probe, successOnce),
  readinessProbe: all(probe, withoutGracePeriod),
  startupProbe: all(probe, successOnce),
}

export function* checkLifecycle(node: Node, gracePeriod: number): Iterable<ApiFault> {
  for (const field of ['postStart', 'preStop']) {
    const hook = get(node, field)
    if (isSet(hook)) yield* checkAction(hook, HOOK_ACTIONS, gracePeriod)
  }
}
