// Go's regular expressions, which schemas are written in, within limits: a schema may come from anybody.

import { RE2JS, RE2JSSyntaxException } from 're2js'

export interface Pattern {
  readonly source: string
  /** True also where the text is too long to be tested: the effort's `onTooLong` is called then. */
  test(text: string): boolean
}

/** Go refuses the pattern; the message says why. */
export class PatternError extends Error {}

/** Go may know the pattern; it is too large to be run here. */
export class UnsupportedPattern extends Error {}

const maxSource = 10_000
const maxProgram = 10_000
/** A step is one instruction on one character, at worst two nanoseconds. On one text: a tenth of a second. */
const maxSteps = 50_000_000
/** And on all texts that share an effort: two seconds, for a tree that is made to be slow. */
const maxTotalSteps = 1_000_000_000

/** What patterns that are run together have left to spend. */
export interface Effort {
  steps: number
  readonly onTooLong: (source: string) => void
}

export function createEffort(onTooLong: (source: string) => void): Effort {
  return { steps: maxTotalSteps, onTooLong }
}

/** Throws PatternError and UnsupportedPattern. */
export function compilePattern(source: string, effort = createEffort(() => {})): Pattern {
  const compiled = compile(source)
  const size = compiled.programSize()
  if (size > maxProgram) throw new UnsupportedPattern('too large')
  return {
    source,
    test: text => {
      const steps = (text.length + 1) * size
      if (steps > maxSteps || steps > effort.steps) {
        effort.onTooLong(source)
        return true
      }
      effort.steps -= steps
      return compiled.test(text)
    },
  }
}

function compile(source: string): RE2JS {
  if (source.length > maxSource) throw new UnsupportedPattern('too large')
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException)
      throw new PatternError(error.message.replace('error parsing regexp: ', ''))
    throw error
  }
}
