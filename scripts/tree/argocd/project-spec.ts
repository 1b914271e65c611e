// Checks an AppProject as argocd-server would, which is the only one that does: roles, policies, windows, lists.
import type { FieldPath } from '../model/place.ts'
import { listAt, stringAt, valueAt } from '../model/build.ts'
import { checkMetadata } from './metadata.ts'
import { type ArgocdFault, refusedByServer, withoutEffect } from './fault.ts'
import { compileGlob } from './glob.ts'
import { explainSchedule, isTimeZone, parseGoDuration } from './go-time.ts'

/** Faults of an AppProject's own fields. Values of a wrong type are the schema's business. */
export function* checkProject(project: unknown): Generator<ArgocdFault> {
  yield* checkMetadata(project)
  yield* checkDestinations(project)
  yield* checkUnique(project, 'sourceNamespaces', 'source namespace')
  yield* checkUnique(project, 'sourceRepos', 'source repository')
  for (const [index, url] of listAt(project, ['spec', 'sourceRepos']).entries()) {
    if (url === '!*')
      yield refusedByServer(['spec', 'sourceRepos', index], '"!*" cannot deny everything', ['denied-everything'])
  }
  yield* checkRoles(project)
  yield* checkWindows(project)
  yield* checkServiceAccounts(project)
}

function* checkDestinations(project: unknown): Generator<ArgocdFault> {
  const seen = new Set<string>()
  for (const [index, item] of listAt(project, ['spec', 'destinations']).entries()) {
    const at: FieldPath = ['spec', 'destinations', index]
    const read = (field: string): string => stringAt(item, [field]) ?? ''
    for (const field of ['name', 'server', 'namespace']) {
      if (read(field) === '!*')
        yield refusedByServer([...at, field], '"!*" cannot deny everything', ['denied-everything'])
    }
    const cluster = read('server') === '' ? read('name') : read('server')
    const key = `${cluster}/${read('namespace')}`
    if (seen.has(key)) yield refusedByServer(at, `destination ${key} is listed twice`, ['repeated-destination', key])
    seen.add(key)
  }
}

function* checkUnique(project: unknown, field: string, noun: string): Generator<ArgocdFault> {
  const seen = new Set<unknown>()
  for (const [index, one] of listAt(project, ['spec', field]).entries()) {
    if (typeof one === 'string' && seen.has(one)) {
      yield refusedByServer(['spec', field, index], `${noun} ${one} is listed twice`, ['repeated-entry', one])
    }
    seen.add(one)
  }
}

const ROLE_NAME = /^[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?$/

function* checkRoles(project: unknown): Generator<ArgocdFault> {
  const projectName = stringAt(project, ['metadata', 'name']) ?? ''
  const names = new Set<string>()
  for (const [index, role] of listAt(project, ['spec', 'roles']).entries()) {
    const at: FieldPath = ['spec', 'roles', index]
    const name = stringAt(role, ['name'])
    if (name === undefined) continue
    if (names.has(name)) yield refusedByServer([...at, 'name'], `role ${name} is there twice`, ['repeated-role', name])
    names.add(name)
    if (!ROLE_NAME.test(name)) {
      yield refusedByServer(
        [...at, 'name'],
        `role name "${name}": only letters, digits, - and _, with a letter or digit at both ends`,
        ['odd-role', name],
      )
    }
    const policies = new Set<string>()
    for (const [row, policy] of listAt(role, ['policies']).entries()) {
      if (typeof policy !== 'string') continue
      const fault = policies.has(policy) ? 'is there twice' : explainPolicy(projectName, name, policy)
      if (fault) yield refusedByServer([...at, 'policies', row], `policy "${policy}": ${fault}`, ['odd-policy', policy])
      policies.add(policy)
    }
    const groups = new Set<string>()
    for (const [row, group] of listAt(role, ['groups']).entries()) {
      if (typeof group !== 'string') continue
      const fault = groups.has(group) ? 'is there twice' : explainGroup(group)
      if (fault) yield refusedByServer([...at, 'groups', row], `group "${group}" ${fault}`, ['odd-group', group])
      groups.add(group)
    }
  }
}

/** What a project's role may be permitted on. */
const RESOURCES = ['applications', 'applicationsets', 'repositories', 'exec', 'logs', 'clusters']
const ACTIONS = ['get', 'create', 'update', 'delete', 'sync', 'override', 'rollback', '*']

function explainPolicy(project: string, role: string, policy: string): string | undefined {
  const parts = policy.split(',').map(part => part.replace(/^ +| +$/g, ''))
  const [type, subject = '', resource = '', action = '', object = '', effect = ''] = parts
  if (parts.length !== 6 || type !== 'p') return 'it must be "p, subject, resource, action, object, effect"'
  const wanted = `proj:${project}:${role}`
  if (subject !== wanted) return `its subject must be ${wanted}`
  if (!RESOURCES.includes(resource)) return `${resource} is not a resource of a project (${RESOURCES.join(', ')})`
  if (!ACTIONS.includes(action) && !/(?:action|update|delete)\//.test(action)) return `${action} is not an action`
  const name = /^(?:\/[*\w.-]+)?\/[*\w.-]+$/
  if (!object.startsWith(project) || !name.test(object.slice(project.length))) {
    return `its object must be ${project}/NAME or ${project}/NAMESPACE/NAME`
  }
  return effect === 'allow' || effect === 'deny' ? undefined : 'its effect must be allow or deny'
}

function explainGroup(group: string): string | undefined {
  let name = group.trim()
  if (name.length > 1 && name.startsWith('"') && name.endsWith('"')) name = name.slice(1, -1)
  else if (name.includes(',')) return 'has a comma and must be quoted'
  if (name === '') return 'is empty'
  if (/["\n\r\t]/.test(name)) return 'has a quote, tab or line break in it'
  if (group.length > 1 && /^\s|\s$/u.test(group)) return 'begins or ends with a blank'
  return undefined
}

function* checkWindows(project: unknown): Generator<ArgocdFault> {
  const seen = new Set<string>()
  for (const [index, window] of listAt(project, ['spec', 'syncWindows']).entries()) {
    const at: FieldPath = ['spec', 'syncWindows', index]
    if (typeof window !== 'object' || window === null) continue
    const read = (field: string): string | undefined => stringAt(window, [field])
    const lists = ['applications', 'namespaces', 'clusters'].map(field => valueAt(window, [field]))
    const identity = [read('kind'), read('schedule'), read('duration'), read('timeZone'), ...lists]
    const key = JSON.stringify([...identity, valueAt(window, ['andOperator']) === true])
    if (seen.has(key)) yield refusedByServer(at, 'this window is there twice', ['repeated-window'])
    seen.add(key)
    const kind = read('kind') ?? ''
    if (isText(window, 'kind') && kind !== 'allow' && kind !== 'deny') {
      yield refusedByServer([...at, 'kind'], `kind ${kind || '""'} is neither allow nor deny`, ['odd-kind', kind])
    }
    const schedule = isText(window, 'schedule') ? explainSchedule(read('schedule') ?? '') : undefined
    if (schedule)
      yield refusedByServer([...at, 'schedule'], `schedule "${read('schedule') ?? ''}": ${schedule}`, [
        'odd-schedule',
        read('schedule') ?? '',
      ])
    const duration = read('duration') ?? ''
    if (isText(window, 'duration') && parseGoDuration(duration) === undefined) {
      const message = `duration "${duration}" is not a span such as 1h30m; there is no unit beyond hours`
      yield refusedByServer([...at, 'duration'], message, ['unreadable-span', duration])
    }
    const zone = read('timeZone')
    if (zone !== undefined && !isTimeZone(zone)) {
      yield withoutEffect([...at, 'timeZone'], `time zone ${zone} is unknown and counts as UTC`, ['unknown-zone', zone])
    }
    if (new TextEncoder().encode(read('description') ?? '').length > 255) {
      yield refusedByServer([...at, 'description'], 'the description is longer than 255 bytes', ['long-description'])
    }
    if (lists.every(list => list === undefined || list === null || (Array.isArray(list) && list.length === 0))) {
      yield refusedByServer(at, 'a window needs applications, namespaces or clusters', ['window-without-scope'])
    }
  }
}

/** True where a field is a string or is not there, which counts as an empty one. */
const isText = (object: unknown, field: string): boolean =>
  ['string', 'undefined'].includes(typeof valueAt(object, [field]))

function* checkServiceAccounts(project: unknown): Generator<ArgocdFault> {
  const seen = new Set<string>()
  for (const [index, item] of listAt(project, ['spec', 'destinationServiceAccounts']).entries()) {
    const at: FieldPath = ['spec', 'destinationServiceAccounts', index]
    const read = (field: string): string => stringAt(item, [field]) ?? ''
    for (const field of ['server', 'namespace']) {
      const pattern = read(field)
      if (pattern.includes('!'))
        yield refusedByServer([...at, field], `${field} ${pattern}: nothing can be denied here`, [
          'denied-pattern',
          pattern,
        ])
      else if (!compileGlob(pattern))
        yield refusedByServer([...at, field], `${field} ${pattern} is not a pattern`, ['odd-pattern', pattern])
    }
    const account = valueAt(item, ['defaultServiceAccount'])
    if (typeof account === 'string' && (account.replace(/ /g, '') === '' || /[!*[\]{}\\/]/.test(account))) {
      const message = `service account "${account}": a name, or NAMESPACE:NAME, without patterns`
      yield refusedByServer([...at, 'defaultServiceAccount'], message, ['odd-account', account])
    }
    const key = `${read('server')}/${read('namespace')}`
    if (seen.has(key)) yield refusedByServer(at, `destination ${key} is listed twice`, ['repeated-destination', key])
    seen.add(key)
  }
}
