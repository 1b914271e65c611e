// What a change deletes, and what goes with it.
import { listAt, type Resource, valueAt } from '../../tree/model/build.ts'
import { nameEnvironment } from '../deployed.ts'
import type { ComparedObject, Comparison } from '../model.ts'
import {
  deletedOf,
  type Found,
  hasSyncOption,
  type ObjectRule,
  storedOf,
  type TreeFound,
  type TreeRule,
  typeOf,
} from './risk.ts'

/** Argo CD leaves it in the cluster, or asks before it deletes it. */
function* deletes(object: ComparedObject, type: string, says: string): Generator<Found> {
  const resource = deletedOf(object)
  if (!resource || typeOf(resource) !== type || hasSyncOption(resource, 'Prune=false')) return
  const isAsked = hasSyncOption(resource, 'Prune=confirm')
  yield { says, side: 'base', ...(isAsked ? { level: 'caution' as const } : {}) }
}

export const namespaceDeleted: ObjectRule = {
  id: 'delete-namespace',
  level: 'danger',
  summary: 'a Namespace that is deleted',
  why: 'Everything in it goes with it, also what Git does not know of: claims, Secrets, what others made there.',
  check: object => deletes(object, '/Namespace', 'is deleted, and with it everything that is in it'),
}

export const definitionDeleted: ObjectRule = {
  id: 'delete-definition',
  level: 'danger',
  summary: 'a CustomResourceDefinition that is deleted',
  why: 'All its objects go with it, in every namespace of the cluster.',
  check: object =>
    deletes(
      object,
      'apiextensions.k8s.io/CustomResourceDefinition',
      'is deleted, and with it all its objects in the whole cluster',
    ),
}

export const claimDeleted: ObjectRule = {
  id: 'delete-claim',
  level: 'danger',
  summary: 'a PersistentVolumeClaim or PersistentVolume that is deleted, or that a StatefulSet no longer keeps',
  why: 'With the reclaim policy Delete, which is usual, the data is gone for good.',
  *check(object) {
    yield* deletes(object, '/PersistentVolumeClaim', 'is deleted, and with most storage classes the data with it')
    yield* deletes(object, '/PersistentVolume', 'is deleted: what it holds can no longer be claimed')
    const [gone, after] = [deletedOf(object), object.after]
    const policy = (resource: Resource, field: string): unknown =>
      valueAt(storedOf(resource), ['spec', 'persistentVolumeClaimRetentionPolicy', field])
    if (gone && typeOf(gone) === 'apps/StatefulSet' && policy(gone, 'whenDeleted') === 'Delete') {
      if (listAt(gone.object, ['spec', 'volumeClaimTemplates']).length) {
        yield { says: 'is deleted, and with it the claims that it made (whenDeleted: Delete)', side: 'base' }
      }
    } else if (object.before && after && typeOf(after) === 'apps/StatefulSet') {
      for (const field of ['whenDeleted', 'whenScaled']) {
        if (policy(after, field) !== 'Delete' || policy(object.before, field) === 'Delete') continue
        const fieldPath = ['spec', 'persistentVolumeClaimRetentionPolicy', field]
        const when = field === 'whenDeleted' ? 'once it is deleted' : 'of each replica that it is scaled down by'
        yield { says: `no longer keeps its claims: they are deleted ${when}`, fieldPath }
      }
    }
  },
}

export const applicationDeleted: ObjectRule = {
  id: 'delete-application',
  level: 'danger',
  summary: 'an Application that is deleted with a finalizer that deletes what it deployed, or an ApplicationSet',
  why: 'Argo CD deletes every object of the Application before the Application itself is gone.',
  *check(object) {
    const gone = deletedOf(object)
    if (gone?.group !== 'argoproj.io') return
    const finalizers = listAt(gone.object, ['metadata', 'finalizers'])
    if (gone.kind === 'Application' && finalizers.some(one => `${one}`.startsWith('resources-finalizer.argocd'))) {
      yield { says: 'is deleted, and by its finalizer everything that it deployed', side: 'base' }
    }
    if (
      gone.kind === 'ApplicationSet' &&
      valueAt(gone.object, ['spec', 'syncPolicy', 'preserveResourcesOnDeletion']) !== true
    ) {
      yield { says: 'is deleted, and with it its Applications and what they deployed', side: 'base' }
    }
  },
}

/** From this share on, of an environment's objects; in a small one it takes the larger part. */
const SHARE = 0.25
const FEWEST = 5
const SMALL = { share: 0.5, fewest: 3 }

export const manyDeleted: TreeRule = {
  id: 'delete-many',
  level: 'danger',
  summary: `${FEWEST} objects or more that are deleted, where they are ${SHARE * 100} % of an environment's objects, or ${SMALL.fewest} that are half of them`,
  why: 'So much at once is seldom meant: a folder that was moved, a resource list that lost lines, a wrong path.',
  async checkAll(comparison) {
    const found: TreeFound[] = []
    const gone = comparison.objects.filter(one => deletedOf(one))
    for (const [name, objects] of Map.groupBy(gone, ({ change }) => change.environment ?? change.build)) {
      const [first] = objects
      if (!first || objects.length < SMALL.fewest) continue
      const total = await countObjects(comparison, name, first.change.environment !== undefined)
      const share = objects.length < FEWEST ? SMALL.share : SHARE
      if (objects.length < total * share) continue
      const renamed = objects.filter(({ after }) => after).length
      const more = renamed ? `, ${renamed === objects.length ? 'all' : renamed} of them made anew elsewhere` : ''
      const says = `loses ${objects.length} of its ${total} objects${more}`
      found.push({ of: first, subject: name, says, side: 'base' })
    }
    return found
  },
}

/** The objects that an environment, or a build that belongs to none, has in the base. */
async function countObjects({ base, renderMore }: Comparison, name: string, isEnvironment: boolean): Promise<number> {
  const { deployment, environments, renderings } = base
  const belongs = (build: string): boolean => {
    // What is rendered for one Application is called by its folder, and for whom.
    const [folder = build] = build.split(' for ')
    return isEnvironment ? nameEnvironment(folder, environments) === name : folder === name
  }
  const known = deployment.builds.filter(({ id }) => belongs(id))
  const seen = new Set(known.map(({ id }) => id))
  const others = isEnvironment ? renderings.tree.roots.filter(root => belongs(root) && !seen.has(root)) : []
  const more = others.length ? await renderMore('base', others) : new Map<string, readonly Resource[]>()
  return [...known.map(({ resources }) => resources), ...more.values()].reduce((sum, list) => sum + list.length, 0)
}
