// What kustomize says where a mapping meets a list or a text: between a patch and its object, or on the way to a field.
import { valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import { type Explanation, type Failure, readId, type Spot } from './explanation.ts'
import { isNamed, patchDocuments, resourceDocuments } from './written.ts'

type Shape = 'a mapping' | 'a list' | 'a value'

const shapeOf = (value: unknown): Shape =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a mapping' : 'a value'

/** The first field that is of one shape in the patch, and of another one in the object. */
function findClash(
  patch: unknown,
  object: unknown,
  path: FieldPath = [],
): { path: FieldPath; shape: Shape } | undefined {
  if (patch === null || patch === undefined || object === null || object === undefined) return undefined
  if (shapeOf(patch) !== shapeOf(object)) return { path, shape: shapeOf(object) }
  const isList = Array.isArray(patch)
  if (typeof patch !== 'object') return undefined
  for (const [key, child] of Object.entries(patch)) {
    const name = valueAt(child, ['name'])
    // Items of a list meet by their names.
    const twin =
      isList && Array.isArray(object)
        ? object.find(one => name !== undefined && valueAt(one, ['name']) === name)
        : valueAt(object, [key])
    const found = findClash(child, twin, [...path, isList ? Number(key) : key])
    if (found) return found
  }
  return undefined
}

function findPatch(failure: Failure): (Spot & { readonly note: string }) | undefined {
  for (const { value, rangeOf } of patchDocuments(failure)) {
    if (shapeOf(value) !== 'a mapping') continue
    const [kind, name] = [valueAt(value, ['kind']), valueAt(value, ['metadata', 'name'])].map(String)
    const objects = [...resourceDocuments(failure)]
    // A patch with a target need not have the name of what it is for.
    const meant = objects.filter(one => isNamed(one.value, kind, name))
    for (const object of meant.length ? meant : objects.filter(one => valueAt(one.value, ['kind']) === kind)) {
      const clash = findClash(value, object.value)
      if (!clash) continue
      const own = shapeOf(valueAt(value, clash.path))
      return {
        range: rangeOf(clash.path),
        fieldPath: clash.path,
        note: `${clash.path.join('.')} is ${own} in the patch, and ${clash.shape} in the object`,
      }
    }
  }
  return undefined
}

/** The first step of a field's path that is not what kustomize goes through, in the document of an object. */
function findField(path: string, id: string, failure: Failure): Spot | undefined {
  const [kind, name] = readId(id).split(' ')
  for (const { value, rangeOf } of resourceDocuments(failure)) {
    const own = valueAt(value, ['metadata', 'name'])
    const isIt = isNamed(value, kind, name) || (valueAt(value, ['kind']) === kind && name?.includes(String(own)))
    if (!isIt) continue
    const steps = path.split('/').map(step => step.replace(/\[\]$/, ''))
    const fieldPath = findStop(value, steps, []) ?? (valueAt(value, steps) === undefined ? undefined : steps)
    if (fieldPath) return { range: rangeOf(fieldPath), fieldPath, note: shapeOf(valueAt(value, fieldPath)) }
  }
  return undefined
}

function findStop(root: unknown, steps: readonly string[], path: FieldPath): FieldPath | undefined {
  const value = valueAt(root, path)
  const [step, ...rest] = steps
  if (Array.isArray(value) && step !== undefined) {
    for (const index of value.keys()) {
      const found = findStop(root, steps, [...path, index])
      if (found) return found
    }
    return path.length > 0 && rest.length === 0 && value.length > 0 && shapeOf(value[0]) !== 'a mapping'
      ? path
      : undefined
  }
  if (value === null || value === undefined) return undefined
  if (step === undefined) return shapeOf(value) === 'a list' ? path : undefined
  return shapeOf(value) === 'a mapping' ? findStop(root, rest, [...path, step]) : path
}

export const SHAPE_ERRORS: readonly Explanation[] = [
  {
    pattern: /considering field '([^']+)' of object (\S+?):/,
    find: ([, path = '', id = ''], failure) => findField(path, id, failure),
    say: ([, path = '', id = ''], { fieldPath, note }) =>
      `${fieldPath.join('.')} is ${note}: kustomize cannot write ${path.replaceAll('/', '.')} of ${readId(id)}`,
  },
  {
    pattern: /on \(cluster\)role binding subjects/,
    find(_, failure) {
      for (const { value, rangeOf } of resourceDocuments(failure)) {
        const subjects = valueAt(value, ['subjects'])
        const items = Array.isArray(subjects) ? subjects : []
        const wrong = items.findIndex(one => shapeOf(one) !== 'a mapping')
        const isWrong = subjects !== undefined && (!Array.isArray(subjects) || wrong >= 0)
        const fieldPath = wrong >= 0 ? ['subjects', wrong] : ['subjects']
        if (isWrong && /RoleBinding$/.test(String(valueAt(value, ['kind']))))
          return { range: rangeOf(fieldPath), fieldPath }
      }
      return undefined
    },
    say: () => 'subjects must be a list of mappings: kustomize cannot give them a namespace',
  },
  {
    pattern: /wrong node kind: expected (\w+) but got (\w+)/i,
    find: (_, failure) => findPatch(failure),
    say: (_, { note = '' }) => note,
  },
]
