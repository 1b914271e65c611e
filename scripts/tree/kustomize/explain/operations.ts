// What kustomize says of the operations of JSON patches: which leads nowhere, which is not one, which test fails.
import { valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { Explanation, Failure, Spot } from './explanation.ts'
import { patchDocuments, resourceDocuments } from './written.ts'

/** The first operation of a JSON patch of which something is so, shown at one of its fields. */
function findOperation(
  failure: Failure,
  field: string,
  isIt: (operation: unknown) => boolean,
  note?: string,
): Spot | undefined {
  for (const { value, rangeOf } of patchDocuments(failure)) {
    if (!Array.isArray(value)) continue
    const index = value.findIndex(isIt)
    if (index < 0) continue
    const fieldPath = valueAt(value[index], [field]) === undefined ? [index] : [index, field]
    return { range: rangeOf(fieldPath), fieldPath, ...(note === undefined ? {} : { note }) }
  }
  return undefined
}

const findPointer = (failure: Failure, field: string, pointer: string, operation?: string): Spot | undefined =>
  findOperation(
    failure,
    field,
    one => valueAt(one, [field]) === pointer && (operation === undefined || valueAt(one, ['op']) === operation),
    explainPointer(pointer, failure),
  )

const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Why a pointer leads nowhere, in the document that it follows furthest. */
function explainPointer(pointer: string, failure: Failure): string | undefined {
  let best: { readonly depth: number; readonly text: string } | undefined
  for (const { value } of resourceDocuments(failure)) {
    const found = followPointer(value, segmentsOf(pointer))
    if (found && (!best || found.depth > best.depth)) best = found
  }
  return best?.text
}

function followPointer(root: unknown, segments: readonly string[]): { depth: number; text: string } | undefined {
  let value = root
  for (const [depth, segment] of segments.entries()) {
    const where = depth === 0 ? 'the object' : `/${segments.slice(0, depth).join('/')}`
    if (Array.isArray(value)) {
      const text = explainItem(value, segment, where)
      if (text !== undefined) return { depth, text }
    } else if (typeof value !== 'object' || value === null)
      return { depth, text: `${where} is a value with nothing below it` }
    else if (!Object.hasOwn(value, segment)) {
      const near = closest(segment, Object.keys(value))
      return { depth, text: `${where} has no ${segment}${near === undefined ? '' : `; did you mean ${near}?`}` }
    }
    value = valueAt(value, [Array.isArray(value) && /^\d+$/.test(segment) ? Number(segment) : segment])
  }
  return undefined
}

/** Why a segment names no item of a list; undefined where it names one. */
function explainItem(items: readonly unknown[], segment: string, where: string): string | undefined {
  const count = items.length === 1 ? 'one item, number 0' : `${items.length} items, counted from 0`
  if (/^\d+$/.test(segment)) return Number(segment) < items.length ? undefined : `${where} has ${count}`
  if (segment === '-') return `${where}/- is the place behind the last item, where only add may write; it has ${count}`
  const position = items.findIndex(item => valueAt(item, ['name']) === segment)
  const hint = position < 0 ? '' : `: ${segment} is ${position}`
  return `${where} is a list, and its items are named by number${hint}`
}

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test']
const MOST_SHOWN = 60

/** What stands at a pointer in the resources, where it is one and the same. */
function readPointer(pointer: string, failure: Failure): string {
  const found = new Set<string>()
  for (const { value } of resourceDocuments(failure)) {
    let at: unknown = value
    for (const segment of segmentsOf(pointer)) at = valueAt(at, [Array.isArray(at) ? Number(segment) : segment])
    if (at !== undefined) found.add(JSON.stringify(at))
  }
  const [only = ''] = found
  return found.size === 1 && only.length <= MOST_SHOWN ? `, which is ${only}` : ''
}

export const OPERATION_ERRORS: readonly Explanation[] = [
  {
    pattern: /(\w+) operation does not apply: doc is missing from path: "?(\/[^\s":]+)"?: missing value/,
    find: ([, operation, pointer = ''], failure) => findPointer(failure, 'from', pointer, operation),
    say: ([, operation, pointer], { note }) =>
      `${operation} from ${pointer}: ${note ?? 'the object does not have this path'}`,
  },
  {
    pattern:
      /(\w+) operation does not apply: doc is missing (?:path|key): "?(\/[^\s":]+)"?: missing value|error in (\w+) for path: '(\/[^']+)'/,
    find: ([, , missing, , wrong], failure) => findPointer(failure, 'path', missing ?? wrong ?? ''),
    say: ([, operation, missing, other, wrong], { note }) =>
      `${operation ?? other} ${missing ?? wrong}: ${note ?? 'the object does not have this path'}`,
  },
  {
    pattern: /operation does not apply: doc is missing (?:path|key): "": /,
    find: (_, failure) => findOperation(failure, 'path', one => valueAt(one, ['path']) === ''),
    say: () => 'an empty path is the whole object, and kustomize does not let a patch replace that',
  },
  {
    // Of a move kustomize names the last segment only.
    pattern: /error in (move|copy) for path: '([^'/]+)'/,
    find([, operation, last = ''], failure) {
      const isIt = (one: unknown): boolean =>
        valueAt(one, ['op']) === operation && segmentsOf(String(valueAt(one, ['from']))).at(-1) === last
      const found = findOperation(failure, 'from', isIt)
      if (!found) return undefined
      for (const { value } of patchDocuments(failure)) {
        const from = Array.isArray(value) ? valueAt(value.find(isIt), ['from']) : undefined
        if (typeof from === 'string') return { ...found, note: explainPointer(from, failure) ?? '' }
      }
      return found
    },
    say: ([, operation, last], { note }) =>
      `${operation} from ${last}: ${note || 'the object does not have this path'}`,
  },
  {
    pattern: /testing (?:value|path) (\/\S*?) failed/,
    find: ([, pointer = ''], failure) => findPointer(failure, 'path', pointer, 'test'),
    say([, pointer = ''], { note }, failure) {
      const value = readPointer(pointer, failure)
      const isThere = value !== '' || note === undefined
      return `test ${pointer}: ${isThere ? `the object has another value there${value}` : note}`
    },
  },
  {
    pattern: /Unexpected kind: (\S+)/,
    find: ([, operation], failure) => findOperation(failure, 'op', one => valueAt(one, ['op']) === operation),
    say([, operation = '']) {
      const near = closest(operation, OPERATIONS)
      return `${operation} is not an operation${near ? `; did you mean ${near}?` : `: there are ${OPERATIONS.join(', ')}`}`
    },
  },
  {
    pattern: /Unexpected kind:|operation missing (op|path|from) field|failed to decode (op|path|from)/,
    find([, missing, unread], failure) {
      const field = missing ?? unread ?? 'op'
      const isIt = (one: unknown): boolean => typeof valueAt(one, [field]) !== 'string'
      return findOperation(failure, field, field === 'from' ? one => isIt(one) && hasFrom(one) : isIt)
    },
    say: ([, missing, unread]) => `this operation has no ${missing ?? unread ?? 'op'}`,
  },
]

const hasFrom = (operation: unknown): boolean => ['move', 'copy'].includes(String(valueAt(operation, ['op'])))
