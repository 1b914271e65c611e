// The parameters that a binding gives to a policy, among the objects of the tree.
import { groupOf, mappingAt, pairsAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import { isMet, readRequirements } from '../../tree/model/label-selector.ts'
import type { Subject } from './subject.ts'

/** One evaluation for each; `none`: there is nothing to evaluate; another text says why they are not known. */
export function findParams(
  policy: Resource,
  binding: Resource,
  subject: Subject,
  all: readonly Resource[],
): readonly (Resource | undefined)[] | string {
  const wanted = mappingAt(policy.object, ['spec', 'paramKind'])
  const reference = mappingAt(binding.object, ['spec', 'paramRef'])
  if (!wanted || !reference) return [undefined]
  const kind = stringAt(wanted, ['kind']) ?? ''
  const group = groupOf(stringAt(wanted, ['apiVersion']) ?? '')
  const name = stringAt(reference, ['name'])
  const requirements = readRequirements(valueAt(reference, ['selector']))
  // Namespaced ones are of the namespace that is said, else of that of the object.
  const namespace = stringAt(reference, ['namespace']) ?? subject.namespace
  const found = all.filter(
    one =>
      one.group === group &&
      one.kind === kind &&
      (name === undefined
        ? requirements.every(requirement => isMet(requirement, pairsAt(one.object, ['metadata', 'labels'])))
        : one.name === name) &&
      (one.isClusterScoped || one.namespace === undefined || one.namespace === namespace),
  )
  const own = found.filter(({ build }) => build === policy.build || build === binding.build)
  const nearest = own.length > 0 ? own : found
  if (nearest.length > 0) return [...new Map(nearest.map(one => [`${one.namespace}/${one.name}`, one])).values()]
  if (stringAt(reference, ['parameterNotFoundAction']) === 'Allow') return 'none'
  return `its parameters, ${kind} ${name ?? 'by labels'}, are not in the tree`
}
