// Fields that a rule asks for and that the schema of a definition does not have.
// Source: apiserver's pkg/cel/common (schemas.go): an object has its properties, and of others nothing is known to rules.
import { namesInCel } from '../cel/check.ts'
import { LOOPS } from '../cel/functions/comprehensions.ts'
import { entriesOf, get, isMapping, isTrue, type Node, textOf } from '../node.ts'
import { type Ast, childrenOf, openLoop, parseRule, resolve, type Scope } from './cost.ts'

/** Whether only its properties are fields of it: not a mapping, and not an object of Kubernetes. */
function isClosed(schema: Node): boolean {
  const additional = get(schema, 'additionalProperties').value
  const isOpen = isMapping(additional) || additional === true || isTrue(get(schema, 'x-kubernetes-embedded-resource'))
  return textOf(get(schema, 'type')) === 'object' && !isOpen
}

/** The two names that every object has, and one that is embedded, whatever the schema says of its metadata. */
function isOfMetadata(holder: Ast, name: string, scope: Scope, root: Node): boolean {
  if (holder.op !== '.' || holder.args[1] !== 'metadata' || !['name', 'generateName'].includes(name)) return false
  const owner = resolve(holder.args[0], scope)
  return owner !== undefined && (owner === root || isTrue(get(owner, 'x-kubernetes-embedded-resource')))
}

function find(node: Ast, scope: Scope, root: Node): string | undefined {
  if (node.op === '.') {
    const [holder, name] = node.args
    const schema = resolve(holder, scope)
    const hasIt = (one: Node): boolean =>
      entriesOf(get(one, 'properties')).some(({ key }) => namesInCel(String(key)).includes(name))
    if (schema && schema !== root && isClosed(schema) && !hasIt(schema) && !isOfMetadata(holder, name, scope, root))
      return name
  }
  const isLoop = node.op === 'rcall' && LOOPS.has(node.args[0])
  const [, receiver, [variable, ...bodies]] = isLoop ? node.args : [undefined, undefined, []]
  if (!receiver) return findIn(childrenOf(node), scope, root)
  const inner = openLoop(resolve(receiver, scope), variable, bodies.length, scope)
  return find(receiver, scope, root) ?? findIn(bodies, inner, root)
}

function findIn(nodes: readonly Ast[], scope: Scope, root: Node): string | undefined {
  for (const node of nodes) {
    const found = find(node, scope, root)
    if (found !== undefined) return found
  }
  return undefined
}

/** `isRoot`: the object itself has fields that no schema names. */
export function explainField(rule: string, schema: Node, isRoot: boolean): string | undefined {
  const ast = parseRule(rule)
  const name = ast && find(ast, new Map([['self', schema]]), isRoot ? schema : get(schema, ''))
  return name === undefined ? undefined : `speaks of a field ${name} that the schema does not have`
}
