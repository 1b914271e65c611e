// A target of a replacement that selects nothing: kustomize copies the value nowhere and says nothing.
import { countMatches } from '../../../../tree/kustomize/trace/effects.ts'
import { listAt, mappingAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-replacement',
  severity: 'warning',
  summary: 'A target of a replacement selects nothing.',
  why: 'kustomize copies the value nowhere and says nothing: the field keeps what its manifest says.',
  remediation: 'Write the target as the object is, or delete it.',
  source: 'kustomize: a target of a replacement that selects nothing is no error',
  *check({ kustomization, readers, tree }) {
    const roots = readers.flatMap(({ root, build }) => (build ? [root] : []))
    if (roots.length < readers.length) return
    for (const [index, entry] of listAt(kustomization.value, ['replacements']).entries()) {
      for (const [position, target] of listAt(entry, ['targets']).entries()) {
        const path = ['replacements', index, 'targets', position]
        const select = mappingAt(target, ['select'])
        if (!select || countMatches(tree, roots, kustomization, path) !== 0) continue
        const names = readers.flatMap(({ build }) => build?.resources.map(({ name }) => name) ?? [])
        const near = typeof select.name === 'string' ? closest(select.name, new Set(names)) : undefined
        const wanted = Object.entries(select)
          .map(([key, value]) => `${key} ${String(value)}`)
          .join(', ')
        const fieldPath = [...path, 'select']
        yield {
          message: `no object has ${wanted}${near && near !== select.name ? `; did you mean ${near}?` : ''}`,
          values: [wanted],
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
