// What every format shows, in words and in order: a format only says how it looks.
import type { Diff } from '../diff.ts'
import type { Change, ComparedObject, FieldChange } from '../model.ts'
import type { DiffContext } from './format.ts'
import {
  diffLines,
  type Group,
  groupChanges,
  mergeGroups,
  type MergedRisk,
  mergeRisks,
  nameMerged,
  sayBefore,
  sayCounts,
  sayOrder,
  sayReach,
  showFieldPath,
  showLocation,
  summarize,
  wholeObject,
} from './words.ts'

/** A field that is another one. */
export interface FieldView {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  /** Of two texts of several lines, those that differ. */
  readonly lines: { readonly old: readonly string[]; readonly next: readonly string[] } | undefined
  /** `order only`, where it is that. */
  readonly note: string
  readonly place: string
}

export interface ObjectView {
  readonly type: Change['type']
  readonly kind: string
  readonly name: string
  /** What it was called, or whose it was. */
  readonly was: string
  readonly fields: readonly FieldView[]
  /** Where no field says it. */
  readonly place: string
  /** Of an object that is added or removed, what there is of it; undefined where nobody asked for that. */
  readonly whole: unknown
}

/** Builds whose objects change in the same way. */
export interface GroupView {
  readonly title: string
  readonly builds: readonly string[]
  readonly counts: string
  readonly objects: readonly ObjectView[]
}

export interface View {
  readonly summary: string
  readonly level: 'danger' | 'caution' | undefined
  readonly names: DiffContext['names']
  readonly reach: readonly string[]
  readonly risks: readonly (MergedRisk & { readonly place: string })[]
  /** Each build by itself. */
  readonly builds: readonly Group[]
  readonly groups: readonly GroupView[]
  readonly notRendered: Diff['notRendered']
}

export function viewDiff(diff: Diff, { names, whole }: DiffContext): View {
  const builds = groupChanges(diff.objects)
  return {
    summary: summarize(diff),
    level: diff.risks.some(({ level }) => level === 'danger') ? 'danger' : diff.risks.length ? 'caution' : undefined,
    names,
    reach: diff.reach.map(sayReach),
    risks: mergeRisks(diff.risks).map(risk => ({ ...risk, place: showLocation(risk.location) })),
    builds,
    groups: mergeGroups(builds).map(({ groups }) => {
      const objects = groups[0]?.objects ?? []
      const views = objects.map(one => viewObject(one, whole))
      return { ...nameMerged(groups, diff), counts: sayCounts(objects), objects: views }
    }),
    notRendered: diff.notRendered,
  }
}

function viewObject(one: ComparedObject, isWhole: boolean): ObjectView {
  const { type, object, fields, location } = one.change
  const isAlone = type === 'added' || type === 'removed'
  return {
    type,
    kind: object.kind,
    name: object.name,
    was: sayBefore(one.change),
    fields: fields.map(field => viewField(field, one)),
    place: fields.length ? '' : showLocation(location),
    whole: isWhole && isAlone ? wholeObject(one) : undefined,
  }
}

const viewField = (field: FieldChange, one: ComparedObject): FieldView => ({
  path: showFieldPath(field, one),
  before: field.before,
  after: field.after,
  lines: diffLines(field.before, field.after),
  note: field.order ? ` (${sayOrder(field, one)})` : '',
  place: showLocation(field.location),
})
