// The rules that a repository writes for itself: `policies` in validation.yaml.
import { type Build, type Resource, valueAt } from '../../tree/model/build.ts'
import type { Deployment } from '../../tree/deploy.ts'
import type { IsField } from '../../tree/argocd/ignore-differences.ts'
import { type Fault, faultAt, type NotExamined, type ResourcePlace } from '../../tree/model/place.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import type { SourceFile } from '../../tree/source/source-file.ts'
import type { Soundness } from '../check-schemas.ts'
import type { OwnPolicy } from '../config.ts'
import { compile, type Context, type Effort, type Expression, MOST_STEPS_OF_A_RUN } from './expression.ts'
import { findField } from './named-field.ts'
import { checkNamedKinds, isMeant } from './named-kinds.ts'
import { rangeInText } from './range-in-text.ts'
import { fillIn, measure, toCel } from './values.ts'

export const OWN_VARIABLES = ['object', 'namespaceObject', 'params']

export interface PolicyFindings {
  readonly faults: readonly Fault[]
  readonly notExamined: readonly NotExamined[]
}

interface Compiled {
  readonly policy: OwnPolicy
  readonly expression: Expression
  readonly message: Expression | undefined
}

export interface Written {
  readonly policies: readonly OwnPolicy[]
  /** Where they are written. */
  readonly file: SourceFile | undefined
}

export function checkOwnPolicies(
  { policies, file }: Written,
  { builds, besideOf }: Deployment,
  isSound: Soundness,
  isField: IsField,
  definitions: readonly KubernetesObject[],
): PolicyFindings {
  const named = checkNamedKinds({ policies, file }, builds, definitions)
  const faults: Fault[] = [...named.faults, ...findUnknownFields({ policies, file }, builds, isField)]
  const notExamined: NotExamined[] = [...named.notExamined]
  const effort: Effort = { steps: MOST_STEPS_OF_A_RUN }
  const compiled = policies.map(compilePolicy)
  for (const build of policies.length ? builds : []) {
    const namespaces = namespacesOf(build, besideOf)
    for (const resource of build.resources) {
      for (const one of compiled) {
        // What its schema refuses cannot be read with trust.
        if (!isFor(one.policy, resource) || !isSound(resource, [])) continue
        const found = judge(one, resource, namespaces, effort)
        if (found && 'ruleId' in found) faults.push(found)
        else if (found) notExamined.push(found)
      }
    }
  }
  return { faults, notExamined }
}

function compilePolicy(policy: OwnPolicy): Compiled {
  const read = (text: string): Expression => {
    const program = compile(text, OWN_VARIABLES)
    // The configuration is read before.
    if (!('run' in program)) throw new Error(`policy ${policy.id}: ${program.message}`)
    return program
  }
  const { expression, messageExpression } = policy
  return { policy, expression: read(expression), message: messageExpression ? read(messageExpression) : undefined }
}

/** Fields of `object` that a kind does not have: then the policy says something else than is meant. */
function* findUnknownFields({ policies, file }: Written, builds: readonly Build[], isField: IsField): Generator<Fault> {
  for (const [index, policy] of file ? policies.entries() : []) {
    const { fields } = compilePolicy(policy).expression
    const kinds = new Map<string, Resource>()
    // Of all kinds together a field need not be one of each.
    for (const { resources } of policy.kinds.includes('*') ? [] : builds)
      for (const one of resources) if (isFor(policy, one)) kinds.set(`${one.object.apiVersion}/${one.kind}`, one)
    for (const { kind, object } of kinds.values()) {
      const unknown = fields.find(path => path.some((_, at) => !isField(object, path.slice(0, at + 1))))
      if (!unknown) continue
      const at = unknown.findIndex((_, depth) => !isField(object, unknown.slice(0, depth + 1)))
      const name = unknown.slice(0, at + 1).join('.')
      const path = ['policies', index, 'expression']
      const range = rangeInText(file as SourceFile, path, Math.max(policy.expression.indexOf(`.${unknown[at]}`) + 1, 0))
      yield faultAt('own-policy', `policy ${policy.id} speaks of ${name}, which a ${kind} does not have`, range, path, [
        policy.id,
        name,
      ])
    }
  }
}

const isFor = ({ kinds }: OwnPolicy, resource: Resource): boolean => kinds.some(name => isMeant(name, resource))

/** What a build's neighbours know of namespaces. */
export function namespacesOf(build: Build, besideOf: Deployment['besideOf']): ReadonlyMap<string, Resource> {
  return new Map(
    besideOf(build)
      .ofKind('', 'Namespace')
      .map(one => [one.name, one]),
  )
}

const NEITHER = 'its expression is neither true nor false'

function judge(
  { policy, expression, message }: Compiled,
  resource: Resource,
  namespaces: ReadonlyMap<string, Resource>,
  effort: Effort,
): Fault | NotExamined | undefined {
  const namespace = namespaces.get(resource.namespace ?? '')
  const object = fillIn(resource)
  const variables = {
    object: toCel(object),
    namespaceObject: namespace ? toCel(namespace.object) : null,
    params: toCel(policy.params ?? null),
  }
  const context: Context = { variables, size: measure(object) + measure(policy.params), effort }
  const outcome = expression.run(context)
  if ('value' in outcome && outcome.value === true) return undefined
  const place = (fieldPath: ResourcePlace['fieldPath']): ResourcePlace => ({ resource, fieldPath })
  const why = 'error' in outcome ? outcome.error : outcome.value === false ? undefined : NEITHER
  if (why !== undefined) {
    const reason = `policy ${policy.id} of validation.yaml cannot be evaluated`
    return { place: place([]), reason, detail: `${resource.kind} ${resource.name}: ${why}` }
  }
  const written = message?.run(context)
  const text = written && 'value' in written && typeof written.value === 'string' ? written.value.trim() : ''
  const say = text || policy.message || `the object does not meet ${policy.expression.replace(/\s+/g, ' ').trim()}`
  const fieldPath = trim(findField(say, expression, resource.object, context), resource)
  return {
    ruleId: 'own-policy',
    message: `${policy.id}: ${say}`,
    severity: policy.severity,
    values: [policy.id],
    places: [place(fieldPath)],
  }
}

/** A path below a field that is not there ends at the first one that is missing. */
function trim(path: ResourcePlace['fieldPath'], { object }: Resource): ResourcePlace['fieldPath'] {
  const missing = path.findIndex((_, index) => valueAt(object, path.slice(0, index + 1)) === undefined)
  return missing < 0 ? path : path.slice(0, missing + 1)
}
