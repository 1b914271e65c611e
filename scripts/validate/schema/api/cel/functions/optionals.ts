// What may not be there. Source: cel-go's optional types.
import { findOptional, type Library } from './library.ts'
import { type Call, expand, type Macro, signatureOf, type Type } from './macros.ts'

interface Optional {
  hasValue(): boolean
  value(): unknown
}

const isZero = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  value === 0n ||
  (typeof value === 'object' && !(value instanceof Date) && Object.keys(value).length === 0)

export function addOptionals(library: Library): void {
  const { add } = library
  const optional = findOptional(library)
  const ofValue = (evaluate: (made: unknown) => unknown): Macro => ({
    ...{ variables: 1, expressions: 1, result: 'optional' },
    typesOf: (receiver, checker): readonly Type[] => [receiver.valueType ?? checker.getType('dyn')],
    evaluate(receiver, run) {
      const one = receiver as Optional
      return one.hasValue() ? evaluate(run([one.value()])) : one
    },
  })
  for (const [name, macro] of [
    ['optMap', ofValue(optional)],
    ['optFlatMap', ofValue(made => made)],
  ] as const)
    add(signatureOf('optional', name, macro), (call: Call) => expand(macro, call))
  add('OptionalNamespace.ofNonZeroValue(A): optional<A>', (_: unknown, value: unknown) =>
    optional(isZero(value) ? undefined : value),
  )
}
