// For people at a terminal: what is reached, what is dangerous, then each object with its fields and their lines.
import { styleText } from 'node:util'
import { stringify } from 'yaml'
import { printable } from '../../command/text.ts'
import type { Format } from './format.ts'
import { type FieldView, type ObjectView, viewDiff } from './view.ts'
import { showValue } from './words.ts'

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const MARKS = {
  added: ['green', '+'],
  removed: ['red', '-'],
  changed: ['yellow', '~'],
  renamed: ['cyan', '>'],
} as const

const stylish: Format = (diff, context) => {
  const paint: Paint = (style, text) => (context.colour ? styleText(style, text, { validateStream: false }) : text)
  const { reach, risks, groups, notRendered, summary, names } = viewDiff(diff, context)
  const blocks: string[] = []
  if (reach.length) blocks.push(reach.map(one => paint('bold', printable(one))).join('\n'))
  if (risks.length) {
    const lines = risks.map(({ level, message, ruleId, place, where }) => {
      const head = paint(level === 'danger' ? 'red' : 'yellow', level.padEnd(7))
      const more = [ruleId, [where, place].filter(Boolean).join('  ')].join('  ')
      return `${head} ${printable(message)}  ${paint('dim', printable(more))}`
    })
    blocks.push(lines.join('\n'))
  }
  for (const { title, builds, counts, objects } of groups) {
    const more = [builds.join(', '), counts].filter(Boolean).join('  ')
    const head = `${paint('bold', printable(title))}  ${paint('dim', printable(more))}`
    blocks.push([head, ...objects.map(one => describeObject(one, paint))].join('\n'))
  }
  if (notRendered.length) {
    const lines = notRendered.map(({ build, side, reason }) => `  ${printable(`${build} (${side}): ${reason}`)}`)
    blocks.push([paint('yellow', 'Not rendered, so not compared'), ...lines].join('\n'))
  }
  blocks.push(`${paint('bold', printable(summary))}  ${paint('dim', printable(`${names.base} -> ${names.head}`))}`)
  return `${blocks.join('\n\n')}\n`
}
export default stylish

function describeObject({ type, kind, name, was, fields, place, whole }: ObjectView, paint: Paint): string {
  const [style, mark] = MARKS[type]
  const head = `  ${paint(style, `${mark} ${printable(`${kind} ${name}`)}`)}${was ? ` (${printable(was)})` : ''}`
  const lines = [`${head}${place ? `   ${paint('dim', printable(place))}` : ''}`, ...describeFields(fields, paint)]
  if (whole !== undefined) {
    const text = stringify(whole, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()
    lines.push(...text.split('\n').map(line => paint(style, `    ${mark} ${printable(line)}`)))
  }
  return lines.join('\n')
}

function describeFields(fields: readonly FieldView[], paint: Paint): readonly string[] {
  const rows = fields.map(({ path, before, after, lines, note, place }) => {
    const change = lines
      ? `${lines.old.length} -> ${lines.next.length} lines`
      : `${printable(showValue(before))} -> ${printable(showValue(after))}`
    return { path: printable(path), change: `${change}${note}`, place: printable(place), lines }
  })
  const width = (texts: readonly string[]): number =>
    Math.max(0, ...texts.map(({ length }) => (length > 64 ? 0 : length)))
  const [left, middle] = [width(rows.map(({ path }) => path)), width(rows.map(({ change }) => change))]
  return rows.flatMap(({ path, change, place, lines }) => [
    `      ${path.padEnd(left)}  ${change.padEnd(middle)}   ${paint('dim', place)}`.trimEnd(),
    ...(lines
      ? [...describeLines(lines.old, '-', 'red', paint), ...describeLines(lines.next, '+', 'green', paint)]
      : []),
  ])
}

const MOST_LINES = 12

function describeLines(lines: readonly string[], mark: string, style: Style, paint: Paint): readonly string[] {
  const shown = lines.slice(0, MOST_LINES).map(line => paint(style, `        ${mark} ${printable(line).slice(0, 160)}`))
  return lines.length > MOST_LINES ? [...shown, `        … and ${lines.length - MOST_LINES} more`] : shown
}
