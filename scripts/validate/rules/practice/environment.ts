// Variables of containers that are not what they seem.
import { listAt, stringAt } from '../../../tree/model/build.ts'
import type { Found, Practice } from './practice.ts'
import type { PodView } from './pod-view.ts'

function* findDuplicates({ containers }: PodView): Generator<Found> {
  for (const { name: container, value, path } of containers) {
    const seen = new Map<string, unknown>()
    for (const [index, variable] of listAt(value, ['env']).entries()) {
      const name = stringAt(variable, ['name']) ?? ''
      const first = seen.get(name)
      seen.set(name, variable)
      // `PATH: $(PATH):/opt` goes on from what is before it.
      if (first === undefined || name === '' || stringAt(variable, ['value'])?.includes(`$(${name})`)) continue
      const message = `container ${container} sets ${name} a second time: the first is hidden, and which one is kept can change when it is applied again; delete one`
      yield { path: [...path, 'env', index], message, values: [name] }
    }
  }
}

export const ENVIRONMENT: readonly Practice[] = [
  {
    id: 'duplicate-env-var',
    summary: 'A container sets one variable twice.',
    why: 'The last one counts when the pod starts, and a merge of kubectl or Argo CD may drop either of them.',
    remediation: 'Delete one of the two.',
    source: 'kube-linter duplicate-env-var, kube-score environment-variable-key-duplication',
    of: 'pods',
    find: findDuplicates,
  },
]
