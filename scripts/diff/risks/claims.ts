// Claims that get smaller, or mean another volume.
import { mappingAt, valueAt } from '../../tree/model/build.ts'
import { readQuantity } from '../../tree/model/quantity.ts'
import { createdOf, deletedOf, differs, type ObjectRule, show, staysOf, typeOf } from './risk.ts'

const SIZE = ['spec', 'resources', 'requests', 'storage']

export const claimShrinks: ObjectRule = {
  id: 'claim-shrinks',
  level: 'danger',
  summary: 'a claim that asks for less than before',
  why: 'No volume shrinks: the API server refuses it, and who deletes the claim to make a smaller one loses the data.',
  *check(object) {
    const stays = staysOf(object)
    if (!stays || typeOf(stays.after) !== '/PersistentVolumeClaim') return
    const [before, after] = [stays.before, stays.after].map(one => valueAt(one.object, SIZE))
    const [old, next] = [readQuantity(before), readQuantity(after)]
    if (old === undefined || next === undefined || next >= old) return
    yield { says: `cannot shrink from ${show(before)} to ${show(after)}`, fieldPath: SIZE }
  },
}

const PLACES = ['storageClassName', 'volumeName', 'accessModes', 'selector']

export const claimMoves: ObjectRule = {
  id: 'claim-moves',
  level: 'danger',
  summary: 'a claim of another class or volume, under another name or in another namespace',
  why: 'A claim does not take its data along: the API server refuses the change, and a new claim is empty.',
  *check(object) {
    const { before, after } = object
    const isClaim = after && typeOf(after) === '/PersistentVolumeClaim'
    if (isClaim && before && createdOf(object) && deletedOf(object)) {
      const says = `is a new, empty claim: the data stays with ${[before.namespace, before.name].filter(Boolean).join('/')}`
      yield { says, fieldPath: ['metadata', 'name'] }
      return
    }
    const stays = staysOf(object)
    if (!stays || !isClaim) return
    for (const field of PLACES) {
      const fieldPath = ['spec', field]
      const old = valueAt(stays.before.object, fieldPath)
      const next = valueAt(stays.after.object, fieldPath)
      // What a manifest does not say is the cluster's to fill in, and is kept.
      if (next === undefined || !differs(stays.before, stays.after, fieldPath)) continue
      const values = mappingAt(next, []) ? '' : `: ${show(old)} becomes ${show(next)}`
      yield { says: `cannot move to another ${field}${values}`, fieldPath }
    }
  },
}
