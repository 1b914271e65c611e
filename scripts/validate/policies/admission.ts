// The ValidatingAdmissionPolicies that lie in the tree, held against what is deployed beside them.
import { listAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { Deployment } from '../../tree/deploy.ts'
import type { Fault, FieldPath, NotExamined } from '../../tree/model/place.ts'
import type { Soundness } from '../check-schemas.ts'
import { describeReach, type Reach, reachOf, worse } from './cluster.ts'
import { type Effort, MOST_STEPS_OF_A_RUN } from './expression.ts'
import { evaluate, type Verdict } from './evaluate.ts'
import { isGroupOfPolicies, matchConstraints, matchesNamespace, matchesObject, type Tri } from './match.ts'
import { namespacesOf, type PolicyFindings } from './own.ts'
import { findParams } from './params.ts'
import { listSubjects, type Subject } from './subject.ts'

const GROUP = 'admissionregistration.k8s.io'

interface Bound {
  readonly policy: Resource
  readonly binding: Resource
  readonly reach: Reach
}

/** A policy may bind what is in its own cluster; where that is not known, its findings are warnings. */
export function checkAdmission(deployment: Deployment, isSound: Soundness): PolicyFindings {
  const all = deployment.builds.flatMap(({ resources }) => resources)
  const ofKind = (kind: string): readonly Resource[] =>
    all.filter(one => one.group === GROUP && one.kind === kind && isSound(one, ['spec']))
  const [policies, bindings] = [ofKind('ValidatingAdmissionPolicy'), ofKind('ValidatingAdmissionPolicyBinding')]
  if (policies.length === 0 || bindings.length === 0) return { faults: [], notExamined: [] }
  const run: Run = { all, effort: { steps: MOST_STEPS_OF_A_RUN }, faults: [], notExamined: [] }
  const reach = reachOf(deployment)
  const plurals = readPlurals(all)
  for (const build of deployment.builds) {
    const surroundings = { namespaces: namespacesOf(build, deployment.besideOf), plurals }
    for (const resource of build.resources) {
      if (isGroupOfPolicies(resource) || !isSound(resource, [])) continue
      const bound = bind(policies, bindings, one => reach(one, resource))
      const subjects = bound.length > 0 ? listSubjects(resource, surroundings) : []
      // Of what is refused no pods are made.
      for (const one of bound) subjects.some(subject => judge(one, subject, run))
    }
  }
  return run
}

/** As the definitions of the tree call their kinds. */
function readPlurals(all: readonly Resource[]): ReadonlyMap<string, string> {
  const definitions = all.filter(
    ({ group, kind }) => group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition',
  )
  return new Map(
    definitions.map(({ object }) => {
      const read = (...path: readonly string[]): string => stringAt(object, ['spec', ...path]) ?? ''
      return [`${read('group')}/${read('names', 'kind')}`, read('names', 'plural')]
    }),
  )
}

interface Run {
  readonly all: readonly Resource[]
  readonly effort: Effort
  readonly faults: Fault[]
  readonly notExamined: NotExamined[]
}

/** Each binding once, with its policy; the same objects are often rendered by several builds: the nearest count. */
function bind(
  policies: readonly Resource[],
  bindings: readonly Resource[],
  reach: (one: Resource) => Reach | undefined,
): readonly Bound[] {
  const nearest = (list: readonly Resource[]): ReadonlyMap<string, { one: Resource; reach: Reach }> => {
    const found = new Map<string, { one: Resource; reach: Reach }>()
    for (const one of list) {
      const near = reach(one)
      const known = found.get(one.name)
      if (near && (!known || worse(near, known.reach) !== near)) found.set(one.name, { one, reach: near })
    }
    return found
  }
  const known = nearest(policies)
  // What is refused is told first.
  const sorted = [...nearest(bindings).values()].sort((a, b) => Number(denies(b.one)) - Number(denies(a.one)))
  return sorted.flatMap(({ one: binding, reach: near }) => {
    const policy = known.get(stringAt(binding.object, ['spec', 'policyName']) ?? '')
    return policy ? [{ policy: policy.one, binding, reach: worse(near, policy.reach) }] : []
  })
}

const denies = ({ object }: Resource): boolean => listAt(object, ['spec', 'validationActions']).includes('Deny')

/** True where the object is refused, or warned of. */
function judge(bound: Bound, subject: Subject, run: Run): boolean {
  const { policy, binding, reach } = bound
  const isDenied = denies(binding)
  const skip = (why: string): void => {
    const reason = 'a ValidatingAdmissionPolicy that cannot be evaluated here'
    run.notExamined.push({ place: { resource: policy, fieldPath: [] }, reason, detail: `${policy.name}: ${why}` })
  }
  const matched = matches(policy, binding, subject)
  if (matched === false) return false
  // Neither its cluster nor its namespace is known: nobody deploys it as it is.
  if (typeof matched === 'string' && reach === 'perhaps') return false
  const params = matched === true ? findParams(policy, binding, subject, run.all) : matched
  if (params === 'none') return false
  if (typeof params === 'string') {
    skip(params)
    return false
  }
  const before = run.faults.length
  for (const param of params) {
    for (const verdict of evaluate(policy, subject, param, run.effort)) {
      if ('unknown' in verdict) skip(verdict.unknown)
      else run.faults.push(describe(verdict, subject, bound, isDenied))
    }
  }
  return run.faults.length > before
}

/** A text says why it is not known. */
function matches(policy: Resource, binding: Resource, subject: Subject): boolean | string {
  const constraints = [
    valueAt(policy.object, ['spec', 'matchConstraints']),
    valueAt(binding.object, ['spec', 'matchResources']),
  ]
  const answers = constraints.flatMap((one): readonly Tri[] =>
    one === undefined
      ? []
      : [matchConstraints(one, subject), matchesObject(one, subject), matchesNamespace(one, subject)],
  )
  if (answers.includes(false)) return false
  return answers.find(one => typeof one === 'string') ?? true
}

function describe(
  { message, path, rule }: Extract<Verdict, { message: string }>,
  { resource, prefix, note }: Subject,
  { policy, reach }: Bound,
  isDenied: boolean,
): Fault {
  const fieldPath: FieldPath = [...prefix, ...path]
  return {
    ruleId: 'admission-policy',
    message: `${message}: ValidatingAdmissionPolicy ${policy.name} ${isDenied ? 'refuses' : 'warns of'} it${describeReach(reach)}${isDenied ? note : ''}`,
    severity: isDenied && reach !== 'perhaps' ? 'error' : 'warning',
    // Of several bindings it is one mistake.
    values: [policy.name, rule],
    places: [{ resource, fieldPath }],
  }
}
