// A kustomization most of whose paths lead nowhere has one mistake, not one for each line: the folder was never committed,
// was moved, or the file was copied from elsewhere.
import type { Graph, Kustomization } from '../tree/kustomize/graph/kustomization.ts'
import { valueAt } from '../tree/model/build.ts'
import type { Fault } from '../tree/model/place.ts'

/** Fewer are told one by one: each may be a mistake of its own. */
const FEWEST = 5
/** So many paths a message names. */
const MOST_NAMED = 5

/** Makes one fault, at the first line, of those of a kustomization that lists more paths that lead nowhere than others. */
export function foldMissingPaths(
  faults: readonly Fault[],
  { kustomizations }: Pick<Graph, 'kustomizations'>,
): readonly Fault[] {
  const found = Map.groupBy(
    faults.filter(({ lacks }) => lacks === 'path'),
    fileOf,
  )
  const folded = new Map<Fault, readonly Fault[]>()
  for (const one of kustomizations.values()) {
    const missing = found.get(one.file.path) ?? []
    const others = one.files.length + one.folders.length
    if (missing.length < FEWEST || missing.length <= others) continue
    for (const fault of missing) folded.set(fault, fault === missing[0] ? [fold(missing, one, others)] : [])
  }
  return faults.flatMap(fault => folded.get(fault) ?? [fault])
}

const fileOf = ({ places: [place] }: Fault): string => ('range' in place ? place.range.file : '')

function fold(missing: readonly Fault[], { value }: Kustomization, others: number): Fault {
  const [first] = missing as readonly [Fault]
  const paths = missing.map(({ places: [{ fieldPath }] }) => String(valueAt(value, fieldPath)))
  const named = paths.slice(0, MOST_NAMED).join(', ')
  const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : ''
  const which = others === 0 ? `none of its ${paths.length}` : `${paths.length} of its ${paths.length + others}`
  return {
    ...first,
    message: `${which} paths ${others === 0 ? 'exists' : 'do not exist'}: ${named}${more}`,
    values: ['paths-missing', ...first.values],
  }
}
