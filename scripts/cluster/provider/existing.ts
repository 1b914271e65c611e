// A cluster of somebody else: used, never made, loaded or removed.

import { usageProblem } from '../problem.ts'
import { requirePrograms } from '../shell.ts'
import type { Provider } from './provider.ts'

const refuse = async (): Promise<never> => {
  throw usageProblem('an existing cluster is never made, loaded or removed from here')
}

export const existing: Provider = {
  name: 'existing',
  async require() {
    requirePrograms(['kubectl', 'git'])
  },
  contextOf: cluster => cluster,
  exists: async () => true,
  identify: async () => undefined,
  create: refuse,
  resume: async () => {},
  load: refuse,
  has: async () => true,
  remove: refuse,
  gitHost: refuse,
}
