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

interface SameError {
  /** What the trace says; what its groups catch stands in kustomize's words as well. */
  readonly said: RegExp
  readonly real: RegExp
}

/** What the trace says of a build that cannot be, each with the words that kustomize has for this fault and no other. */
const SAME_ERRORS: readonly SameError[] = [
  {
    said: /^a patch for (\S+) (\S*), which is there never$/,
    real: /no (?:resource )?matches .*failed to find unique target for patch/s,
  },
  {
    said: /^a patch for (\S+) (\S*), which is there twice$/,
    real: /multiple matches for Id .*failed to find unique target/s,
  },
  { said: /^there is no (\S+) (\S+) to (?:merge|replace)$/, real: /does not exist; cannot merge or replace/ },
  {
    said: /^(\S+) (\S+) is there twice$/,
    real: /may not add resource with an already registered id|namespace transformation produces ID conflict/,
  },
  { said: /^there is a (\S+) (\S+) already$/, real: /exists; .*behavior must be merge or replace/ },
  { said: /^more than one (\S+) is called (\S+)$/, real: /id matched \d+ resources|multiple matches/ },
  {
    said: /^no workload is called (\S+)$/,
    real: /resource with name \S+ does not match a config with the following GVK/,
  },
  { said: /^the literal (.*) is not key=value$/s, real: /invalid literal source .*, expected key=value/s },
  { said: /^a test of a JSON patch fails$/, real: /testing (?:value|path) \S+ failed|test failed/ },
  {
    said: /^(?:\/.* (?:is not there|leads nowhere)|a list has no item .*)$/s,
    real: /\w+ operation does not apply: doc is missing|error in \w+ for path|Unable to (?:access|remove)|index out of bounds/,
  },
  { said: /^the operation (\S+) is not known$/, real: /Unexpected kind/ },
  { said: /^an operation of a JSON patch lacks its value$/, real: /missing value/ },
  { said: /^\$patch: (\S+) is not known$/, real: /unknown patch strategy/ },
  {
    said: /^a \S+ is merged with a \S+$/,
    real: /wrong node kind: expected \w+ but got \w+|expected a? ?(?:mapping|sequence|scalar)/i,
  },
  {
    said: /leads through a scalar$/,
    real: /expected sequence or mapping node|wrong node kind: expected MappingNode but got ScalarNode/i,
  },
  {
    said: /^the source of a replacement is not one object$/,
    real: /nothing selected by |multiple matches for selector /,
  },
  { said: /^the source of a replacement lacks the field$/, real: /fieldPath `.*` is missing for replacement source/ },
  { said: /^the source of a replacement lacks the part$/, real: /options\.index -?\d+ is out of bounds/ },
  { said: /^a delimiter divides a string$/, real: /delimiter option can only be used with scalar nodes/ },
  { said: /^a replacement needs a source$/, real: /replacements must specify a source/ },
  { said: /^a target of a replacement selects nothing$/, real: /target must specify resources to select/ },
  { said: /^a target of a replacement lacks /, real: /unable to find (?:or create )?field ".*" in replacement target/ },
  { said: /^the var (\S+) has no value$/, real: /cannot be mapped to a field|not found in corresponding resource/ },
  { said: /^the var (\S+) is not one object$/, real: /resId matches for var|cannot be mapped to a field/ },
  { said: /names more than one object$/, real: /found multiple possible referrals/ },
  { said: /has no name$/, real: /no 'name' field in node|needs metadata\.name/ },
  { said: /^a JSON patch needs a target$/, real: /must specify a target for JSON patch/ },
  { said: /^a patch with a target has one document$/, real: /Multiple Strategic-Merge Patches in one/ },
  {
    said: /^a JSON patch is a list of operations$|^a patch is a mapping or a list of operations$|^the patch is empty$/,
    real: /unable to parse SM or JSON patch|must specify one of patch and path/,
  },
  { said: /cannot be read$/, real: /does not exist|cannot be read/ },
]

/** Whether both speak of one fault, of the same objects. */
export const isSameError = (said: string, real: string): boolean =>
  SAME_ERRORS.some(({ said: ours, real: theirs }) => {
    const match = ours.exec(said)
    return match !== null && theirs.test(real) && match.slice(1).every(name => real.includes(name))
  })
