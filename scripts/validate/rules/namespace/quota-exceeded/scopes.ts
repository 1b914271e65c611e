// Which pods a quota with scopes counts. Source: pkg/quota/v1/evaluator/core/pods.go (podMatchesScopeFunc).
import { listAt, type Resource, stringAt, valueAt } from '../../../../tree/model/build.ts'
import type { PodDemand } from '../pod-demand.ts'

/** Undefined: nobody here can say, as where a class of the cluster may be the default. */
type Scope = (pod: PodDemand) => boolean | undefined

const fieldOf = ({ resource, specPath }: PodDemand, field: string): unknown =>
  valueAt(resource.object, [...specPath, field])

const isTerminating: Scope = pod => typeof fieldOf(pod, 'activeDeadlineSeconds') === 'number'

const COMPUTE = ['cpu', 'memory']

const isBestEffort: Scope = ({ containers }) =>
  containers.every(({ requests, limits }) => COMPUTE.every(name => !requests.has(name) && !limits.has(name)))

const not =
  (scope: Scope): Scope =>
  pod => {
    const answer = scope(pod)
    return answer === undefined ? undefined : !answer
  }

const SCOPES: Readonly<Record<string, Scope>> = {
  Terminating: isTerminating,
  NotTerminating: not(isTerminating),
  BestEffort: isBestEffort,
  NotBestEffort: not(isBestEffort),
}

function hasPriority(requirement: unknown): Scope {
  const values = listAt(requirement, ['values'])
  const operator = stringAt(requirement, ['operator'])
  return pod => {
    const own = fieldOf(pod, 'priorityClassName')
    if (typeof own !== 'string' || own === '') return operator === 'In' ? false : undefined
    if (operator === 'In') return values.includes(own)
    if (operator === 'NotIn') return !values.includes(own)
    return operator === 'Exists'
  }
}

/** Empty: it counts everything. */
export function readScopes({ object }: Resource): readonly Scope[] {
  return [
    ...listAt(object, ['spec', 'scopes']).map((name): Scope => SCOPES[String(name)] ?? (() => undefined)),
    ...listAt(object, ['spec', 'scopeSelector', 'matchExpressions']).map((one): Scope => {
      const name = stringAt(one, ['scopeName']) ?? ''
      return name === 'PriorityClass' ? hasPriority(one) : (SCOPES[name] ?? (() => undefined))
    }),
  ]
}

/** Whether a pod is surely counted. */
export const isCounted = (pod: PodDemand | undefined, scopes: readonly Scope[]): boolean =>
  scopes.length === 0 || (pod !== undefined && scopes.every(scope => scope(pod) === true))
