// Holds the kinds that a policy of validation.yaml names against those that there are: a policy for none judges nothing.
import { type Build, groupOf, stringAt } from '../../tree/model/build.ts'
import { isSlipOf } from '../../tree/model/closest.ts'
import { type Fault, faultAt, type NotExamined } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { OwnPolicy } from '../config.ts'
import { listServed } from '../schema/served.ts'
import type { Written } from './own.ts'

interface Kind {
  readonly group: string
  readonly kind: string
}

/** Names that cannot be those of a kind are faults; those of which nothing is known here are not examined. */
export function checkNamedKinds(
  { policies, file }: Written,
  builds: readonly Build[],
  definitions: readonly KubernetesObject[],
): { readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] } {
  const faults: Fault[] = []
  const notExamined: NotExamined[] = []
  if (!file || policies.length === 0) return { faults, notExamined }
  const known = listKinds(builds, definitions)
  for (const [index, { id, kinds }] of policies.entries()) {
    for (const [at, name] of kinds.entries()) {
      if (known.some(one => isMeant(name, one))) continue
      const path = ['policies', index, 'kinds', at]
      const range = file.rangeOf(0, path)
      const advice = explainName(name, known)
      if (advice) faults.push(faultAt('own-policy', `policy ${id} is for ${name}: ${advice}`, range, path, [id, name]))
      else {
        const reason = 'a policy for a kind of which nothing is known here'
        notExamined.push({ place: { range, fieldPath: path }, reason, detail: `policy ${id}: ${name}` })
      }
    }
  }
  return { faults, notExamined }
}

/** As `Deployment` (of any group), `apps/Deployment`, `/Service` (of the core group) or `*`. */
export const isMeant = (name: OwnPolicy['kinds'][number], { group, kind }: Kind): boolean =>
  name === '*' || name === kind || name === `${group}/${kind}`

function listKinds(builds: readonly Build[], definitions: readonly KubernetesObject[]): readonly Kind[] {
  const defined = definitions.map(one => ({
    group: stringAt(one, ['spec', 'group']) ?? '',
    kind: stringAt(one, ['spec', 'names', 'kind']) ?? '',
  }))
  const served = listServed().map(({ apiVersion, kind }) => ({ group: groupOf(apiVersion), kind }))
  return [...served, ...defined, ...builds.flatMap(({ resources }) => resources)]
}

/** What to write instead; undefined where the name may be right. */
function explainName(name: string, known: readonly Kind[]): string | undefined {
  const parts = name.split('/')
  const kind = parts.at(-1) ?? ''
  const group = parts.length > 1 ? parts[0] : undefined
  if (kind === '*') return 'a group has no star; name its kinds, or write "*" for every kind of every group'
  if (group !== undefined && /^v\d/.test(parts.at(-2) ?? ''))
    return `a version has no place here; write ${parts.length > 2 ? `${group}/${kind}` : kind}`
  if (group === 'core') return `the core group has no name; write ${kind}`
  const ofGroup = known.filter(one => group === undefined || one.group === group)
  const near = ofGroup.find(one => isSlipOf(kind, one.kind))
  if (near) return `did you mean ${group === undefined ? '' : `${group}/`}${near.kind}?`
  const elsewhere = known.find(one => one.kind === kind)
  return elsewhere && ofGroup.length > 0 ? `did you mean ${elsewhere.group}/${kind}?` : undefined
}
