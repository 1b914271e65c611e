// The page of the report with a tab for the diff: risks, every change with its line, and what could not be compared.
import { escapeMarkup as markup } from '../../command/markup.ts'
import { renderPage, type Tab } from '../../command/page.ts'
import type { Format } from './format.ts'
import { type FieldView, type ObjectView, type View, viewDiff } from './view.ts'
import { showValue } from './words.ts'

const html: Format = (diff, context) => {
  const view = viewDiff(diff, context)
  const { summary, level, names, reach, notRendered } = view
  const tab: Tab = { name: 'diff', title: 'Diff', count: diff.objects.length, content: describe(view) }
  return renderPage({
    title: `${summary} · diff`,
    heading: summary,
    level: level === 'danger' ? 'error' : level || notRendered.length ? 'warning' : 'fine',
    intro: `<p>${markup(`${names.base} → ${names.head}`)}</p>\n${reach.map(one => `<p>${markup(one)}</p>`).join('\n')}`,
    tabs: [tab, ...(context.tabs ?? [])],
  })
}
export default html

const describe = ({ risks, notRendered, groups }: View): string =>
  [
    ...risks.map(({ level, message, ruleId, place, where }) => {
      const at = [where, place].filter(Boolean).join(' · ')
      return `<article class="${level === 'danger' ? 'error' : 'warning'}"><h2><span class="level">${level}</span> ${markup(message)}</h2>
<p class="place"><code>${markup(at)}</code> ${markup(ruleId)}</p></article>`
    }),
    ...listNotRendered(notRendered),
    ...groups.map(({ title, counts, objects }) => {
      const all = objects.map(describeObject).join('\n')
      return `<section><h2>${markup(title)}: ${counts}</h2>\n${all}</section>`
    }),
  ].join('\n')

function listNotRendered(notRendered: View['notRendered']): readonly string[] {
  if (notRendered.length === 0) return []
  const items = notRendered.map(
    ({ build, side, reason }) => `<li><code>${markup(build)}</code> (${side}): ${markup(reason)}</li>`,
  )
  return [`<section><h2>Not rendered, so not compared</h2><ul>${items.join('')}</ul></section>`]
}

function describeObject({ type, kind, name, was, fields, place, whole }: ObjectView): string {
  const head = `<summary><b>${markup(kind)}</b> ${markup(name)} <span class="level">${type}</span> ${markup(was)} ${
    fields.length ? '' : `<code>${markup(place)}</code>`
  }</summary>`
  const isAlone = type === 'added' || type === 'removed'
  const rows = fields.map(describeField).join('\n')
  const table = `<table><thead><tr><th>field</th><th>before</th><th>after</th><th>line</th></tr></thead><tbody>\n${rows}\n</tbody></table>`
  const text = whole === undefined ? '' : `<pre>${markup(JSON.stringify(whole, null, 2))}</pre>`
  return `<details${isAlone ? '' : ' open'}>${head}\n${isAlone ? text : fields.length ? table : ''}</details>`
}

function describeField({ path, before, after, lines, note, place }: FieldView): string {
  const show = (value: unknown, changed: readonly string[] | undefined): string =>
    value === undefined
      ? ''
      : changed
        ? `<pre>${markup(changed.join('\n'))}</pre>`
        : `<code>${markup(showValue(value, 2_000))}</code>`
  const cells = [
    `<code>${markup(path)}</code>${note}`,
    show(before, lines?.old),
    show(after, lines?.next),
    `<code>${markup(place)}</code>`,
  ]
  return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
}
