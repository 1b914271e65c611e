// What kustomize says of vars: whose object or field is not there, and which are declared twice.
import { listAt, stringAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { type Explanation, type Failure, type Spot, spotIn } from './explanation.ts'
import { isNamed, resourceDocuments } from './written.ts'

interface DeclaredVar {
  readonly kustomization: Kustomization
  readonly entry: unknown
  readonly fieldPath: FieldPath
}

const varsNamed = ({ reach }: Failure, name: string | undefined): readonly DeclaredVar[] =>
  reach.flatMap(kustomization =>
    [...listAt(kustomization.value, ['vars']).entries()]
      .filter(([, entry]) => stringAt(entry, ['name']) === name)
      .map(([index, entry]) => ({ kustomization, entry, fieldPath: ['vars', index] })),
  )

/** The deepest of some fields that the entry has. */
function spotOf({ kustomization, entry, fieldPath }: DeclaredVar, ...paths: readonly FieldPath[]): Spot {
  const path = paths.find(one => valueAt(entry, one) !== undefined) ?? []
  return spotIn(kustomization, [...fieldPath, ...path])
}

const describeObject = (entry: unknown): string =>
  ['kind', 'name'].map(field => stringAt(entry, ['objref', field]) ?? `without ${field}`).join(' ')

function findObject([, name]: readonly string[], failure: Failure): Spot | undefined {
  const [found] = varsNamed(failure, name)
  return found && spotOf(found, ['objref', 'name'], ['objref'])
}

function sayObject([, name]: readonly string[], _: Spot, failure: Failure): string {
  const entry = varsNamed(failure, name)[0]?.entry
  const [kind, wanted] = ['kind', 'name'].map(field => stringAt(entry, ['objref', field]))
  if (kind === undefined || wanted === undefined) return `the var ${name} needs an objref with kind and name`
  const names = [...resourceDocuments(failure)]
    .filter(({ value }) => valueAt(value, ['kind']) === kind)
    .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
  const near = closest(wanted, names)
  if (near === wanted)
    return `the var ${name} is of ${describeObject(entry)}, which is there with another apiVersion or namespace`
  return `the var ${name} is of ${describeObject(entry)}, which is not there${near ? `; did you mean ${near}?` : ''}`
}

/** Why a path of fields leads nowhere in the object that a var is of. */
function explainPath(entry: unknown, path: string, failure: Failure): string {
  const [kind, name] = ['kind', 'name'].map(field => stringAt(entry, ['objref', field]))
  let value: unknown = [...resourceDocuments(failure)].find(one => isNamed(one.value, kind, name))?.value
  for (const segment of path.split(/[.[\]]+/).filter(Boolean)) {
    const step = Array.isArray(value) ? Number(segment) : segment
    const next = valueAt(value, [step])
    if (next === undefined) {
      const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
      const near = closest(segment, keys)
      return near ? `; did you mean ${near}?` : ''
    }
    value = next
  }
  return ''
}

export const VAR_ERRORS: readonly Explanation[] = [
  {
    pattern: /var '\{(\S+) .*?\}' cannot be mapped to a field in the set of known resources/,
    find: findObject,
    say: sayObject,
  },
  {
    pattern: /field specified in var '\{(\S+) \S+ \{(.*?)\}\}' not found in corresponding resource/,
    find([, name], failure) {
      const [found] = varsNamed(failure, name)
      return found && spotOf(found, ['fieldref', 'fieldpath'], ['fieldref', 'fieldPath'], ['objref'])
    },
    say([, name, path = ''], _, failure) {
      const entry = varsNamed(failure, name)[0]?.entry
      return `the var ${name}: ${describeObject(entry)} has no ${path}${explainPath(entry, path, failure)}`
    },
  },
  {
    pattern: /found (\d+) resId matches for var \{(\S+) /,
    find: ([, , name], failure) => findObject(['', name ?? ''], failure),
    say: ([, count, name], _, failure) =>
      `the var ${name} is of ${describeObject(varsNamed(failure, name)[0]?.entry)}, and ${count} resources are that: name the namespace in objref`,
  },
  {
    pattern: /var '(.+?)' already encountered/,
    find([, name], failure) {
      const found = varsNamed(failure, name)
      const [last, other] = [found.at(-1), found[0]]
      return last && other && spotIn(last.kustomization, [...last.fieldPath, 'name'], other.kustomization.file.path)
    },
    say: ([, name], { range, note }) =>
      note === range.file ? `the var ${name} is declared twice` : `the var ${name} is declared in ${note} as well`,
  },
]
