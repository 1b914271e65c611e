// The objects of one kind on both sides, each with what lives beside it: for rules that hold one object against others.
import type { Build, Resource } from '../../tree/model/build.ts'
import type { ComparedObject, Comparison, Side } from '../model.ts'
import { typeOf } from './risk.ts'

/** An object with what is known to live in its namespace; of what is not rendered nothing is known, so sums are lower bounds. */
export interface Placed {
  readonly resource: Resource
  readonly beside: readonly Resource[]
}

export interface PlacedPair {
  readonly before: Placed | undefined
  readonly after: Placed
}

/** All objects of a kind that the head has where something differs, with their twins of the base. */
export function listPairs({ base, head }: Comparison, type: string): readonly PlacedPair[] {
  const olds = new Map([...listPlaced(base, type)].map(([build, one]) => [keyOf(build, one.resource), one]))
  return [...listPlaced(head, type)].map(([build, after]) => ({
    before: olds.get(keyOf(build, after.resource)),
    after,
  }))
}

const keyOf = ({ id }: Build, { namespace, name }: Resource): string => JSON.stringify([id, namespace, name])

function* listPlaced({ deployment }: Side, type: string): Generator<readonly [Build, Placed]> {
  for (const build of deployment.builds) {
    for (const resource of build.resources) {
      if (typeOf(resource) !== type) continue
      const { namespace } = resource
      const beside = deployment.besideOf(build).resources.filter(one => one.namespace === namespace)
      yield [build, { resource, beside }]
    }
  }
}

/** The change that brings something about: that of one of the objects, the likeliest first. */
export function findChange({ objects }: Comparison, candidates: readonly Resource[]): ComparedObject | undefined {
  for (const candidate of candidates) {
    const found = objects.find(({ after }) => after === candidate || after?.object === candidate.object)
    if (found) return found
  }
  return undefined
}
