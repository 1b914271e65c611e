// A workload runs more or fewer replicas than its environment is allowed, by its own number or its autoscaler's.
import type { EnvironmentBuild } from '../../../../tree/environments/open.ts'
import { findAutoscaler } from '../../../../tree/model/autoscaler.ts'
import { type Resource, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'replicas-out-of-bounds',
  severity: 'warning',
  summary: 'A workload has more or fewer replicas than its environment is allowed.',
  why: 'Below the minimum one lost node is an outage; above the maximum the environment takes what others need.',
  remediation: 'Choose a number within the bounds, or change them in validation.yaml.',
  source: 'environments.order[].replicas in validation.yaml',
  *check({ environments: { builds } }) {
    for (const build of builds) for (const resource of build.resources) yield* checkResource(resource, build)
  },
})

/** Kinds that run one replica where they do not say how many. */
const SCALABLE = ['apps/Deployment', 'apps/StatefulSet', 'argoproj.io/Rollout']

function* checkResource(resource: Resource, { environment, resources }: EnvironmentBuild): Generator<RuleFinding> {
  if (!SCALABLE.includes(`${resource.group}/${resource.kind}`)) return
  const scaler = findAutoscaler(
    resources.map(({ object }) => object),
    resource.object,
  )
  const { minimum, maximum } = environment.replicas
  const range = maximum === Number.POSITIVE_INFINITY ? `at least ${minimum}` : `${minimum} to ${maximum}`
  const judge = function* (
    owner: Resource,
    fieldPath: FieldPath,
    absent: number | undefined,
    word: string,
  ): Generator<RuleFinding> {
    const count = valueAt(owner.object, fieldPath) ?? absent
    if (typeof count !== 'number' || (count >= minimum && count <= maximum)) return
    const message = `${owner.kind} ${owner.name} must have ${range} replicas in ${environment.name}, not ${word}${count}`
    yield { message, values: [count, environment.name], places: [{ resource: owner, fieldPath }] }
  }
  if (!scaler) {
    yield* judge(resource, ['spec', 'replicas'], 1, '')
    return
  }
  const owner = resources.find(({ object }) => object === scaler.object)
  if (!owner || !scaler.bounds) return
  // KEDA's minimum of 0 is left out as often as not, and its maximum of 100 nobody means: only what is written counts.
  yield* judge(
    owner,
    ['spec', scaler.bounds.minimum],
    scaler.kind === 'HorizontalPodAutoscaler' ? 1 : undefined,
    'at least ',
  )
  yield* judge(owner, ['spec', scaler.bounds.maximum], undefined, 'at most ')
}
