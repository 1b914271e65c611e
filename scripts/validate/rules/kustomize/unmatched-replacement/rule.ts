// A target of a replacement that selects nothing: kustomize copies the value nowhere and says nothing.
import { listAt, mappingAt } from '../../../../tree/model/build.ts'
import { nearestObject } from '../near-name.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-replacement',
  severity: 'warning',
  summary: 'A target of a replacement selects nothing.',
  why: 'kustomize copies the value nowhere and says nothing: the field keeps what its manifest says.',
  remediation: 'Write the target as the object is, or delete it.',
  source: 'kustomize: a target of a replacement that selects nothing is not an error',
  *check({ kustomization, readers, roots, effects }) {
    for (const [index, entry] of listAt(kustomization.value, ['replacements']).entries()) {
      for (const [position, target] of listAt(entry, ['targets']).entries()) {
        const path = ['replacements', index, 'targets', position]
        const select = mappingAt(target, ['select'])
        if (!select || effects.sum(roots, kustomization, path)?.matched !== 0) continue
        const wanted = Object.entries(select)
          .map(([key, value]) => `${key} ${String(value)}`)
          .join(', ')
        const fieldPath = [...path, 'select']
        yield {
          message: `no object has ${wanted}${nearestObject(select, readers)}`,
          values: [wanted],
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
