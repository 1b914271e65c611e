// Finds what an Application deletes from the cluster as soon as it is gone from Git.
import { hasApplicationOption, hasOption, readList } from '../../../tree/argocd/options.ts'
import { type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import type { Application } from '../../../tree/argocd/application.ts'
import type { TreeContext } from '../rule.ts'

/** Resources of some kinds, as `group/kind`, that automated pruning deletes without asking. */
export function* findPruned(
  { applications }: TreeContext,
  kinds: readonly string[],
): Generator<{ readonly resource: Resource; readonly application: Application }> {
  for (const application of applications) {
    const { object } = application.resource
    if (valueAt(object, ['spec', 'syncPolicy', 'automated', 'prune']) !== true) continue
    if (valueAt(object, ['spec', 'syncPolicy', 'automated', 'enabled']) === false) continue
    if (['Prune=false', 'Prune=confirm'].some(option => hasApplicationOption(object, option))) continue
    for (const { state } of application.sources) {
      for (const build of state.kind === 'builds' ? state.builds : []) {
        for (const resource of build.resources) {
          if (kinds.includes(`${resource.group}/${resource.kind}`) && !isProtected(resource))
            yield { resource, application }
        }
      }
    }
  }
}

const isProtected = ({ object }: Resource): boolean =>
  hasOption(object, 'Prune=false') ||
  hasOption(object, 'Prune=confirm') ||
  readList(object, 'helm.sh/resource-policy').includes('keep') ||
  stringAt(object, ['metadata', 'annotations', 'argocd.argoproj.io/hook']) !== undefined
