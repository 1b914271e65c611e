// Shows who wrote a field: the chain from the first to the last, each with its line and a mark under what is meant.
import { styleText } from 'node:util'
import { codeFrame } from '../command/code-frame.ts'
import type { ChainLink, FieldPath } from '../tree/model/place.ts'
import type { Answer, FieldAnswer } from './explain.ts'

type Color = 'green' | 'cyan' | 'magenta' | 'yellow' | 'blue'
const COLORS: Readonly<Record<ChainLink['role'], Color>> = {
  resource: 'green',
  generator: 'cyan',
  component: 'magenta',
  patch: 'yellow',
  transformer: 'blue',
}

export const pointerOf = (path: FieldPath): string =>
  `/${path.map(part => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`

export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?')

/** A text in the colour of the layer that wrote it. */
export const paintRole = (role: ChainLink['role'], text: string, hasColor: boolean): string =>
  hasColor ? styleText(COLORS[role], text, { validateStream: false }) : text

export function toJson({ build, resource, fieldPath, value, proved, chain }: FieldAnswer): string {
  return JSON.stringify({ build, resource, fieldPath, value, proved, chain })
}

const MOST_SIBLINGS = 20

export function printField({ fields: [field], siblings, textOf }: Answer, hasColor: boolean): string {
  if (!field) return ''
  const { resource, chain, proved, located, build } = field
  const lines = [
    clean(`${resource.kind} ${resource.name} in ${build}`),
    clean(`${pointerOf(field.fieldPath)} = ${JSON.stringify(field.value)}`),
  ]
  if (!proved) lines.push('', `  written near here; not proved: ${located.reason ?? 'the trace differs'}`)
  for (const [index, link] of chain.entries()) {
    const place = clean(`${link.file}:${link.line}:${link.column}`)
    const paint = (text: string): string => paintRole(link.role, text, hasColor)
    lines.push('', `  ${sayWhen(index, chain.length).padEnd(13)}  ${paint(place)}  ${link.role}`)
    const text = textOf(link.file)
    if (text !== undefined) lines.push(codeFrame(text, link, paint, '    '))
  }
  if (siblings.length) {
    lines.push('', `  The ${chain.length > 1 ? 'last ' : ''}line writes as well:`)
    for (const one of siblings.slice(0, MOST_SIBLINGS))
      lines.push(clean(`    ${one.resource.kind} ${one.resource.name} ${pointerOf(one.fieldPath)}`))
    if (siblings.length > MOST_SIBLINGS) lines.push(`    … and ${siblings.length - MOST_SIBLINGS} more`)
  }
  return `${lines.join('\n')}\n`
}

function sayWhen(index: number, count: number): string {
  if (count === 1) return 'written by'
  if (index === 0) return 'written first'
  return index === count - 1 ? 'written last' : 'changed'
}
