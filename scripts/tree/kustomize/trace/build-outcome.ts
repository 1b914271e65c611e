// What a build comes to, in a form that two of them can be compared by: every leaf by the object that has it.
import type { KubernetesObject } from '../../model/resource.ts'
import { valueAt } from '../../model/build.ts'
import { keyOfRendered, listLeaves } from './compare.ts'

/** Leaves with their values, or why there are none. */
export type Outcome = { readonly leaves: ReadonlyMap<string, string> } | { readonly error: string }

/** The names that objects had before a change, by those that they have after it. */
export type Renames = ReadonlyMap<string, string>

export const nameLeaf = (object: KubernetesObject, path: readonly (string | number)[], renames?: Renames): string => {
  const key = keyOfRendered(object)
  return `${(renames?.get(key) ?? key).replaceAll('\n', ' ')} /${path.join('/')}`
}

export function outcomeOf(objects: readonly KubernetesObject[], renames?: Renames): Outcome {
  const leaves = new Map<string, string>()
  for (const object of objects)
    for (const path of listLeaves(object))
      leaves.set(nameLeaf(object, path, renames), JSON.stringify(valueAt(object, path)))
  return { leaves }
}

/** A change adds no object and takes none away, as a rule: the same place in the build is the same object. */
export function matchRenames(before: readonly KubernetesObject[], after: readonly KubernetesObject[]): Renames {
  if (before.length !== after.length) return new Map()
  return new Map(after.map((object, index) => [keyOfRendered(object), keyOfRendered(before[index] ?? object)]))
}

/** Leaves that are other ones, or no longer there, or there at last. */
export function compareOutcomes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Set<string> {
  const names = new Set([...before.keys(), ...after.keys()])
  return new Set([...names].filter(name => before.get(name) !== after.get(name)))
}

/** What the trace says of a build that cannot be, by what kustomize says of the same. */
const SAME_ERRORS: readonly (readonly [said: RegExp, real: RegExp])[] = [
  [
    /is there never|there is no .* to (?:merge|replace)/,
    /no matches for Id|no resource matches|does not exist; cannot/,
  ],
  [
    /is there twice|is there already|more than one .* is called/,
    /already registered id|multiple matches|exists; behavior/,
  ],
  [/no workload is called/, /does not match a config with the following GVK/],
  [/test of a JSON patch fails/, /testing value|test failed|Testing/i],
  [/leads nowhere|is not there|has no item/, /remove operation|replace operation|add operation|move|copy|missing/i],
  [/source of a replacement/, /replacement|fieldPath|nothing selected|multiple matches|unable to find field/i],
  [/target of a replacement/, /unable to find field|replacement/i],
  [/the var /, /var/i],
  [/is merged with a/, /wrong (?:Node )?Kind|expected|unmarshal/i],
  [/leads through a scalar/, /expected|wrong node kind|not create|kind/i],
  [/cannot be read|is empty/, /./],
  [/names more than one/, /multiple|found/i],
  [/is not key=value|is not a pattern|is not known|has no name|operations|one document|needs|lacks/, /./],
]

/** Whether both speak of one fault. */
export const isSameError = (said: string, real: string): boolean =>
  SAME_ERRORS.some(([ours, theirs]) => ours.test(said) && theirs.test(real))
