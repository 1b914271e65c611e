// What a library of CEL is here: it adds the types, names, functions and macros that it has to an environment.
import type { Environment } from '../environment.ts'

export interface Library {
  readonly environment: Environment
  /** `string.charAt(int): string`, with what it does. */
  add(signature: string, handler: (...values: never[]) => unknown): void
  /** A name before a dot, as `sets` in `sets.contains(a, b)`; returns the type that has the functions. */
  addNamespace(name: string): string
}

export function openLibrary(environment: Environment): Library {
  return {
    environment,
    add: (signature, handler) => {
      environment.registerFunction(signature, handler as never)
    },
    addNamespace: name => {
      const type = `kubernetes.functions.${name}`
      // Each a class of its own: the environment knows the type of a value by its class.
      const Namespace = class {}
      environment.registerType(type, Namespace)
      environment.registerConstant(name, type, new Namespace())
      return type
    },
  }
}

/** The value as an optional one; undefined: none. */
export type ToOptional = (value: unknown) => unknown

/** Optional values are of a class that only an expression makes. */
export function findOptional({ environment }: Library): ToOptional {
  const none = environment.evaluate('optional.none()') as { readonly constructor: { of: ToOptional } }
  return value => none.constructor.of(value)
}

export const isSame = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && toText(a) === toText(b))

export const toText = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? { int: `${one}` } : one))
