// Tells a fault of what a chart made at the template: the file that stands for its objects is not in the tree.
import { type Fault, isResourcePlace } from '../../model/place.ts'
import type { Tree } from '../../read-tree.ts'
import { locateInTemplate } from '../trace/locate-elsewhere.ts'

/** Faults of all kinds, each with templates of the tree for files that are not in it, in its places and its message. */
export function tellInTemplates(
  faults: readonly Fault[],
  { sources, templates = new Map() }: Pick<Tree, 'sources' | 'templates'>,
): readonly Fault[] {
  if (templates.size === 0) return faults
  return faults.map(fault => {
    const [first, ...more] = fault.places.map(place => {
      const template = isResourcePlace(place) ? undefined : templates.get(place.range.file)
      if (isResourcePlace(place) || template === undefined) return place
      return { ...place, range: locateInTemplate(sources.read(template), template, place.fieldPath).range }
    })
    const message = fault.message.replace(STAND_IN, path => templates.get(path) ?? path)
    return first ? { ...fault, message, places: [first, ...more] } : fault
  })
}

/** Where a chart's objects are put; no folder of a tree is called so. */
export const PLACE = '.rendered-chart'

const STAND_IN = /\S+\/\.rendered-chart\/\d+\.yaml/g
