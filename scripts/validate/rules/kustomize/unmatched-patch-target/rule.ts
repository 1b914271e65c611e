// A patch whose target selects nothing: kustomize applies it to nothing and says nothing.
import { listAt, mappingAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { countMatches } from '../../../../tree/kustomize/trace/effects.ts'
import { defineRule } from '../../rule.ts'

const FIELDS = ['group', 'version', 'kind', 'namespace', 'name', 'labelSelector', 'annotationSelector'] as const

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-patch-target',
  severity: 'warning',
  summary: 'The target of a patch selects nothing.',
  why: 'kustomize applies the patch to nothing and says nothing: what it was to change stays as it is.',
  remediation: 'Write the target as the object is, or delete the patch.',
  source: 'kustomize: a target that selects nothing is no error (kubernetes-sigs/kustomize#4379)',
  *check({ kustomization, readers, tree }) {
    const roots = readers.flatMap(({ root, build }) => (build ? [root] : []))
    if (roots.length < readers.length) return
    for (const field of ['patches', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const target = mappingAt(entry, ['target'])
        if (!target || countMatches(tree, roots, kustomization, [field, index]) !== 0) continue
        const names = readers.flatMap(({ build }) => build?.resources.map(({ name }) => name) ?? [])
        const near = typeof target.name === 'string' ? closest(target.name, new Set(names)) : undefined
        const wanted = FIELDS.flatMap(key => (target[key] === undefined ? [] : [`${key} ${String(target[key])}`]))
        const fieldPath = [field, index, 'target']
        yield {
          message: `no object has ${wanted.join(', ')}${near && near !== target.name ? `; did you mean ${near}?` : ''}`,
          values: wanted,
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
