// Volumes whose files are written from objects: a ConfigMap, a Secret, the pod itself, a token, or several of them.
import { all, each, range, required, setFields, shape, struct, text } from '../../check.ts'
import { type ApiFault, type Check, missing, NO_FAULTS, refuse, warn, wrong } from '../../fault.ts'
import { depthOf, get, isSet, itemsOf, type Node, numberOf, textOf } from '../../node.ts'
import { localPath } from '../../text.ts'
import { fileFieldRef, resourceFieldRef } from '../environment.ts'

export const mode: Check = node => {
  const value = numberOf(node)
  return value === undefined || (value >= 0 && value <= 0o777)
    ? NO_FAULTS
    : [wrong(node, 'must be file permissions from 0 to 0777, which is 511')]
}

const keyToPath = struct({ key: required(), path: required(text(localPath)), mode })

export const keyedFiles = { items: each(keyToPath), defaultMode: mode }

const downwardFile: Check = struct(
  { path: required(text(localPath)), fieldRef: fileFieldRef, resourceFieldRef: resourceFieldRef(true), mode },
  node => {
    const set = setFields(node, ['fieldRef', 'resourceFieldRef'])
    if (set.length === 1) return NO_FAULTS
    return [
      set.length === 0
        ? missing(node, 'fieldRef or resourceFieldRef')
        : refuse(node, 'must have fieldRef or resourceFieldRef, not both'),
    ]
  },
)

/** The server leaves the index of these files out. */
function* unindexed(files: Node, check: Check, holder: Node): Iterable<ApiFault> {
  const depth = depthOf(holder)
  for (const file of itemsOf(files)) {
    for (const fault of check(file)) {
      const rest = (fault.at ?? fault.fieldPath).slice(depth + 2)
      yield { ...fault, at: fault.at ?? fault.fieldPath, fieldPath: [...fault.fieldPath.slice(0, depth), ...rest] }
    }
  }
}

export const downwardFiles: Check = node => unindexed(get(node, 'items'), downwardFile, node)

const PROJECTIONS = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
]

/** Their feature gates are off in 1.36: the server drops them unseen. */
const DROPPED_PROJECTIONS = new Set(['clusterTrustBundle', 'podCertificate'])

const projection: Check = struct(
  {
    secret: shape({ name: required(), items: each(keyToPath) }),
    configMap: shape({ name: required(), items: each(keyToPath) }),
    downwardAPI: downwardFiles,
    serviceAccountToken: shape({ expirationSeconds: range(600, 2 ** 32) }),
  },
  function* (node) {
    const token = get(node, 'serviceAccountToken')
    if (isSet(token)) {
      // The server calls it the path of the whole projection.
      const projected = node.up?.up ?? node
      const path = get(token, 'path')
      const named: Node = { value: undefined, up: projected, key: 'path' }
      const problem = textOf(path) === '' ? undefined : localPath(textOf(path))
      if (textOf(path) === '')
        yield { ...missing(path), at: missing(path).fieldPath, fieldPath: missing(named).fieldPath }
      else if (problem !== undefined) yield wrong(path, problem, named)
    }
    const set = setFields(node, PROJECTIONS).filter(field => !DROPPED_PROJECTIONS.has(field))
    if (set.length > 1) yield refuse(node, `must have one of ${set.join(' and ')}, not both`)
  },
)

function* checkPathsOnce(projected: Node): Iterable<ApiFault> {
  const seen = new Set<string>()
  for (const source of itemsOf(get(projected, 'sources'))) {
    for (const kind of ['secret', 'configMap', 'downwardAPI']) {
      for (const item of itemsOf(get(source, kind, 'items'))) {
        const path = get(item, 'path')
        if (textOf(path) === '') continue
        if (seen.has(textOf(path))) yield wrong(path, 'is a duplicate: two sources write the same file', projected)
        seen.add(textOf(path))
      }
    }
  }
}

export const projected: Check = all(
  shape({ defaultMode: mode, sources: each(projection) }),
  checkPathsOnce,
  function* (node) {
    for (const source of itemsOf(get(node, 'sources')))
      if (setFields(source, PROJECTIONS).length === 0) yield warn(source, 'has no source and brings no file')
  },
)
