// For a comment: risks and a summary first, the environments folded, as much as a comment may hold and the rest counted.
import { stringify } from 'yaml'
import {
  escapeBetweenTags,
  escapeMarkdown as plain,
  markdownBlock,
  markdownCode as code,
} from '../../command/markup.ts'
import { printable } from '../../command/text.ts'
import type { ComparedObject } from '../model.ts'
import type { Format } from './format.ts'
import { type FieldView, type GroupView, type ObjectView, type View, viewDiff } from './view.ts'
import { countTypes, NOT_DEPLOYED, plural, showValue } from './words.ts'

/** What GitHub takes is 65,536; the summary and the last line need some of it. */
const MOST_LETTERS = 65_000
const MOST_RISKS = 40
const MOST_ROWS = 60
const MOST_UNRENDERED = 30

const MARKS = { danger: '🛑 ', caution: '⚠️ ' } as const

const markdown: Format = (diff, context) => {
  const view = viewDiff(diff, context)
  const { summary, level, names, reach, groups } = view
  const end = `\n<sub>${escapeBetweenTags(clean(`${names.base} → ${names.head}`))}</sub>\n`
  const head = [
    `## ${level ? MARKS[level] : ''}${plain(clean(summary))}`,
    ...reach.slice(0, 10).map(one => plain(clean(one))),
    ...listRisks(view),
    ...listSummary(view, diff.hasApplications),
    ...listNotRendered(view),
  ].join('\n\n')
  return fold(head, groups.map(describe), MOST_LETTERS - end.length - 300) + end
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

function listRisks({ risks }: View): readonly string[] {
  if (risks.length === 0) return []
  const rows = risks.slice(0, MOST_RISKS).map(({ level, message, ruleId, where, place }) => {
    const cells = [`${MARKS[level]}${level}`, plain(clean(where)), plain(clean(message)), placeOf(place), code(ruleId)]
    return `| ${cells.join(' | ')} |`
  })
  const more = risks.length > MOST_RISKS ? [`… and ${plural(risks.length - MOST_RISKS, 'more risk')}`] : []
  return [['| risk | environment | | where | rule |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'), ...more]
}

function listSummary({ builds: groups }: View, hasApplications: boolean): readonly string[] {
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

function listNotRendered({ notRendered }: View): readonly string[] {
  if (notRendered.length === 0) return []
  const rows = notRendered
    .slice(0, MOST_UNRENDERED)
    .map(({ build, side, reason }) => `- ${code(clean(build))} (${side}): ${plain(clean(reason))}`)
  const rest = notRendered.length - MOST_UNRENDERED
  return [['**Not rendered, so not compared**', '', ...rows, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n')]
}

const describe = ({ title, counts, objects }: GroupView): Section => ({
  open: `<details><summary><b>${escapeBetweenTags(clean(title))}</b>: ${counts}</summary>`,
  objects: objects.map(one => ({ text: describeObject(one), fields: one.fields.length })),
})

const placeOf = (place: string): string => (place ? code(clean(place)) : '')

function describeObject({ type, kind, name, was, fields, place, whole }: ObjectView): string {
  const more = [was && plain(clean(was)), placeOf(place)]
  const head = [`**${plain(kind)}** ${code(clean(name))} ${type}`, ...more.filter(Boolean)].join(' · ')
  if (fields.length) {
    const rows = fields.map(describeField)
    return [head, '', '| field | before | after | line |', '| --- | --- | --- | --- |', ...rows].join('\n')
  }
  if (whole === undefined) return head
  const text = stringify(whole, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()
  return [head, '', markdownBlock(text.split('\n').map(clean))].join('\n')
}

function describeField({ path, before, after, lines, note, place }: FieldView): string {
  const show = (value: unknown, changed: readonly string[] | undefined): string =>
    value === undefined ? '' : code(clean(changed ? shorten(changed.join(' ⏎ ')) : showValue(value)))
  const cells = [code(clean(path)) + note, show(before, lines?.old), show(after, lines?.next), placeOf(place)]
  return `| ${cells.join(' | ')} |`
}

const shorten = (text: string): string => (text.length > 400 ? `${text.slice(0, 399)}…` : text)

const clean = printable
