// The practices, as rules of the catalogue.
import type { Rule } from '../rule.ts'
import { ENVIRONMENT } from './environment.ts'
import { HOST } from './host.ts'
import { makeRule } from './practice.ts'
import { SECURITY } from './security.ts'

export const PRACTICES: readonly Rule[] = [...SECURITY, ...HOST, ...ENVIRONMENT].map(makeRule)
