// For a comment: risks and a summary first, the environments folded, as much as a comment may hold and the rest counted.
import { stringify } from 'yaml'
import {
  escapeBetweenTags,
  escapeMarkdown as plain,
  markdownBlock,
  markdownCode as code,
} from '../../command/markup.ts'
import { printable } from '../../command/text.ts'
import type { Diff } from '../diff.ts'
import type { ComparedObject, FieldChange, Risk } from '../model.ts'
import type { DiffContext, Format } from './format.ts'
import {
  countTypes,
  diffLines,
  type Group,
  groupChanges,
  mergeGroups,
  mergeRisks,
  nameMerged,
  NOT_DEPLOYED,
  plural,
  sayBefore,
  sayCounts,
  sayOrder,
  sayReach,
  showFieldPath,
  showLocation,
  showValue,
  summarize,
  wholeObject,
} from './words.ts'

/** What GitHub takes is 65,536; the summary and the last line need some of it. */
const MOST_LETTERS = 65_000
const MOST_RISKS = 40
const MOST_ROWS = 60
const MOST_UNRENDERED = 30

const markdown: Format = (diff, context) => {
  const end = `\n<sub>${escapeBetweenTags(clean(`${context.names.base} → ${context.names.head}`))}</sub>\n`
  const head = [
    `## ${diff.risks.some(({ level }) => level === 'danger') ? '🛑 ' : diff.risks.length ? '⚠️ ' : ''}${plain(clean(summarize(diff)))}`,
    ...diff.reach.slice(0, 10).map(one => plain(clean(sayReach(one)))),
    ...listRisks(diff.risks),
    ...listSummary(diff),
    ...listNotRendered(diff),
  ].join('\n\n')
  const sections = mergeGroups(groupChanges(diff.objects)).map(({ groups }) => describe(groups, diff, context))
  return fold(head, sections, MOST_LETTERS - end.length - 300) + end
}
export default markdown

interface Section {
  readonly open: string
  readonly objects: readonly { readonly text: string; readonly fields: number }[]
}

/** As many objects as there is room for, in their order; what is left out is counted. */
function fold(head: string, sections: readonly Section[], room: number): string {
  let text = head.length > room ? `${head.slice(0, room).replace(/\n[^\n]*$/, '')}\n` : `${head}\n`
  let lost = { objects: 0, fields: 0 }
  for (const { open, objects } of sections) {
    const close = '\n</details>\n'
    let section = `\n${open}\n`
    let shown = 0
    for (const { text: object, fields } of objects) {
      // What is small may still fit, but a reader wants no holes.
      if (lost.objects === 0 && text.length + section.length + object.length + close.length <= room) {
        section += `\n${object}\n`
        shown++
      } else lost = { objects: lost.objects + 1, fields: lost.fields + fields }
    }
    if (shown) text += section + close
  }
  if (lost.objects === 0) return text
  return `${text}\n**Not shown, since a comment has no room for it: ${plural(lost.objects, 'object')} with ${plural(lost.fields, 'field')}.** \`npm run diff\` prints all.\n`
}

function listRisks(all: readonly Risk[]): readonly string[] {
  if (all.length === 0) return []
  const risks = mergeRisks(all)
  const rows = risks.slice(0, MOST_RISKS).map(({ level, message, ruleId, where, location }) => {
    const mark = level === 'danger' ? '🛑 danger' : '⚠️ caution'
    const place = location ? code(clean(showLocation(location))) : ''
    return `| ${mark} | ${plain(clean(where))} | ${plain(clean(message))} | ${place} | ${code(ruleId)} |`
  })
  const more = risks.length > MOST_RISKS ? [`… and ${plural(risks.length - MOST_RISKS, 'more risk')}`] : []
  return [['| risk | environment | | where | rule |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'), ...more]
}

function listSummary({ objects, hasApplications }: Diff): readonly string[] {
  const groups = groupChanges(objects)
  if (groups.length === 0) return []
  const own = groups.filter(({ environment, application }) => environment ?? application)
  const bare = groups.filter(one => !own.includes(one))
  const rowOf = (name: string, application: string, build: string, members: readonly ComparedObject[]): string => {
    const { added, changed, renamed, removed } = countTypes(members)
    const cells = [added, changed, renamed, removed].map(count => (count ? String(count) : ''))
    return `| ${plain(clean(name))} | ${plain(clean(application))} | ${build} | ${cells.join(' | ')} |`
  }
  const rows = own
    .slice(0, MOST_ROWS)
    .map(one => rowOf(one.environment ?? '', one.application ?? '', code(clean(one.build)), one.objects))
  if (bare.length > 2)
    rows.push(
      rowOf(
        '',
        '',
        `${bare.length} other builds${hasApplications ? ` (${NOT_DEPLOYED})` : ''}`,
        bare.flatMap(one => one.objects),
      ),
    )
  else {
    const note = hasApplications ? ` (${NOT_DEPLOYED})` : ''
    rows.push(...bare.map(one => rowOf('', '', `${code(clean(one.build))}${note}`, one.objects)))
  }
  const more = own.length > MOST_ROWS ? [`… and ${plural(own.length - MOST_ROWS, 'more build')}`] : []
  const head = '| environment | Application | build | added | changed | renamed | removed |'
  return [[head, '| --- | --- | --- | --: | --: | --: | --: |', ...rows].join('\n'), ...more]
}

function listNotRendered({ notRendered }: Diff): readonly string[] {
  if (notRendered.length === 0) return []
  const rows = notRendered
    .slice(0, MOST_UNRENDERED)
    .map(({ build, side, reason }) => `- ${code(clean(build))} (${side}): ${plain(clean(reason))}`)
  const rest = notRendered.length - MOST_UNRENDERED
  return [['**Not rendered, so not compared**', '', ...rows, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n')]
}

function describe(groups: readonly Group[], diff: Diff, { whole }: DiffContext): Section {
  const { title } = nameMerged(groups, diff)
  const objects = groups[0]?.objects ?? []
  return {
    open: `<details><summary><b>${escapeBetweenTags(clean(title))}</b>: ${sayCounts(objects)}</summary>`,
    objects: objects.map(one => ({ text: describeObject(one, whole), fields: one.change.fields.length })),
  }
}

function describeObject(one: ComparedObject, whole: boolean): string {
  const { type, object, fields, location } = one.change
  const before = sayBefore(one.change)
  const more = [before && plain(clean(before)), fields.length || !location ? '' : code(clean(showLocation(location)))]
  const head = [`**${plain(object.kind)}** ${code(clean(object.name))} ${type}`, ...more.filter(Boolean)].join(' · ')
  if (fields.length) {
    const rows = fields.flatMap(field => describeField(field, one))
    return [head, '', '| field | before | after | line |', '| --- | --- | --- | --- |', ...rows].join('\n')
  }
  if (!whole || (type !== 'added' && type !== 'removed')) return head
  const text = stringify(wholeObject(one), { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()
  return [head, '', markdownBlock(text.split('\n').map(clean))].join('\n')
}

function describeField(field: FieldChange, one: ComparedObject): readonly string[] {
  const lines = diffLines(field.before, field.after)
  const note = field.order ? ` (${sayOrder(field, one)})` : ''
  const show = (value: unknown, changed: readonly string[] | undefined): string =>
    value === undefined ? '' : code(clean(changed ? shorten(changed.join(' ⏎ ')) : showValue(value)))
  const cells = [
    code(clean(showFieldPath(field, one))) + note,
    show(field.before, lines?.old),
    show(field.after, lines?.next),
    field.location ? code(clean(showLocation(field.location))) : '',
  ]
  return [`| ${cells.join(' | ')} |`]
}

const shorten = (text: string): string => (text.length > 400 ? `${text.slice(0, 399)}…` : text)

const clean = printable
