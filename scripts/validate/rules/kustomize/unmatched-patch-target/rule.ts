// A patch whose target selects nothing: kustomize applies it to nothing and says nothing.
import { listAt, mappingAt } from '../../../../tree/model/build.ts'
import { nearestObject } from '../near-name.ts'
import { defineRule } from '../../rule.ts'

const FIELDS = ['group', 'version', 'kind', 'namespace', 'name', 'labelSelector', 'annotationSelector'] as const

/** A kind and a name in letters: what kustomize refuses where a patch says them itself, without a target. */
const isOneObject = ({ kind, name }: Readonly<Record<string, unknown>>): boolean =>
  [kind, name].every(text => typeof text === 'string' && /^[\w.-]+$/.test(text) && !text.includes('.*'))

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-patch-target',
  severity: 'warning',
  summary: 'The target of a patch selects nothing.',
  why: 'kustomize applies the patch to nothing and says nothing: what it was to change stays as it is.',
  remediation: 'Write the target as the object is, or delete the patch.',
  source:
    'kustomize: a target that selects nothing is no error (kubernetes-sigs/kustomize#4379); the same patch without a target is one',
  *check({ kustomization, readers, roots, effects }) {
    for (const field of ['patches', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const target = mappingAt(entry, ['target'])
        if (!target || effects.sum(roots, kustomization, [field, index])?.matched !== 0) continue
        const wanted = FIELDS.flatMap(key => (target[key] === undefined ? [] : [`${key} ${String(target[key])}`]))
        const fieldPath = [field, index, 'target']
        yield {
          message: `no object has ${wanted.join(', ')}${nearestObject(target, readers)}`,
          values: wanted,
          ...(isOneObject(target) ? { severity: 'error' as const } : {}),
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
