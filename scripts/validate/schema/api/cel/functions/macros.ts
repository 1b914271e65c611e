// How the library in use expands a macro: what is given to it is not evaluated before, and it declares variables.
import type { ASTNode } from '@marcbachmann/cel-js'

/** What the library in use gives a macro; it declares no types for them. */
export interface Type {
  readonly kind: string
  readonly keyType?: Type
  readonly valueType?: Type
}
interface Scope {
  forkWithVariable(name: string, type: Type): Scope
  reuse(outer: Scope): Scope
  setIterValue(value: unknown, evaluator: Evaluator): Scope
}
export interface Checker {
  check(node: ASTNode, scope: Scope): Type
  getType(name: string): Type
  createError(code: string, message: string, node: ASTNode): Error
}
interface Evaluator {
  run(node: ASTNode, scope: Scope): unknown
}
export interface Call {
  readonly ast: ASTNode & { setMeta(name: string, value: unknown): unknown }
  readonly args: readonly ASTNode[]
  readonly receiver: ASTNode
}

/** Evaluates one of the expressions with values for the variables. */
export type Run = (values: readonly unknown[], expression?: number) => unknown

export interface Macro {
  readonly variables: number
  readonly expressions: number
  /** The type of what it makes. */
  readonly result: string
  /** The types of the variables, as far as the type of the receiver tells them. */
  typesOf(receiver: Type, checker: Checker): readonly Type[]
  evaluate(receiver: unknown, run: Run): unknown
}

function nameOf(node: ASTNode | undefined): string {
  if (node?.op !== 'id') throw new Error('the variable of a macro must be a name')
  return node.args
}

export function expand({ variables, expressions, result, typesOf, evaluate }: Macro, call: Call): object {
  const { ast, args, receiver } = call
  const names = args.slice(0, variables).map(nameOf)
  const bodies = args.slice(variables, variables + expressions)
  let scopes: readonly Scope[] = []
  ast.setMeta('async', false)
  return {
    async: false,
    typeCheck(checker: Checker, _: unknown, scope: Scope): Type {
      const types = typesOf(checker.check(receiver, scope), checker)
      const made: Scope[] = []
      for (const [index, name] of names.entries())
        made.push((made.at(-1) ?? scope).forkWithVariable(name, types[index] as Type))
      scopes = made
      for (const body of bodies) checker.check(body, scopes.at(-1) as Scope)
      return checker.getType(result)
    },
    evaluate(evaluator: Evaluator, _: unknown, scope: Scope): unknown {
      const run: Run = (values, expression = 0) => {
        const inner = scopes.reduce<Scope>(
          (outer, one, index) => one.reuse(outer).setIterValue(values[index], evaluator),
          scope,
        )
        return evaluator.run(bodies[expression] as ASTNode, inner)
      }
      return evaluate(evaluator.run(receiver, scope), run)
    },
  }
}

export const signatureOf = (receiver: string, name: string, { variables, expressions, result }: Macro): string =>
  `${receiver}.${name}(${Array(variables + expressions)
    .fill('ast')
    .join(', ')}): ${result}`
