// Fields that kustomize has replaced by others: it warns of them at each build, and a later version does not know them.
import { listAt, valueAt } from '../../../../tree/model/build.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { defineRule } from '../../rule.ts'

/** What kustomize 5.8.1 calls deprecated, with what it is written as now. */
const FIELDS: Readonly<Record<string, string>> = {
  bases: 'write the folders under resources',
  imageTags: 'write images',
  commonLabels: 'write labels, with pairs and includeSelectors: true',
  patchesStrategicMerge: 'write patches, each with path or patch',
  patchesJson6902: 'write patches, each with its target',
  vars: 'write replacements',
  helmChartInflationGenerator: 'write helmCharts',
}

export default defineRule({
  scope: 'kustomization',
  id: 'deprecated-kustomization-field',
  severity: 'warning',
  summary: 'A kustomization has a field that kustomize calls deprecated.',
  why: 'kustomize warns of it at each build and will not read it in the API version after this one.',
  remediation: 'Write the new field; `kustomize edit fix` rewrites most of them.',
  source: 'kustomize 5.8.1, api/types: deprecated fields and their warnings',
  *check({ kustomization }) {
    const { value, file } = kustomization
    const report = (name: string, say: string, fieldPath: FieldPath) => ({
      message: `${name} is deprecated: ${say}`,
      values: [name],
      places: [{ range: file.rangeOf(0, fieldPath), fieldPath }] as const,
    })
    for (const [name, say] of Object.entries(FIELDS)) {
      const found = value[name]
      const isSet = found !== undefined && found !== null && !(Array.isArray(found) && found.length === 0)
      if (isSet) yield report(name, say, [name])
    }
    for (const field of ['configMapGenerator', 'secretGenerator']) {
      for (const [index, entry] of listAt(value, [field]).entries()) {
        if (typeof valueAt(entry, ['env']) === 'string')
          yield report(`${field}.env`, 'write a list under envs', [field, index, 'env'])
      }
    }
  },
})
