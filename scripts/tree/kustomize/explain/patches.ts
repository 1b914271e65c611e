// What kustomize says of patches: for whom there is nobody, which operation leads nowhere, which selector cannot be read.
import { listAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'
import { type Explanation, type Failure, readId, type Spot } from './explanation.ts'
import { allReplacementsOf } from './replacements.ts'
import { isNamed, patchDocuments, resourceDocuments } from './written.ts'

/** The operation of a JSON patch with a path, and why that leads nowhere. */
function findOperation(pointer: string, failure: Failure): Spot | undefined {
  for (const { value, rangeOf } of patchDocuments(failure)) {
    if (!Array.isArray(value)) continue
    const index = value.findIndex(operation => valueAt(operation, ['path']) === pointer)
    const note = explainPointer(pointer, failure)
    const range = index < 0 ? undefined : rangeOf([index, 'path'])
    if (range) return { range, fieldPath: [index, 'path'], ...(note === undefined ? {} : { note }) }
  }
  return undefined
}

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
      if (/^\d+$/.test(segment)) {
        if (Number(segment) >= value.length)
          return {
            depth,
            text: `${where} has ${value.length === 1 ? 'one item, number 0' : `${value.length} items, counted from 0`}`,
          }
      } else if (segment !== '-') {
        const position = value.findIndex(item => valueAt(item, ['name']) === segment)
        const hint = position < 0 ? '' : `: ${segment} is ${position}`
        return { depth, text: `${where} is a list, and its items are named by number${hint}` }
      }
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

/** The first selector of a patch or replacement of which one of some fields is meant. */
function findSelector(
  { reach, sources }: Failure,
  fields: readonly string[],
  isIt: (value: string) => boolean,
): Spot | undefined {
  for (const kustomization of reach) {
    const selectors: { value: unknown; rangeOf: (path: FieldPath) => Spot['range'] }[] = []
    for (const field of ['patches', 'patchesJson6902']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const rangeOf = (inner: FieldPath) => kustomization.file.rangeOf(0, [field, index, 'target', ...inner])
        selectors.push({ value: valueAt(entry, ['target']), rangeOf })
      }
    }
    for (const { value, rangeOf } of allReplacementsOf(kustomization, sources)) {
      for (const [index, target] of listAt(value, ['targets']).entries()) {
        const rejected = [...listAt(target, ['reject']).keys()].map(position => ['reject', position])
        for (const path of [['select'], ...rejected]) {
          const at = (inner: FieldPath) => rangeOf(['targets', index, ...path, ...inner])
          selectors.push({ value: valueAt(target, path), rangeOf: at })
        }
      }
    }
    for (const { value, rangeOf } of selectors) {
      for (const field of fields) {
        const text = valueAt(value, [field])
        if (typeof text === 'string' && isIt(text)) return { range: rangeOf([field]), fieldPath: [field] }
      }
    }
  }
  return undefined
}

const requirement = /^\s*(?:!?\s*[\w./-]+|[\w./-]+\s*(?:==?|!=)\s*[\w.-]*|[\w./-]+\s+(?:not)?in\s*\([\w.,\s-]*\))\s*$/

function isLabelSelector(value: string): boolean {
  // The expressions below take their time over a text made for it.
  if (value.length > 2_000) return false
  // A comma within parentheses separates values.
  return value === '' || value.split(/,(?![^(]*\))/).every(part => requirement.test(part))
}

/** "Did you mean" among the names of a kind. */
function nearName(kind: string | undefined, name: string | undefined, failure: Failure): string {
  const names = [...resourceDocuments(failure)]
    .filter(({ value }) => valueAt(value, ['kind']) === kind)
    .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
  const near = name === undefined ? undefined : closest(name, names)
  return near === undefined || near === name ? '' : `; did you mean ${near}?`
}

export const PATCH_ERRORS: readonly Explanation[] = [
  {
    pattern: /no (?:resource )?matches for Id \S+?;? failed to find unique target for patch (\S+)/,
    find([, id = ''], failure) {
      const [kind, name] = readId(id).split(' ')
      for (const { value, rangeOf } of patchDocuments(failure)) {
        if (isNamed(value, kind, name)) return { range: rangeOf(['metadata', 'name']), fieldPath: ['metadata', 'name'] }
      }
      return undefined
    },
    say([, id = ''], _, failure) {
      const [kind, name] = readId(id).split(' ')
      return `the patch is for ${readId(id)}, and no resource of that kind and name is there${nearName(kind, name, failure)}`
    },
  },
  {
    pattern: /error parsing regexp: (.*?): `(.*?)`/,
    find: ([, , part = ''], failure) =>
      findSelector(failure, ['group', 'version', 'kind', 'name', 'namespace'], value =>
        `^(?:${value})$`.includes(part),
      ),
    say: ([, reason]) => `not a regular expression of Go (RE2): ${reason}`,
  },
  {
    pattern: /unable to parse requirement: (.*)/,
    find: (_, failure) =>
      findSelector(failure, ['labelSelector', 'annotationSelector'], value => !isLabelSelector(value)),
    say: ([, reason]) => `not a label selector: ${reason}`,
  },
  {
    pattern:
      /(\w+) operation does not apply: doc is missing (?:path|key): "?(\/[^\s":]+)"?: missing value|error in (\w+) for path: '(\/[^']+)'/,
    find: ([, , missing, , wrong], failure) => findOperation(missing ?? wrong ?? '', failure),
    say: ([, operation, missing, other, wrong], { note }) =>
      `${operation ?? other} ${missing ?? wrong}: ${note ?? 'the object does not have this path'}`,
  },
]
