// What is known of a type of the API server: its fields, its defaults, and what it takes for nothing.

export type Defaults = (own: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>

export interface Type {
  /** The type of each field; `[T]` a list, `{T}` a mapping of any keys; `quantity`, `number` (or a string of it), `text`. */
  readonly fields?: Readonly<Record<string, string>>
  /** What stands there where nothing is written; undefined: nothing. */
  readonly defaults?: Defaults
  /** Fields of which false, 0, an empty text and an empty mapping are the same as nothing. */
  readonly zeros?: readonly string[]
}

export const always =
  (defaults: Readonly<Record<string, unknown>>): Defaults =>
  () =>
    defaults
