// Finds workloads that say how many replicas they have although an autoscaler decides that.
import { type Build, listAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { closest } from '../../../tree/model/closest.ts'
import type { Application } from '../../../tree/argocd/application.ts'
import type { TreeContext } from '../rule.ts'

export interface ScaledWorkload {
  readonly workload: Resource
  readonly scaler: Resource
  /** Whether an Application sets the number back by itself. */
  readonly isHealed: boolean
}

export function* findScaled({ builds, deployment, applications }: TreeContext): Generator<ScaledWorkload> {
  const syncedBy = new Map<Build, Application[]>()
  for (const application of applications) {
    for (const { state } of application.sources) {
      for (const build of state.kind === 'builds' ? state.builds : []) {
        syncedBy.set(build, [...(syncedBy.get(build) ?? []), application])
      }
    }
  }
  for (const build of builds) {
    if (!build.resources.some(isScaler)) continue
    const own = deployment.ownOf(build)
    const byKind = new Map<string, ReadonlyMap<string, readonly Resource[]>>()
    const named = (group: string, kind: string): ReadonlyMap<string, readonly Resource[]> => {
      const key = `${group}/${kind}`
      const known = byKind.get(key) ?? Map.groupBy(own.ofKind(group, kind), nameOf)
      byKind.set(key, known)
      return known
    }
    for (const scaler of own.ofKind('autoscaling', 'HorizontalPodAutoscaler')) {
      const kind = stringAt(scaler.object, ['spec', 'scaleTargetRef', 'kind']) ?? ''
      const apiVersion = stringAt(scaler.object, ['spec', 'scaleTargetRef', 'apiVersion']) ?? ''
      const name = stringAt(scaler.object, ['spec', 'scaleTargetRef', 'name'])
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
      if (name === undefined) continue
      for (const workload of named(group, kind).get(nameOf({ name, namespace: scaler.namespace })) ?? []) {
        if (typeof valueAt(workload.object, ['spec', 'replicas']) !== 'number') continue
        const owners = syncedBy.get(build) ?? []
        if (owners.some(owner => isIgnored(owner, workload))) continue
        const isHealed = owners.some(isSelfHealing)
        yield { workload, scaler, isHealed }
      }
    }
  }
}

const isScaler = ({ group, kind }: Resource): boolean => group === 'autoscaling' && kind === 'HorizontalPodAutoscaler'

const nameOf = ({ name, namespace }: Pick<Resource, 'name' | 'namespace'>): string => `${namespace ?? ''}/${name}`

const isSelfHealing = ({ resource: { object } }: Application): boolean =>
  valueAt(object, ['spec', 'syncPolicy', 'automated', 'selfHeal']) === true &&
  valueAt(object, ['spec', 'syncPolicy', 'automated', 'enabled']) !== false

/** Whether the Application leaves the number to others, or is meant to: that it is written wrong is told as that. */
const isIgnored = ({ resource: { object } }: Application, { kind }: Resource): boolean =>
  listAt(object, ['spec', 'ignoreDifferences']).some(rule => {
    const written = stringAt(rule, ['kind']) ?? ''
    if (written !== kind && closest(written, [kind]) === undefined && !/[*?[{]/.test(written)) return false
    const paths = [...listAt(rule, ['jsonPointers']), ...listAt(rule, ['jqPathExpressions'])]
    return (
      paths.some(path => /replica/i.test(String(path))) ||
      listAt(rule, ['managedFieldsManagers']).includes('kube-controller-manager')
    )
  })
