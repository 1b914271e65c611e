// Whether a policy is about an object. Source: k8s.io/apiserver/pkg/admission/plugin/policy/matching.
import { listAt, pairsAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import { isMet, readRequirements } from '../../tree/model/label-selector.ts'
import type { Subject } from './subject.ts'

/** A text says why it is not known. */
export type Tri = boolean | string

/** Policies are not about themselves: nobody could take a wrong one back. */
export const isGroupOfPolicies = ({ group, kind }: Resource): boolean =>
  group === 'admissionregistration.k8s.io' && /^(?:Validating|Mutating)AdmissionPolicy(?:Binding)?$/.test(kind)

/** The resource's name in a path of the API, as the definitions of Kubernetes have it. */
export function pluralOf(kind: string): string {
  const name = kind.toLowerCase()
  if (name === 'endpoints') return name
  if (/(?:s|x|z|ch|sh)$/.test(name)) return `${name}es`
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`
}

const has = (rule: unknown, field: string, value: string): boolean => {
  const list = listAt(rule, [field])
  return list.includes('*') || list.includes(value)
}

/** An object that is made new. What is only about its changes is not known from it. */
export function matchConstraints(constraints: unknown, subject: Subject): Tri {
  const rules = listAt(constraints, ['resourceRules'])
  const isExact = stringAt(constraints, ['matchPolicy']) === 'Exact'
  if (
    listAt(constraints, ['excludeResourceRules']).some(
      rule => isRuleMet(rule, subject, isExact) && has(rule, 'operations', 'CREATE'),
    )
  )
    return false
  if (rules.length === 0) return true
  const met = rules.filter(rule => isRuleMet(rule, subject, isExact))
  if (met.some(rule => has(rule, 'operations', 'CREATE'))) return true
  return met.some(rule => has(rule, 'operations', 'UPDATE')) ? 'it is about changes alone' : false
}

function isRuleMet(rule: unknown, { group, version, plural, name, isNamespaced }: Subject, isExact: boolean): boolean {
  const isResource = listAt(rule, ['resources']).some(one => one === '*' || one === '*/*' || one === plural)
  const scope = stringAt(rule, ['scope']) ?? '*'
  const names = listAt(rule, ['resourceNames'])
  return (
    has(rule, 'apiGroups', group) &&
    // Else an object is converted to the version of the policy.
    (!isExact || has(rule, 'apiVersions', version)) &&
    isResource &&
    (scope === '*' || (scope === 'Namespaced') === isNamespaced) &&
    (names.length === 0 || names.includes(name))
  )
}

export function matchesObject(constraints: unknown, { object }: Subject): Tri {
  const labels = pairsAt(object, ['metadata', 'labels'])
  return readRequirements(valueAt(constraints, ['objectSelector'])).every(one => isMet(one, labels))
}

const NAME_LABEL = 'kubernetes.io/metadata.name'

export function matchesNamespace(constraints: unknown, subject: Subject): Tri {
  const requirements = readRequirements(valueAt(constraints, ['namespaceSelector']))
  if (requirements.length === 0) return true
  const isNamespace = subject.group === '' && subject.kind === 'Namespace'
  if (!isNamespace && !subject.isNamespaced) return true
  const name = isNamespace ? subject.name : subject.namespace
  if (name === undefined) return 'its namespace is not known'
  const object = isNamespace ? subject.object : subject.namespaceObject?.object
  const labels = { ...pairsAt(object, ['metadata', 'labels']), [NAME_LABEL]: name }
  if (object) return requirements.every(one => isMet(one, labels))
  // Of a namespace that is not in the tree only its name is known.
  const known = requirements.filter(({ key }) => key === NAME_LABEL)
  if (known.some(one => !isMet(one, labels))) return false
  return known.length === requirements.length || `the labels of namespace ${name} are not known`
}
