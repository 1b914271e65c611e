// A path of `labels` that no object has: kustomize writes the labels nowhere and says nothing.
import { listAt, mappingAt } from '../../../../tree/model/build.ts'
import { nearestObject } from '../near-name.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-label-field',
  severity: 'warning',
  summary: 'A path under labels.fields is there in no object.',
  why: 'kustomize writes the labels to the other paths and says nothing of this one.',
  remediation: 'Write the path and the kind as the object has them, or say create: true.',
  source: 'kustomize: a field spec that matches nothing is not an error',
  *check({ kustomization, readers, roots, effects }) {
    for (const [index, entry] of listAt(kustomization.value, ['labels']).entries()) {
      for (const [position, field] of listAt(entry, ['fields']).entries()) {
        const path = ['labels', index, 'fields', position]
        const spec = mappingAt(field, [])
        if (!spec || effects.sum(roots, kustomization, path)?.matched !== 0) continue
        const wanted = `${String(spec.path)}${spec.kind === undefined ? '' : ` of ${String(spec.kind)}`}`
        yield {
          message: `no object has ${wanted}${nearestObject({ kind: spec.kind }, readers)}`,
          values: [wanted],
          places: [{ range: kustomization.file.rangeOf(0, [...path, 'path']), fieldPath: [...path, 'path'] }],
          builds: roots,
        }
      }
    }
  },
})
