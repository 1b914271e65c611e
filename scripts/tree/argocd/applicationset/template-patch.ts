// A templatePatch over an Application: the strategic merge of Kubernetes, in which most lists of an Application are replaced.
// Source: Argo CD, applyTemplatePatch; k8s.io/apimachinery/pkg/util/strategicpatch.
import type { Parameters } from './parameters.ts'

type Fields = Record<string, unknown>

const DIRECTIVE = '$patch'
const REMOVED = '$deleteFromPrimitiveList/'
/** Lists whose items are added to those that are there. Of an Application's fields it is the finalizers alone. */
const MERGED = new Set(['finalizers'])

const isMapping = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined: a directive that does not exist, which fails the merge. */
export function applyPatch(base: Parameters, patch: Parameters): Fields | undefined {
  const directive = patch[DIRECTIVE]
  if (directive === 'delete') return {}
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive !== undefined && directive !== 'merge') return undefined
  const merged: Fields = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) {
      const name = key.startsWith(REMOVED) ? key.slice(REMOVED.length) : ''
      const [known, gone] = [merged[name], value]
      if (Array.isArray(known) && Array.isArray(gone)) merged[name] = known.filter(one => !gone.includes(one))
      continue
    }
    const known = merged[key]
    if (value === null) delete merged[key]
    else if (isMapping(value) && isMapping(known)) {
      const below = applyPatch(known, value)
      if (below === undefined) return undefined
      merged[key] = below
    } else if (MERGED.has(key) && Array.isArray(known) && Array.isArray(value))
      merged[key] = [...known, ...value.filter(one => !known.includes(one))]
    else merged[key] = isMapping(value) ? withoutDirectives(value) : value
  }
  const retained = patch.$retainKeys
  if (!Array.isArray(retained)) return merged
  return Object.fromEntries(Object.entries(merged).filter(([key]) => retained.includes(key)))
}

function withoutDirectives(fields: Parameters): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key, value]) => !key.startsWith('$') && value !== null)
      .map(([key, value]) => [key, isMapping(value) ? withoutDirectives(value) : value]),
  )
}
