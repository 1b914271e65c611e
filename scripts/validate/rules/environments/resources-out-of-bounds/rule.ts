// A container requests or may use more or less than its environment allows.
import type { Quantities } from '../../../../tree/environments/declared.ts'
import type { EnvironmentBuild } from '../../../../tree/environments/open.ts'
import { listAt, mappingAt, type Resource } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { readQuantity } from '../../../../tree/model/quantity.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'resources-out-of-bounds',
  severity: 'warning',
  summary: 'A container requests, or is limited to, more or less than its environment allows.',
  why: 'One container takes the room of the others, or is starved by them, and shows it under load only.',
  remediation: 'Choose an amount within the bounds, or change them in validation.yaml.',
  source: 'environments.order[].resources in validation.yaml',
  *check({ environments: { builds } }) {
    for (const build of builds) for (const resource of build.resources) yield* checkResource(resource, build)
  },
})

function* checkResource(resource: Resource, { environment }: EnvironmentBuild): Generator<RuleFinding> {
  const { minimum, maximum } = environment.resources
  const bounded = new Set([...Object.keys(minimum), ...Object.keys(maximum)])
  const template = bounded.size > 0 ? podTemplateOf(resource) : undefined
  if (!template) return
  for (const list of ['initContainers', 'containers']) {
    for (const index of listAt(resource.object, [...template.specPath, list]).keys()) {
      for (const side of ['requests', 'limits']) {
        const path = [...template.specPath, list, index, 'resources', side]
        const written = mappingAt(resource.object, path) ?? {}
        for (const name of bounded) {
          const value = written[name]
          if (value !== undefined) yield* judge(resource, [...path, name], value, environment.name, minimum, maximum)
        }
      }
    }
  }
}

function* judge(
  resource: Resource,
  fieldPath: FieldPath,
  value: unknown,
  environment: string,
  minimum: Quantities,
  maximum: Quantities,
): Generator<RuleFinding> {
  const [name, side] = [String(fieldPath.at(-1)), String(fieldPath.at(-2))]
  const [least, most, given] = [minimum[name], maximum[name], value].map(readQuantity)
  if (given === undefined) return
  const isLess = least !== undefined && given < least
  if (!isLess && (most === undefined || given <= most)) return
  const bound = isLess ? `at least ${minimum[name]}` : `at most ${maximum[name]}`
  const must = side === 'limits' ? 'must be limited to' : 'must request'
  const message = `a container of ${environment} ${must} ${bound} of ${name}, not ${value}`
  yield { message, values: [String(value), environment], places: [{ resource, fieldPath }] }
}
