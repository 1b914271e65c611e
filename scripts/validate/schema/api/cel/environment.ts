// The CEL library in use, with what Kubernetes has beyond it.
import { createRequire } from 'node:module'
import { closest } from '../../../../tree/model/closest.ts'
import { addFunctions } from './functions/index.ts'

type Cel = typeof import('@marcbachmann/cel-js')
export type Environment = InstanceType<Cel['Environment']>

const requireHere = createRequire(import.meta.url)

/** An environment of the library; `limits`: for expressions that are run, and not only read. */
export function createEnvironment(
  variables: readonly string[],
  limits?: { readonly maxAstNodes: number },
): Environment {
  const { Environment } = requireHere('@marcbachmann/cel-js') as Cel
  const options = { enableOptionalTypes: true, homogeneousAggregateLiterals: false }
  const environment = new Environment(limits ? { ...options, limits } : options)
  addFunctions(environment)
  for (const name of variables) environment.registerVariable(name, 'dyn')
  return environment
}

/** Names in backticks, entries that may be missing (`[?a]`) and typed objects (`Object{}`) are syntax that the library cannot read. */
export const hasUnreadSyntax = (text: string): boolean =>
  /`|[[{,]\s*\?|\b(?:Object|JSONPatch)(?:\.\w+)*\s*\{/.test(text)

/** Names before a dot that begin the name of a type. */
export const PACKAGES: ReadonlySet<string> = new Set(['google', 'net'])

/** Functions of the authorizer, which is asked in the cluster alone. Source: k8s.io/apiserver/pkg/cel/library (authz). */
const OF_AUTHORIZER = 'path group serviceAccount resource subresource namespace name check errored error allowed reason'
const OTHERS = `${OF_AUTHORIZER} fieldSelector labelSelector escapeKey`.split(' ')

interface Names {
  readonly all: ReadonlySet<string>
  /** Methods of strings. */
  readonly ofStrings: ReadonlySet<string>
}

const names = new WeakMap<Environment, Names>()

function namesOf(environment: Environment): Names {
  let known = names.get(environment)
  if (!known) {
    const { functions } = environment.getDefinitions()
    const ofStrings = functions.filter(({ receiverType }) => receiverType === 'string')
    known = {
      all: new Set([...functions.map(({ name }) => name), ...OTHERS]),
      ofStrings: new Set(ofStrings.map(({ name }) => name)),
    }
    names.set(environment, known)
  }
  return known
}

/** Types that have no methods. */
const PLAIN = new Set(['int', 'uint', 'double', 'bool'])
const KNOWN = new Set([...PLAIN, 'string', 'bytes'])
/** Functions of which all forms are known here. */
const WHOLE = new Set('size quantity isQuantity url isURL ip isIP cidr isCIDR semver isSemver'.split(' '))

/** What is wrong with a call that no function fits; undefined where Kubernetes may know one. */
export function explainCall(message: string, environment: Environment): string | undefined {
  const [, receiver, name = '', given = ''] =
    /^found no matching overload for '(?:([$\w.<>, ]+)\.)?(\w+)\((.*)\)'$/.exec(message) ?? []
  const { all, ofStrings } = namesOf(environment)
  if (name === '') return undefined
  if (!all.has(name)) {
    const near = closest(name, all)
    return `calls ${name}, which CEL does not have${near === undefined ? '' : `; did you mean ${near}?`}`
  }
  const areKnown = given === '' || given.split(', ').every(type => KNOWN.has(type))
  if (receiver === undefined)
    return WHOLE.has(name) && areKnown ? `calls ${name} with ${given || 'nothing'}, which it does not take` : undefined
  // An object has no methods.
  if (receiver.startsWith('$')) return `calls ${name} of an object, which does not have it`
  if (PLAIN.has(receiver) || (receiver === 'string' && !ofStrings.has(name)))
    return `calls ${name} of a value of type ${receiver}, which does not have it`
  return receiver === 'string' && areKnown
    ? `calls ${name} with ${given || 'nothing'}, which it does not take`
    : undefined
}
