// An Application whose folder is gone stays at what it last synced, and reports ComparisonError.
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'application-path-missing',
  severity: 'error',
  summary: 'An Application of this repository names a folder that is not there.',
  why: 'Argo CD cannot generate manifests: the Application shows ComparisonError, and no commit reaches the cluster any more.',
  remediation: 'Name a folder of this repository in spec.source.path.',
  source: 'Argo CD repo-server: "app path does not exist"',
  *check({ applications }) {
    for (const { resource, sources } of applications) {
      for (const { fieldPath, path, state } of sources) {
        if (state.kind !== 'missing') continue
        yield {
          message: `path ${path} ${state.reason}`,
          values: [path],
          places: [{ resource, fieldPath: [...fieldPath, 'path'] }],
        }
      }
    }
  },
})
