// Finds what an Application is told to ignore and what no comparison will ever ignore: pointers, expressions, names.
import { type Resource, listAt, mappingAt, stringAt, valueAt } from '../model/build.ts'
import { closest } from '../model/closest.ts'
import type { FieldPath, NotExamined } from '../model/place.ts'
import type { KubernetesObject } from '../model/resource.ts'
import type { Application } from './application.ts'
import { readYaml } from './applicationset/read-yaml.ts'
import { type ArgocdFault, refused, withoutEffect } from './fault.ts'
import { matchGlob } from './glob.ts'
import { evaluateJq, type JqResult, type JqTask } from './jq.ts'

export interface LocatedFault extends ArgocdFault {
  readonly resource: Resource
}

/** Whether the kind of an object may have a field; true where nothing is known of the kind. */
export type IsField = (object: KubernetesObject, path: FieldPath) => boolean

const ANNOTATION = 'argocd.argoproj.io/ignore-differences'

/** Checks the rules of all Applications, and those that stand on resources. */
export async function checkIgnoreDifferences(
  applications: readonly Application[],
  resources: readonly Resource[],
  isField: IsField,
): Promise<{ readonly faults: readonly LocatedFault[]; readonly notExamined: readonly NotExamined[] }> {
  const faults: LocatedFault[] = []
  const tasks = applications.flatMap(application => listTasks(application))
  const judge = await openJudge(tasks)
  for (const application of applications) {
    const { resource } = application
    for (const fault of checkApplication(application, judge, isField)) faults.push({ ...fault, resource })
  }
  const kept = faults.filter(fault => isOfAllSiblings(fault, faults, applications))
  faults.splice(0, faults.length, ...kept)
  for (const resource of resources) {
    for (const fault of checkAnnotation(resource, isField)) faults.push({ ...fault, resource })
  }
  return { faults, notExamined: applications.flatMap(application => [...listUnanswered(application, judge)]) }
}

/** Expressions that jq did not answer in its time, be it for their own sake or for that of one before them. */
function* listUnanswered({ resource }: Application, judge: Judge): Generator<NotExamined> {
  for (const [index, rule] of listAt(resource.object, ['spec', 'ignoreDifferences']).entries()) {
    for (const [row, expression] of listAt(rule, ['jqPathExpressions']).entries()) {
      if (judge(String(expression)).kind !== 'unknown') continue
      yield {
        place: { resource, fieldPath: ['spec', 'ignoreDifferences', index, 'jqPathExpressions', row] },
        reason: 'a jq expression that takes too long: what it ignores is not known',
        detail: `Application ${resource.name}`,
      }
    }
  }
}

/** One template has the rules for all Applications of an ApplicationSet: what fits one of them has an effect. */
function isOfAllSiblings(
  { resource, fieldPath, severity }: LocatedFault,
  faults: readonly LocatedFault[],
  applications: readonly Application[],
): boolean {
  const { origin } = resource
  if (origin.kind !== 'generated' || severity === 'error') return true
  const isSibling = (one: Resource): boolean => one.origin.kind === 'generated' && one.origin.by === origin.by
  const path = fieldPath.join('/')
  const alike = new Set(
    faults.filter(one => isSibling(one.resource) && one.fieldPath.join('/') === path).map(one => one.resource),
  )
  return applications.filter(one => isSibling(one.resource)).every(one => alike.has(one.resource))
}

type Judge = (expression: string) => JqResult

/** What jq is asked: each expression with one object that it is for, if there is one. */
function listTasks(application: Application): readonly JqTask[] {
  const rendered = listRendered(application)
  return listAt(application.resource.object, ['spec', 'ignoreDifferences']).flatMap(rule => {
    const fitting = rendered.find(resource => isFitting(rule, resource, application.destination.namespace))
    return listAt(rule, ['jqPathExpressions']).map(one => ({ expression: String(one), object: fitting?.object }))
  })
}

/** Asks once for all: most Applications of a tree say the same. */
async function openJudge(tasks: readonly JqTask[]): Promise<Judge> {
  const distinct = new Map<string, JqTask>()
  for (const task of tasks) {
    const known = distinct.get(task.expression)
    if (!known?.object) distinct.set(task.expression, task)
  }
  const list = [...distinct.values()]
  const results = list.length ? await evaluateJq(list) : []
  const byExpression = new Map(list.map(({ expression }, index) => [expression, results[index]]))
  return expression => byExpression.get(expression) ?? { kind: 'unknown' }
}

const listRendered = ({ sources }: Application): readonly Resource[] =>
  sources.flatMap(({ state }) => (state.kind === 'builds' ? state.builds.flatMap(build => build.resources) : []))

function* checkApplication(application: Application, judge: Judge, isField: IsField): Generator<ArgocdFault> {
  const rules = listAt(application.resource.object, ['spec', 'ignoreDifferences'])
  if (rules.length === 0) return
  const isWhole =
    application.sources.length > 0 &&
    application.sources.every(({ state }) => state.kind === 'builds' && !state.isPartial)
  const rendered = listRendered(application)
  for (const [index, rule] of rules.entries()) {
    const at: FieldPath = ['spec', 'ignoreDifferences', index]
    if (mappingAt(rule, []) === undefined && (typeof rule !== 'object' || rule === null)) continue
    const fitting = rendered.filter(resource => isFitting(rule, resource, application.destination.namespace))
    const pointers = listAt(rule, ['jsonPointers'])
    const expressions = listAt(rule, ['jqPathExpressions'])
    if (pointers.length + expressions.length + listAt(rule, ['managedFieldsManagers']).length === 0) {
      if ([pointers, expressions].every(list => Array.isArray(list)) && !hasWrongLists(rule)) {
        yield withoutEffect(at, 'the rule names no jsonPointers, jqPathExpressions or managedFieldsManagers', [
          'empty-rule',
        ])
      }
      continue
    }
    const results = expressions.map(expression => judge(String(expression)))
    let isBroken = false
    for (const [row, result] of results.entries()) {
      if (result.kind !== 'error') continue
      isBroken = true
      yield refused([...at, 'jqPathExpressions', row], `jq: ${result.message}`, [
        'odd-expression',
        String(expressions[row]),
      ])
    }
    if (isBroken) continue
    if (fitting.length === 0) {
      const { field, message } = explainMisfit(rule, rendered)
      if (isWhole) yield withoutEffect(field === undefined ? at : [...at, field], message, ['fits-nothing'])
      else yield* checkPointers(pointers, at, [], isField)
      continue
    }
    yield* checkPointers(pointers, at, fitting, isField)
    for (const [row, result] of results.entries()) {
      if (result.kind !== 'no path') continue
      const message = 'the expression is not a path to a field, so nothing is ignored'
      yield withoutEffect([...at, 'jqPathExpressions', row], message, ['not-a-path', String(expressions[row])])
    }
  }
}

/** A list of a wrong type is the schema's finding. */
const hasWrongLists = (rule: unknown): boolean =>
  ['jsonPointers', 'jqPathExpressions', 'managedFieldsManagers'].some(field => {
    const value = valueAt(rule, [field])
    return value !== undefined && value !== null && !Array.isArray(value)
  })

/** Group and kind are patterns, name and namespace are not. */
function isFitting(rule: unknown, resource: Resource, destination: string | undefined): boolean {
  const read = (field: string): string => stringAt(rule, [field]) ?? ''
  const namespace = resource.isNamespaced ? (resource.namespace ?? destination ?? '') : ''
  return (
    matchGlob(read('group'), resource.group) &&
    matchGlob(read('kind'), resource.kind) &&
    (read('name') === '' || read('name') === resource.name) &&
    (read('namespace') === '' || read('namespace') === namespace)
  )
}

/** `field`: the one to correct, where that is known. */
function explainMisfit(
  rule: unknown,
  rendered: readonly Resource[],
): { readonly message: string; readonly field?: string } {
  const read = (field: string): string => stringAt(rule, [field]) ?? ''
  const message = 'the rule fits no object that the Application renders'
  const sameKind = rendered.find(({ kind }) => kind.toLowerCase() === read('kind').toLowerCase())
  if (!sameKind) {
    const near = closest(read('kind'), new Set(rendered.map(({ kind }) => kind)))
    return near ? { message: `${message}; did you mean kind ${near}?`, field: 'kind' } : { message }
  }
  if (sameKind.kind !== read('kind'))
    return { message: `${message}: the kind is written ${sameKind.kind}`, field: 'kind' }
  if (!matchGlob(read('group'), sameKind.group)) {
    const group = sameKind.group || '""'
    return { message: `${message}: the group of ${sameKind.kind} is ${group}, without a version`, field: 'group' }
  }
  if (/[*?[{]/.test(read('name')))
    return { message: `${message}: a name is not a pattern, leave it out for all`, field: 'name' }
  const near = closest(
    read('name'),
    new Set(rendered.filter(({ kind }) => kind === read('kind')).map(({ name }) => name)),
  )
  return near !== undefined && near !== read('name')
    ? { message: `${message}; did you mean name ${near}?`, field: 'name' }
    : { message }
}

function* checkPointers(
  pointers: readonly unknown[],
  at: FieldPath,
  fitting: readonly Resource[],
  isField: IsField,
): Generator<ArgocdFault> {
  for (const [row, pointer] of pointers.entries()) {
    if (typeof pointer !== 'string') continue
    const reason = explainPointer(
      pointer,
      fitting.map(({ object }) => object),
      isField,
    )
    if (reason) yield withoutEffect([...at, 'jsonPointers', row], reason, ['ignores-nothing', pointer])
  }
}

/** Why a pointer removes nothing; undefined where it does, or where the field may be there in the cluster only. */
function explainPointer(pointer: string, objects: readonly KubernetesObject[], isField: IsField): string | undefined {
  const shown = JSON.stringify(pointer)
  if (pointer === '' || pointer === '/') return `${shown} names no field`
  if (!pointer.startsWith('/')) {
    const meant = pointer.replace(/^\.?/, '/').replace(/\.(?=[a-z])/g, '/')
    return `${shown} is not a JSON pointer, which begins with a slash: ${meant}`
  }
  const segments = pointer.slice(1).split('/')
  const wild = segments.find(segment => segment === '*' || segment === '-')
  if (wild) return `${shown}: ${wild} stands for nothing in a JSON pointer, use jqPathExpressions with []`
  const reasons = objects.map(object => followPointer(segments.map(decode), object, isField))
  return reasons.length > 0 && reasons.every(reason => reason !== undefined && reason !== '')
    ? `${shown}: ${reasons[0]}`
    : undefined
}

/** Segments of a pointer as a path: what is a number is an index. */
const readPath = (segments: readonly string[]): FieldPath =>
  segments.map(segment => (/^(?:0|[1-9][0-9]*)$/.test(segment) ? Number(segment) : segment))

const decode = (segment: string): string => segment.replace(/~1/g, '/').replace(/~0/g, '~')

/** Empty where the field is not there and may be in the cluster, undefined where it is there, else why it cannot be. */
function followPointer(segments: readonly string[], object: KubernetesObject, isField: IsField): string | undefined {
  let value: unknown = object
  for (const [index, segment] of segments.entries()) {
    if (Array.isArray(value)) {
      if (!/^(?:0|[1-9][0-9]*)$/.test(segment)) return `${segment} is not an index of a list`
      // A webhook may add one or two.
      if (Number(segment) > value.length + 1) return `the list has ${value.length} entries`
      value = value[Number(segment)]
      if (value === undefined) return ''
      continue
    }
    if (typeof value !== 'object' || value === null) {
      const parent = segments.slice(0, index).join('/')
      return `${parent} has no fields below it; a slash in a name is written ~1`
    }
    if (Object.hasOwn(value, segment)) {
      value = (value as Record<string, unknown>)[segment]
      continue
    }
    const rest = segments.slice(index).join('/')
    if (Object.hasOwn(value, rest)) return `${rest} is one name, whose slash is written ~1`
    const isFree = ['annotations', 'labels', 'data', 'stringData'].includes(segments[index - 1] ?? '')
    if (!isFree && !isField(object, readPath(segments.slice(0, index + 1)))) {
      const near = closest(segment, Object.keys(value))
      return `${object.kind} has no field ${segments.slice(0, index + 1).join('/')}${near ? `; did you mean ${near}?` : ''}`
    }
    // A domain in front of a slash: the name of an annotation was cut in two.
    const isCut = isFree && index < segments.length - 1
    return isCut ? `${rest} is one name, whose slash is written ~1` : ''
  }
  return undefined
}

/** A resource may carry pointers of its own. */
function* checkAnnotation(resource: Resource, isField: IsField): Generator<ArgocdFault> {
  const text = stringAt(resource.object, ['metadata', 'annotations', ANNOTATION])
  if (text === undefined) return
  const at: FieldPath = ['metadata', 'annotations', ANNOTATION]
  let value: unknown
  try {
    value = readYaml(text)
  } catch {
    value = undefined
  }
  const pointers = listAt(value, ['jsonPointers'])
  if (pointers.length === 0) {
    yield withoutEffect(at, 'the annotation says nothing: it needs a mapping with a list jsonPointers', [
      'empty-annotation',
    ])
    return
  }
  for (const pointer of pointers) {
    const reason = typeof pointer === 'string' ? explainPointer(pointer, [resource.object], isField) : undefined
    if (reason) yield withoutEffect(at, reason, ['ignores-nothing', String(pointer)])
  }
}
