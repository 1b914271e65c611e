// Regular expressions as Go runs them: in a time that grows with the text and never with the ways to match it.
import { createRequire } from 'node:module'

/** Longer ones are of no name, label or image. */
const LONGEST_TEXT = 4096

// A run without such a pattern does without the module.
const requireHere = createRequire(import.meta.url)

/** Says whether an expression matches somewhere in a text. Throws for what Go does not take. */
export function compileGoExpression(source: string): (text: string) => boolean {
  const { RE2JS } = requireHere('re2js') as typeof import('re2js')
  const compiled = RE2JS.compile(source)
  return text => text.length <= LONGEST_TEXT && compiled.matcher(text).find()
}
