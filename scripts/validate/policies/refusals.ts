// Reads the expressions of a configuration before anything is judged by them.
import type { OwnPolicy } from '../config.ts'
import { compile, type Refusal } from './expression.ts'
import { OWN_VARIABLES } from './own.ts'

/** What is wrong with the expressions of a policy, with the field that it is wrong in. */
export function findRefusals(policy: OwnPolicy): readonly (Refusal & { readonly field: string })[] {
  const check = (field: string, text: string | undefined, result: 'bool' | 'string') => {
    const program = text === undefined ? undefined : compile(text, OWN_VARIABLES, result)
    return program && !('run' in program) ? [{ ...program, field }] : []
  }
  return [
    ...check('expression', policy.expression, 'bool'),
    ...check('messageExpression', policy.messageExpression, 'string'),
  ]
}
