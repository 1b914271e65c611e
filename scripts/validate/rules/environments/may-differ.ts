// Whether validation.yaml lets environments differ in a field, or in a whole object.
import type { Declaration, Difference } from '../../../tree/environments/declared.ts'
import { createNeutral, withoutHash } from '../../../tree/environments/names.ts'
import type { EnvironmentBuild } from '../../../tree/environments/open.ts'
import type { Resource } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'

/** An entry without a path is for the whole object, with whatever is in it. */
export const mayDiffer = (
  declaration: Declaration,
  build: EnvironmentBuild,
  resource: Resource,
  path: FieldPath,
): boolean =>
  (declaration.mayDiffer ?? []).some(
    entry => isFor(entry, build, resource) && (entry.path ?? []).every((segment, index) => fits(segment, path[index])),
  )

/** Whether an environment may lack the object. */
export const mayBeMissing = (declaration: Declaration, build: EnvironmentBuild, resource: Resource): boolean =>
  (declaration.mayDiffer ?? []).some(entry => entry.path === undefined && isFor(entry, build, resource))

/** By the name that it has, or would have in any environment. */
function isFor({ kind, name }: Difference, { environment }: EnvironmentBuild, resource: Resource): boolean {
  if (kind !== undefined && kind !== resource.kind) return false
  if (name === undefined) return true
  const neutral = createNeutral(environment.name)
  return [resource.name, withoutHash(resource.name)].some(one => one === name || neutral(one) === neutral(name))
}

const fits = (wanted: string, segment: string | number | undefined): boolean =>
  segment !== undefined && (wanted === '*' || wanted === String(segment))
