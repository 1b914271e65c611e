// Values that another program fills in before anything is applied, as Flux and clusterctl do with `${NAME}`.
import type { Deployment } from '../tree/deploy.ts'
import { valueAt } from '../tree/model/build.ts'
import { type Fault, isResourcePlace, type NotExamined } from '../tree/model/place.ts'

const PLACEHOLDER = /\$\{\s*[A-Za-z_]\w*\s*(?:[:=?+-][^}]*)?\}/

/**
 * Takes out what is said of such values: what will stand there is not known. Argo CD fills in nothing, so what an
 * Application syncs is meant as it is written.
 */
export function withoutPlaceholders(
  faults: readonly Fault[],
  { applications }: Deployment,
): { readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] } {
  const synced = new Set(
    applications.flatMap(({ sources }) =>
      sources.flatMap(({ state }) => (state.kind === 'builds' ? state.builds.map(({ id }) => id) : [])),
    ),
  )
  const notExamined: NotExamined[] = []
  const kept = faults.filter(({ places: [place] }) => {
    if (!isResourcePlace(place) || synced.has(place.resource.build)) return true
    const value = valueAt(place.resource.object, place.fieldPath)
    const found = typeof value === 'string' ? PLACEHOLDER.exec(value)?.[0] : undefined
    if (found === undefined) return true
    notExamined.push({ place, reason: 'a value that another program fills in', detail: found })
    return false
  })
  return { faults: kept, notExamined }
}
