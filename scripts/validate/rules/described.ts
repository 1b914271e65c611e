// The catalogue for those who only describe findings: where there are none, no rule is loaded.
import { createRequire } from 'node:module'
import type { Rule } from './rule.ts'

const requireHere = createRequire(import.meta.url)

/** Throws for an id that is not in the catalogue. */
export function describeRule(id: string): Rule {
  const catalogue = requireHere('./index.ts') as typeof import('./index.ts')
  return catalogue.describeRule(id)
}
