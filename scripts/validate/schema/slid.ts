// A block that slid out of its place is one mistake: its keys are unknown where they are, and missing where they belong.
import { type FieldPath, isWithin } from '../../tree/model/place.ts'
import type { SchemaFault } from './faults.ts'
import { formatPath, quote } from './field-path.ts'

/** Keys of one block that are told by their names. */
const MOST_NAMES = 4

/** Where keys would be if they were where they belong. */
export const listMoved = (faults: readonly SchemaFault[]): readonly FieldPath[] =>
  faults.flatMap(({ belongsTo, fieldPath }) => (belongsTo ? [[...belongsTo, fieldPath.at(-1) ?? '']] : []))

/** Whether a path is, or is on the way to, one of some places. */
export const isOnTheWay = (path: FieldPath, places: readonly FieldPath[]): boolean =>
  path.length > 0 && places.some(place => isWithin(place, path))

/** One fault for each block, which says where it belongs; that it is missing there goes without saying. */
export function joinSlid(faults: readonly SchemaFault[]): readonly SchemaFault[] {
  const moved = listMoved(faults)
  if (moved.length === 0) return faults
  const blocks = Map.groupBy(faults, ({ belongsTo, fieldPath }) =>
    belongsTo ? JSON.stringify([fieldPath.slice(0, -1), belongsTo]) : '',
  )
  return faults.flatMap(fault => {
    const { belongsTo, fieldPath, missing } = fault
    if (belongsTo) {
      const block = blocks.get(JSON.stringify([fieldPath.slice(0, -1), belongsTo])) ?? []
      return block[0] === fault ? [block.length > 1 ? tellBlock(block, belongsTo) : fault] : []
    }
    const isMissed = missing !== undefined && isOnTheWay([...fieldPath, missing], moved)
    return isMissed || (fault.isEmpty && isOnTheWay(fieldPath, moved)) ? [] : [fault]
  })
}

function tellBlock(block: readonly SchemaFault[], belongsTo: FieldPath): SchemaFault {
  const [first] = block as [SchemaFault]
  const names = block.map(({ fieldPath }) => quote(String(fieldPath.at(-1))))
  const shown = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), `${names.length - MOST_NAMES} more`] : names
  const parent = first.fieldPath.slice(0, -1)
  const where = parent.length ? ` in ${formatPath(parent)}` : ''
  const place = belongsTo.length ? formatPath(belongsTo) : 'the top level'
  const message = `unknown fields ${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}${where}: they belong to ${place}`
  return { ...first, message }
}
