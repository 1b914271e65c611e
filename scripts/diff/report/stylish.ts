// For people at a terminal: what is reached, what is dangerous, then each object with its fields and their lines.
import { styleText } from 'node:util'
import { stringify } from 'yaml'
import { printable } from '../../command/text.ts'
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
  const blocks: string[] = []
  if (diff.reach.length) blocks.push(diff.reach.map(one => paint('bold', printable(sayReach(one)))).join('\n'))
  if (diff.risks.length) {
    const lines = mergeRisks(diff.risks).map(({ level, message, ruleId, location, where }) => {
      const head = paint(level === 'danger' ? 'red' : 'yellow', level.padEnd(7))
      const place = [where, showLocation(location)].filter(Boolean).join('  ')
      return `${head} ${printable(message)}  ${paint('dim', printable(`${ruleId}  ${place}`))}`
    })
    blocks.push(lines.join('\n'))
  }
  for (const { groups } of mergeGroups(groupChanges(diff.objects))) {
    const [first] = groups
    if (!first) continue
    const { title, builds } = nameMerged(groups, diff)
    const lines = [
      `${paint('bold', printable(title))}  ${paint('dim', printable([builds.join(', '), sayCounts(first.objects)].filter(Boolean).join('  ')))}`,
      ...first.objects.map(one => describeObject(one, context, paint)),
    ]
    blocks.push(lines.join('\n'))
  }
  if (diff.notRendered.length) {
    const lines = diff.notRendered.map(({ build, side, reason }) => `  ${printable(`${build} (${side}): ${reason}`)}`)
    blocks.push([paint('yellow', 'Not rendered, so not compared'), ...lines].join('\n'))
  }
  blocks.push(
    `${paint('bold', printable(summarize(diff)))}  ${paint('dim', printable(`${context.names.base} -> ${context.names.head}`))}`,
  )
  return `${blocks.join('\n\n')}\n`
}
export default stylish

function describeObject(one: ComparedObject, { whole }: DiffContext, paint: Paint): string {
  const { type, object, fields, location } = one.change
  const [style, mark] = MARKS[type]
  const before = sayBefore(one.change)
  const isBare = fields.length === 0
  const head = `  ${paint(style, `${mark} ${printable(`${object.kind} ${object.name}`)}`)}${before ? ` (${printable(before)})` : ''}`
  const place = isBare && location ? `   ${paint('dim', printable(showLocation(location)))}` : ''
  const lines = [`${head}${place}`, ...describeFields(fields, one, paint)]
  if (whole && isBare && (type === 'added' || type === 'removed')) {
    const text = stringify(wholeObject(one), { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()
    lines.push(...text.split('\n').map(line => paint(style, `    ${mark} ${printable(line)}`)))
  }
  return lines.join('\n')
}

function describeFields(fields: readonly FieldChange[], one: ComparedObject, paint: Paint): readonly string[] {
  const rows = fields.map(field => {
    const path = printable(showFieldPath(field, one))
    const note = field.order ? ` (${sayOrder(field, one)})` : ''
    const lines = diffLines(field.before, field.after)
    const change = lines
      ? `${lines.old.length} -> ${lines.next.length} lines`
      : `${printable(showValue(field.before))} -> ${printable(showValue(field.after))}`
    return { path, change: `${change}${note}`, place: printable(showLocation(field.location)), lines }
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
