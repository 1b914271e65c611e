// Looks at resources as they are written, before kustomize: their kinds, and what explains a build that failed.
import type { Renderings } from '../tree/engine.ts'
import {
  type Fault,
  faultAt,
  type FieldPath,
  type NotExamined,
  type ResourceRef,
  type SourcePlace,
} from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { listSourceDocuments } from '../tree/read-tree.ts'
import type { LooseDocument } from '../tree/source/manifests.ts'
import { valuesOf, withoutEchoes } from './check-schemas.ts'
import type { Config } from './config.ts'
import type { SchemaFault, Schemas } from './schema/index.ts'
import { listServed } from './schema/served.ts'

/** A resource as it is written, with the builds that read it. */
export interface SourceDocument {
  readonly one: LooseDocument
  readonly builds: readonly string[]
}

/** Source documents of all resources, each once: those of builds, then loose ones. */
export function listAllSources({ tree, built, failed, refused }: Renderings): readonly SourceDocument[] {
  const found = new Map<KubernetesObject, { one: LooseDocument; builds: string[] }>()
  for (const root of [...built.keys(), ...failed.keys(), ...refused]) {
    for (const one of listSourceDocuments(tree.graph, tree.sources, root)) {
      const known = found.get(one.object)
      if (known) known.builds.push(root)
      else found.set(one.object, { one, builds: [root] })
    }
  }
  return [...found.values(), ...tree.loose.map(one => ({ one, builds: [] }))]
}

/** Kinds without a schema, at the line that names them. */
export function checkKinds(
  documents: readonly SourceDocument[],
  schemas: Schemas,
  config: Config,
): { readonly faults: readonly Fault[]; readonly notExamined: readonly NotExamined[] } {
  const allowed = new Set(config.unknownKinds.allow.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
  const servedKinds = new Set(listServed().map(({ kind }) => kind))
  const faults: Fault[] = []
  const notExamined: NotExamined[] = []
  const open = new Map<string, { readonly first: LooseDocument; readonly reason: string; objects: number }>()
  for (const { one, builds } of documents) {
    const { apiVersion = '', kind = '' } = one.object as { apiVersion?: string; kind?: string }
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || schemas.isKnown({ apiVersion, kind })) continue
    const fail = (ruleId: string, message: string, field: string, shown = field): void => {
      const fault = faultAt(ruleId, message, placeOf(one, [shown]).range, [field])
      faults.push({ ...fault, builds, resource: refOf(one.object) })
    }
    if (apiVersion === '') fail('schema-validation', 'apiVersion is required', 'apiVersion', 'kind')
    else if (kind === '') fail('schema-validation', 'kind is required', 'kind', 'apiVersion')
    // The items of a real one were read instead of it.
    else if (apiVersion === 'v1' && kind === 'List') fail('schema-validation', 'items must be a list', 'items')
    else if (allowed.has(`${apiVersion} ${kind}`)) {
      const reason = `${apiVersion} ${kind} has no schema, which validation.yaml allows`
      notExamined.push({ place: placeOf(one, [servedKinds.has(kind) ? 'apiVersion' : 'kind']), reason })
    } else {
      const { isMistake, reason } = schemas.explainUnknown({ apiVersion, kind })
      if (isMistake) {
        const message = `unknown kind ${kind} of ${apiVersion}: ${reason}`
        fail('unknown-kind', message, servedKinds.has(kind) ? 'apiVersion' : 'kind')
        continue
      }
      const known = open.get(`${apiVersion} ${kind}`)
      if (known) known.objects++
      else open.set(`${apiVersion} ${kind}`, { first: one, reason, objects: 1 })
    }
  }
  for (const [kind, { first, reason, objects }] of open) {
    const count = objects === 1 ? '1 object' : `${objects} objects`
    notExamined.push({ place: placeOf(first, ['kind']), reason: `${count} of ${kind}: ${reason}` })
  }
  return { faults, notExamined }
}

function placeOf({ file, document, item }: LooseDocument, fieldPath: FieldPath): SourcePlace {
  const prefix = item === undefined ? [] : ['items', item]
  return { range: file.rangeOf(document, [...prefix, ...fieldPath]), fieldPath }
}

const refOf = ({ apiVersion = '', kind = '', metadata }: KubernetesObject): ResourceRef => ({
  apiVersion,
  kind,
  name: String(metadata?.name ?? ''),
})

/**
 * What is said of the builds that failed: the schema faults in their sources, and kustomize's own words only where none of
 * those explains them. One mistake is one finding.
 */
export function explainFailures({ tree, failed }: Renderings, schemas: Schemas): readonly Fault[] {
  const faults: Fault[] = []
  for (const [root, { fault, text }] of failed) {
    let isExplained = false
    for (const one of listSourceDocuments(tree.graph, tree.sources, root)) {
      const { apiVersion, kind, metadata } = one.object
      if (typeof apiVersion !== 'string' || typeof kind !== 'string') continue
      const name = String(metadata?.name ?? '')
      const isNamed = name !== '' && text.includes(name)
      if (!schemas.isKnown(one.object)) isExplained ||= isNamed
      for (const found of withoutEchoes(schemas.validate(one.object) ?? [])) {
        // A patch may add what a base leaves out.
        if (found.keyword === 'required') continue
        isExplained ||= isNamed || breaksPointer(found, text)
        const { message, fieldPath } = found
        const { range } = placeOf(one, fieldPath)
        faults.push({
          ...faultAt('schema-validation', message, range, fieldPath, valuesOf(found)),
          ...(found.isUnsure && { severity: 'warning' as const }),
          builds: [root],
          resource: refOf(one.object),
        })
      }
    }
    if (!isExplained) faults.push({ ...fault, builds: [root] })
  }
  return faults
}

/** A JSON patch that looks for a field where the schema found a fault fails for that fault's sake. */
function breaksPointer({ fieldPath }: SchemaFault, text: string): boolean {
  const parent = fieldPath.slice(0, -1)
  if (parent.length === 0) return false
  const pointer = `/${parent.map(segment => String(segment).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  return text.includes(`${pointer}/`) || text.includes(`${pointer}:`)
}
