// Shows an explanation on a terminal: the chain with the lines themselves, or each line of a resource with its writer.
import { styleText } from 'node:util'
import type { ChainLink, FieldPath } from '../tree/model/place.ts'
import type { Answer, Explanation, FieldAnswer } from './explain.ts'

type Color = 'green' | 'cyan' | 'magenta' | 'yellow' | 'blue'
const COLORS: Readonly<Record<ChainLink['role'], Color>> = {
  resource: 'green',
  generator: 'cyan',
  component: 'magenta',
  patch: 'yellow',
  transformer: 'blue',
}

const pointerOf = (path: FieldPath): string =>
  `/${path.map(part => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`

const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?')

export function toJson({ build, resource, fieldPath, value, proved, chain }: FieldAnswer): string {
  return JSON.stringify({ build, resource, fieldPath, value, proved, chain })
}

export function printField({ fields: [field], siblings, textOf }: Answer, hasColor: boolean): string {
  if (!field) return ''
  const paint = (color: Color, text: string): string =>
    hasColor ? styleText(color, text, { validateStream: false }) : text
  const { resource, chain, proved, located } = field
  const lines = [
    clean(`${resource.kind} ${resource.name} ${pointerOf(field.fieldPath)} = ${JSON.stringify(field.value)}`),
    '',
  ]
  if (!proved) lines.push(`  written near here; not proved: ${located.reason ?? 'the trace differs'}`, '')
  for (const [index, link] of chain.entries()) {
    const said = index === chain.length - 1 ? 'written last' : index === 0 ? 'written first' : 'changed'
    lines.push(
      `  ${paint(COLORS[link.role], link.role)} ${said} by ${clean(`${link.file}:${link.line}:${link.column}`)}`,
    )
    const text = textOf(link.file)?.split('\n')[link.line - 1]
    if (text !== undefined) lines.push(`    ${link.line} | ${clean(text.slice(0, 120))}`)
  }
  if (siblings.length) {
    lines.push('', '  The last line writes as well:')
    for (const one of siblings.slice(0, 20))
      lines.push(clean(`    ${one.resource.kind} ${one.resource.name} ${pointerOf(one.fieldPath)}`))
    if (siblings.length > 20) lines.push(`    … and ${siblings.length - 20} more`)
  }
  return `${lines.join('\n')}\n`
}

/** A line a field: its pointer, its value and where that was written. */
export function printFields(fields: readonly Explanation[], hasColor: boolean): string {
  const paint = (color: Color, text: string): string =>
    hasColor ? styleText(color, text, { validateStream: false }) : text
  const lines: string[] = []
  let last = ''
  for (const { resource, fieldPath, value, chain, located, proved } of fields) {
    const name = clean(`${resource.kind} ${resource.name}`)
    if (name !== last) lines.push(...(last ? [''] : []), name)
    last = name
    const role = chain.at(-1)?.role ?? 'resource'
    const place = clean(`${located.range.file}:${located.range.line}${proved ? '' : ' (near)'}`)
    const shown = clean(`${pointerOf(fieldPath)}: ${JSON.stringify(value)?.slice(0, 80)}`)
    lines.push(`  ${shown.padEnd(70)}  ${paint(COLORS[role], place)}`)
  }
  return `${lines.join('\n')}\n`
}
