// What every object has, whatever its kind: of a kind without a schema its metadata is all that is known.
import type { Resource } from '../tree/model/build.ts'
import type { Fault } from '../tree/model/place.ts'
import { judgeObject } from './schema/api/judge.ts'
import type { Schemas } from './schema/index.ts'

/** Who serves a kind may take names of another form. */
const OWN = new Set<unknown>([undefined, 'name', 'generateName', 'namespace'])

/**
 * Faults in the metadata of what reaches a cluster; a file that nothing renders may be of another program. A kind of
 * Kubernetes that has metadata and needs nothing more lends its schema. Source: apimachinery, ObjectMeta.
 */
export function checkMetadata(resource: Resource, schemas: Pick<Schemas, 'validate'>): readonly Fault[] {
  const { object, origin } = resource
  if (origin.kind === 'document') return []
  const { metadata = {} } = object
  const found = schemas.validate({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  const judged = judgeObject(object, found ?? [])
  return judged
    .filter(({ at }) => at[0] === 'metadata' && !OWN.has(at[1]))
    .map(({ at, ...fault }): Fault => {
      // kubectl refuses it, and the server drops it where it is not asked to be strict.
      const isUnknown = fault.values[0] === 'additionalProperties'
      return { ...fault, severity: isUnknown ? 'warning' : fault.severity, places: [{ resource, fieldPath: at }] }
    })
}
