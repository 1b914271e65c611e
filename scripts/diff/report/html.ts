// The page of the report with a tab for the diff: risks, every change with its line, and what could not be compared.
import { escapeMarkup as markup } from '../../command/markup.ts'
import { renderPage, type Tab } from '../../command/page.ts'
import type { Diff } from '../diff.ts'
import type { ComparedObject, FieldChange } from '../model.ts'
import type { DiffContext, Format } from './format.ts'
import {
  diffLines,
  groupChanges,
  mergeGroups,
  mergeRisks,
  nameMerged,
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

const html: Format = (diff, context) => {
  const isDangerous = diff.risks.some(({ level }) => level === 'danger')
  const reach = diff.reach.map(one => `<p>${markup(sayReach(one))}</p>`).join('\n')
  return renderPage({
    title: `${summarize(diff)} · diff`,
    heading: summarize(diff),
    level: isDangerous ? 'error' : diff.risks.length || diff.notRendered.length ? 'warning' : 'fine',
    intro: `<p>${markup(`${context.names.base} → ${context.names.head}`)}</p>\n${reach}`,
    tabs: [makeTab(diff, context), ...(context.tabs ?? [])],
  })
}
export default html

const makeTab = (diff: Diff, context: DiffContext): Tab => ({
  name: 'diff',
  title: 'Diff',
  count: diff.objects.length,
  content: [
    ...listRisks(diff),
    ...listNotRendered(diff),
    ...mergeGroups(groupChanges(diff.objects)).map(({ groups }) => {
      const objects = groups[0]?.objects ?? []
      const { title } = nameMerged(groups, diff)
      const all = objects.map(one => describeObject(one, context)).join('\n')
      return `<section><h2>${markup(title)}: ${sayCounts(objects)}</h2>\n${all}</section>`
    }),
  ].join('\n'),
})

function listRisks({ risks }: Diff): readonly string[] {
  return mergeRisks(risks).map(({ level, message, ruleId, location, where }) => {
    const place = [where, showLocation(location)].filter(Boolean).join(' · ')
    return `<article class="${level === 'danger' ? 'error' : 'warning'}"><h2><span class="level">${level}</span> ${markup(message)}</h2>
<p class="place"><code>${markup(place)}</code> ${markup(ruleId)}</p></article>`
  })
}

function listNotRendered({ notRendered }: Diff): readonly string[] {
  if (notRendered.length === 0) return []
  const items = notRendered.map(
    ({ build, side, reason }) => `<li><code>${markup(build)}</code> (${side}): ${markup(reason)}</li>`,
  )
  return [`<section><h2>Not rendered, so not compared</h2><ul>${items.join('')}</ul></section>`]
}

function describeObject(one: ComparedObject, { whole }: DiffContext): string {
  const { type, object, fields, location } = one.change
  const before = sayBefore(one.change)
  const head = `<summary><b>${markup(object.kind)}</b> ${markup(object.name)} <span class="level">${type}</span> ${markup(before)} ${
    fields.length ? '' : `<code>${markup(showLocation(location))}</code>`
  }</summary>`
  const isWhole = type === 'added' || type === 'removed'
  const rows = fields.map(field => describeField(field, one)).join('\n')
  const table = `<table><thead><tr><th>field</th><th>before</th><th>after</th><th>line</th></tr></thead><tbody>\n${rows}\n</tbody></table>`
  const text = whole ? `<pre>${markup(JSON.stringify(wholeObject(one), null, 2))}</pre>` : ''
  return `<details${isWhole ? '' : ' open'}>${head}\n${isWhole ? text : fields.length ? table : ''}</details>`
}

function describeField(field: FieldChange, one: ComparedObject): string {
  const lines = diffLines(field.before, field.after)
  const show = (value: unknown, changed: readonly string[] | undefined): string =>
    value === undefined
      ? ''
      : changed
        ? `<pre>${markup(changed.join('\n'))}</pre>`
        : `<code>${markup(showValue(value, 2_000))}</code>`
  const path = `<code>${markup(showFieldPath(field, one))}</code>${field.order ? ` (${sayOrder(field, one)})` : ''}`
  const cells = [
    path,
    show(field.before, lines?.old),
    show(field.after, lines?.next),
    `<code>${markup(showLocation(field.location))}</code>`,
  ]
  return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
}
