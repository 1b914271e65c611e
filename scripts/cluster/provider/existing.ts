// A cluster of somebody else: used, never made, loaded or removed.

import { connect, kinds, read } from '../kube/kube.ts'
import { usageProblem } from '../../command/problem.ts'
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
  /** A context is only a name. The namespace kube-system is as old as its cluster, and its uid is found in no other. */
  async identify(_run, context) {
    const { uid, creationTimestamp = '' } =
      (await read(await connect(context), kinds.namespace, 'kube-system'))?.metadata ?? {}
    return uid === undefined ? undefined : { id: uid, made: Date.parse(creationTimestamp) }
  },
  create: refuse,
  resume: async () => {},
  load: refuse,
  has: async () => true,
  remove: refuse,
  gitHost: refuse,
}
