// Versions of custom resources that go while objects are stored in them, or written in them.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { Comparison } from '../model.ts'
import { type ObjectRule, staysOf, typeOf } from './risk.ts'

interface Version {
  readonly index: number
  readonly isServed: boolean
  readonly isStored: boolean
}

const listVersions = ({ object }: Resource): ReadonlyMap<string, Version> =>
  new Map(
    listAt(object, ['spec', 'versions']).flatMap((version, index) => {
      const name = stringAt(version, ['name'])
      if (name === undefined || !mappingAt(version, [])) return []
      const [isServed, isStored] = ['served', 'storage'].map(key => valueAt(version, [key]) === true)
      return [[name, { index, isServed: isServed ?? false, isStored: isStored ?? false }] as const]
    }),
  )

export const definitionVersionRemoved: ObjectRule = {
  id: 'definition-version-removed',
  level: 'danger',
  summary: 'a version of a CustomResourceDefinition that is removed or no longer served, though objects use it',
  why: 'The API server refuses to drop a version in which objects are stored; who writes a version that is not served gets an error.',
  *check(object, comparison) {
    const stays = staysOf(object)
    if (!stays || typeOf(stays.after) !== 'apiextensions.k8s.io/CustomResourceDefinition') return
    const nexts = listVersions(stays.after)
    for (const [name, old] of listVersions(stays.before)) {
      const next = nexts.get(name)
      const fieldPath = ['spec', 'versions', old.index]
      if (!next && old.isStored) {
        yield { says: `cannot drop ${name}: objects are stored in it`, fieldPath, side: 'base' }
      } else if (old.isServed && !next?.isServed) {
        const user = findUser(comparison, stays.after, name)
        const how = next ? 'no longer serves' : 'drops'
        const place = next
          ? { fieldPath: ['spec', 'versions', next.index, 'served'] }
          : { fieldPath, side: 'base' as const }
        if (user) yield { says: `${how} ${name}, in which ${user} is written`, ...place }
      }
    }
  },
}

/** An object of the head that is written in a version. */
function findUser({ head }: Comparison, { object }: Resource, version: string): string | undefined {
  const [group, kind] = [stringAt(object, ['spec', 'group']), stringAt(object, ['spec', 'names', 'kind'])]
  for (const { resources } of head.deployment.builds) {
    const found = resources.find(one => one.kind === kind && one.object.apiVersion === `${group}/${version}`)
    if (found) return `${found.kind} ${found.name}`
  }
  return undefined
}
