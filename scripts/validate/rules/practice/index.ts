// The practices, as rules of the catalogue.
import type { Rule } from '../rule.ts'
import { ACCESS } from './access.ts'
import { AVAILABILITY } from './availability.ts'
import { DEPRECATED } from './deprecated.ts'
import { ENVIRONMENT } from './environment.ts'
import { HOST } from './host.ts'
import { LIFECYCLE } from './lifecycle.ts'
import { NETWORK } from './network.ts'
import { makeRule } from './practice.ts'
import { RESOURCES } from './resources.ts'
import { SECRETS } from './secrets.ts'
import { SECURITY } from './security.ts'

export const PRACTICES: readonly Rule[] = [
  ...SECURITY,
  ...HOST,
  ...SECRETS,
  ...ENVIRONMENT,
  ...RESOURCES,
  ...LIFECYCLE,
  ...AVAILABILITY,
  ...NETWORK,
  ...ACCESS,
  ...DEPRECATED,
].map(makeRule)
