// The source of a replacement as kustomize writes it, and what was meant where no resource is one.
import { mappingAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'
import type { Failure } from './explanation.ts'
import { generatorEntries } from './generators.ts'
import { resourceDocuments } from './written.ts'

/** Whether kustomize means the source of this replacement: it writes the field and the options behind the object. */
export const isSource = (id: string, replacement: unknown): boolean => `${id}:`.startsWith(`${idOf(replacement)}:`)

/** As kustomize writes a source: `ConfigMap.[noVer].[noGrp]/web.[noNs]`. */
function idOf(replacement: unknown): string {
  const part = (field: string, absent: string) => valueAt(replacement, ['source', field]) ?? `[no${absent}]`
  const type = `${part('kind', 'Kind')}.${part('version', 'Ver')}.${part('group', 'Grp')}`
  return `${type}/${part('name', 'Name')}.${part('namespace', 'Ns')}`
}

export function describeSource(replacement: unknown): string {
  const { kind = 'a resource', name, group, version, namespace } = mappingAt(replacement, ['source']) ?? {}
  const type = [group, version].filter(Boolean).join('/')
  return [kind, name, type && `(${type})`, namespace && `in ${namespace}`].filter(Boolean).join(' ')
}

interface Candidate {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly group: string
  readonly version: string
}

const FIELDS = ['name', 'kind', 'namespace', 'group', 'version'] as const

/** Resources as they are written, and what is generated. */
function listCandidates(failure: Failure): readonly Candidate[] {
  const written = [...resourceDocuments(failure)].map(({ value }): Candidate => {
    const apiVersion = String(valueAt(value, ['apiVersion']) ?? '')
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    const text = (...path: readonly string[]): string => String(valueAt(value, path) ?? '')
    return {
      kind: text('kind'),
      name: text('metadata', 'name'),
      namespace: text('metadata', 'namespace'),
      group,
      version,
    }
  })
  const generated = [...generatorEntries(failure)].map(
    ({ entry, fieldPath }): Candidate => ({
      kind: fieldPath[0] === 'secretGenerator' ? 'Secret' : 'ConfigMap',
      name: String(valueAt(entry, ['name'])),
      namespace: String(valueAt(entry, ['namespace']) ?? ''),
      group: '',
      version: 'v1',
    }),
  )
  return [...written, ...generated]
}

/** The resources that a source is, but for some of its fields. */
function selectBy(replacement: unknown, failure: Failure, without: string): readonly Candidate[] {
  const source = mappingAt(replacement, ['source']) ?? {}
  const asked = FIELDS.filter(field => field !== without && source[field] !== undefined)
  return listCandidates(failure).filter(one => asked.every(field => one[field] === source[field]))
}

export const isMeant = (value: unknown, replacement: unknown): boolean =>
  [['kind'], ['metadata', 'name']].every(path => {
    const wanted = valueAt(replacement, ['source', String(path.at(-1))])
    return wanted === undefined || valueAt(value, path) === wanted
  })

/** The field that is mistyped: with another word there the source would be a resource. Else the name, where it has one. */
export function findMistake(replacement: unknown, failure: Failure): FieldPath {
  const source = mappingAt(replacement, ['source']) ?? {}
  const asked = FIELDS.filter(field => source[field] !== undefined)
  const mistake = asked.find(field => selectBy(replacement, failure, field).length > 0) ?? asked[0]
  return mistake === undefined ? [] : [mistake]
}

export function nearSource(replacement: unknown, failure: Failure): string {
  const [field] = findMistake(replacement, failure)
  const wanted = valueAt(replacement, ['source', String(field)])
  const known = FIELDS.find(one => one === field)
  if (typeof wanted !== 'string' || known === undefined) return ''
  const others = [...new Set(selectBy(replacement, failure, known).map(one => one[known]))].filter(
    one => one !== wanted,
  )
  const near = closest(wanted, others)
  if (near) return `; did you mean ${near}?`
  const [only] = others
  if (known === 'name' || others.length !== 1 || only === undefined) return ''
  return only === '' ? `; it is there without a ${known}` : `; it is there with the ${known} ${only}`
}
