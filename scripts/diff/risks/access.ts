// Who may do what in the cluster: rules of roles that permit more, and bindings that reach more people.
import { listAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { ComparedObject } from '../model.ts'
import { createdOf, type Found, type Level, type ObjectRule, typeOf } from './risk.ts'

const ROLES = ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole']
const BINDINGS = ['rbac.authorization.k8s.io/RoleBinding', 'rbac.authorization.k8s.io/ClusterRoleBinding']

/** One verb on one kind of thing, as a rule of a role permits it. */
interface Grant {
  readonly verb: string
  readonly group: string
  /** A resource, or a URL. */
  readonly resource: string
  /** Undefined: all. */
  readonly name: string | undefined
  readonly fieldPath: FieldPath
}

/** What one role may be made of is bounded: beyond it grants are not told one by one. */
const MOST_GRANTS = 5_000

function listGrants({ object }: Resource): readonly Grant[] {
  const texts = (rule: unknown, key: string): readonly string[] => listAt(rule, [key]).map(String)
  const grants: Grant[] = []
  for (const [index, rule] of listAt(object, ['rules']).entries()) {
    const fieldPath = ['rules', index, 'verbs']
    const names = texts(rule, 'resourceNames')
    for (const verb of texts(rule, 'verbs')) {
      for (const resource of texts(rule, 'nonResourceURLs')) {
        grants.push({ verb, group: 'url', resource, name: undefined, fieldPath })
      }
      for (const group of texts(rule, 'apiGroups')) {
        for (const resource of texts(rule, 'resources')) {
          for (const name of names.length ? names : [undefined]) {
            if (grants.length < MOST_GRANTS) grants.push({ verb, group, resource, name, fieldPath })
          }
        }
      }
    }
  }
  return grants
}

const covers = (one: Grant, other: Grant): boolean =>
  (one.verb === '*' || one.verb === other.verb) &&
  (one.group === other.group || (one.group === '*' && other.group !== 'url')) &&
  (one.resource === '*' || one.resource === other.resource || coversUrl(one, other)) &&
  (one.name === undefined || one.name === other.name)

const coversUrl = (one: Grant, other: Grant): boolean =>
  one.group === 'url' && one.resource.endsWith('*') && other.resource.startsWith(one.resource.slice(0, -1))

/** Both versions of what permits something in one place: another name permits nothing more, another namespace does. */
const hadBefore = ({ before, after }: ComparedObject) =>
  before && after && before.namespace === after.namespace ? { before, after } : undefined

/** Verbs and resources by which somebody gets everything else. */
const STRONG_VERBS = new Set(['*', 'escalate', 'bind', 'impersonate'])
const STRONG_RESOURCES = new Set(['*', 'secrets', 'pods/exec', 'pods/attach', 'serviceaccounts/token', 'nodes/proxy'])

const isStrong = ({ verb, resource }: Grant): boolean => STRONG_VERBS.has(verb) || STRONG_RESOURCES.has(resource)

const MOST_SHOWN = 4

export const rbacGained: ObjectRule = {
  id: 'rbac-gained',
  level: 'danger',
  summary: 'a role that permits more than before, or a new one that permits everything',
  why: 'Everybody whom the role is bound to may do it at once, in each namespace where it is bound.',
  *check(object) {
    const stays = hadBefore(object)
    const after = stays?.after ?? createdOf(object)
    if (!after || !ROLES.includes(typeOf(after))) return
    const had = stays && listGrants(stays.before)
    const gained = listGrants(after).filter(one => (had ? !had.some(old => covers(old, one)) : isStrong(one)))
    for (const [, grants] of Map.groupBy(gained, ({ fieldPath }) => fieldPath[1])) {
      const [first] = grants
      if (!first) continue
      const named = [...new Set(grants.map(({ verb, resource }) => `${verb} ${resource}`))]
      const more = named.length > MOST_SHOWN ? ` and ${named.length - MOST_SHOWN} more` : ''
      const level: Level =
        stays || grants.some(({ verb, resource }) => verb === '*' || resource === '*') ? 'danger' : 'caution'
      yield { says: `may now ${named.slice(0, MOST_SHOWN).join(', ')}${more}`, level, fieldPath: first.fieldPath }
    }
    if (
      stays &&
      valueAt(stays.before.object, ['aggregationRule']) === undefined &&
      valueAt(after.object, ['aggregationRule'])
    ) {
      yield { says: 'now gathers the rules of other roles', fieldPath: ['aggregationRule'] }
    }
  },
}

const STRONG_ROLES = new Set(['cluster-admin', 'admin'])
const EVERYBODY = new Set([
  'system:authenticated',
  'system:unauthenticated',
  'system:anonymous',
  'system:serviceaccounts',
])

export const roleGranted: ObjectRule = {
  id: 'role-granted',
  level: 'caution',
  summary: 'a binding that gives a role to somebody who did not have it',
  why: 'A role does nothing by itself: whom it is bound to is what counts.',
  *check(object) {
    const stays = hadBefore(object)
    const after = stays?.after ?? createdOf(object)
    if (!after || !BINDINGS.includes(typeOf(after))) return
    const had = new Set(stays ? listAt(stays.before.object, ['subjects']).map(nameSubject) : [])
    const role = stringAt(after.object, ['roleRef', 'name']) ?? ''
    for (const [index, subject] of listAt(after.object, ['subjects']).entries()) {
      const name = nameSubject(subject)
      if (had.has(name)) continue
      const isStrong = STRONG_ROLES.has(role) || EVERYBODY.has(stringAt(subject, ['name']) ?? '')
      const found: Found = { says: `gives ${name} the role ${role}`, fieldPath: ['subjects', index, 'name'] }
      yield isStrong ? { ...found, level: 'danger' } : found
    }
  },
}

const nameSubject = (subject: unknown): string => {
  const [kind, namespace, name] = ['kind', 'namespace', 'name'].map(key => stringAt(subject, [key]) ?? '')
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`
}
