// Shows resources as YAML, and beside each line the one that wrote it, coloured by layer.
import type { FieldPath } from '../tree/model/place.ts'
import type { ShownResource } from './explain.ts'
import { clean, paintRole } from './print.ts'

interface Line {
  readonly text: string
  readonly path: FieldPath
}

/** Columns of YAML beside which the places stand; a longer line is cut. */
const WIDTH = 64
const CUT = 100

export function printResources(resources: readonly ShownResource[], hasColor: boolean): string {
  return resources.map(one => printResource(one, hasColor)).join('---\n')
}

function printResource({ object, title, locate }: ShownResource, hasColor: boolean): string {
  const lines = [...layOut(object, [], 0)]
  const width = Math.min(WIDTH, Math.max(...lines.map(({ text }) => text.length)))
  const shown = lines.map(({ text, path }) => {
    const { range, chain, proved } = locate(path)
    const role = chain.at(-1)?.role ?? 'resource'
    const layer = role === 'resource' ? '' : `  ${role}`
    const place = clean(`${range.file}:${range.line}${layer}${proved ? '' : '  near'}`)
    const cut = text.length > CUT ? `${text.slice(0, CUT - 1)}…` : text
    return `${clean(cut).padEnd(width)}  ${paintRole(role, place, hasColor)}\n`
  })
  return `# ${clean(title)}\n${shown.join('')}`
}

/** The lines of a value; the first of an item stands behind its dash. */
function* layOut(value: unknown, path: FieldPath, depth: number, first = ''): Generator<Line> {
  const indent = ' '.repeat(depth)
  const isList = Array.isArray(value)
  const children: readonly (readonly [string | number, unknown])[] = isList
    ? [...value.entries()]
    : Object.entries(value as Readonly<Record<string, unknown>>)
  for (const [position, [key, child]] of children.entries()) {
    const at = [...path, key]
    const start = position === 0 && first !== '' ? first : indent
    const head = isList ? `${start}- ` : `${start}${showText(String(key))}:`
    if (isEmpty(child) || typeof child !== 'object' || child === null) {
      yield* layOutScalar(child, at, head, isList ? depth : depth + 2)
    } else if (isList) yield* layOut(child, at, depth + 2, head)
    else {
      yield { text: head, path: at }
      yield* layOut(child, at, depth + 2)
    }
  }
}

function* layOutScalar(value: unknown, path: FieldPath, head: string, depth: number): Generator<Line> {
  const before = head.endsWith(' ') ? head : `${head} `
  if (typeof value !== 'string' || !value.includes('\n') || /^\s|[^\n\P{Cc}]/u.test(value)) {
    const text = typeof value === 'string' ? showText(value) : JSON.stringify(value)
    yield { text: `${before}${text}`, path }
    return
  }
  const end = value.endsWith('\n\n') ? '|+' : value.endsWith('\n') ? '|' : '|-'
  yield { text: `${before}${end}`, path }
  for (const line of value.replace(/\n$/, '').split('\n'))
    yield { text: line === '' ? '' : `${' '.repeat(depth)}${line}`, path }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** Words that are a text for every reader of YAML; all others get quotes. */
const PLAIN = /^(?![-?:]\s|(?:y|n|yes|no|on|off|true|false|null|~)$|[-+.]?\d)[\w./$@+-][\w ./$@+:=,;()<>-]*$/i

const showText = (text: string): string => (PLAIN.test(text) && !/: |:$| #| $/.test(text) ? text : JSON.stringify(text))
