// Looks at resources as they are written, before kustomize: all that can be said of builds that are not rendered.
import { NOT_YAML } from '../tree/argocd/source/directory.ts'
import type { Renderings } from '../tree/engine.ts'
import { valueAt } from '../tree/model/build.ts'
import {
  type Fault,
  faultAt,
  type FieldPath,
  isResourcePlace,
  type ResourceRef,
  type SourcePlace,
} from '../tree/model/place.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { listFiles, listSourceDocuments } from '../tree/read-tree.ts'
import type { LooseDocument } from '../tree/source/manifests.ts'
import { withoutEchoes } from './check-schemas.ts'
import { valuesOf } from './schema/api/judge.ts'
import { isFilledInLater } from './placeholders.ts'
import type { SchemaFault, Schemas } from './schema/index.ts'

/** A resource as it is written, with the builds that read it. */
export interface SourceDocument {
  readonly one: LooseDocument
  readonly builds: readonly string[]
}

/** Source documents of all resources, each once: those of builds, then loose ones. */
export function listAllSources(renderings: Renderings): readonly SourceDocument[] {
  const { tree, built, failed, refused } = renderings
  const found = listReadBy([...built.keys(), ...failed.keys(), ...refused], renderings)
  return [...found, ...tree.loose.map(one => ({ one, builds: [] }))]
}

/** Source documents that only builds read which are not rendered. */
export function listLostSources(renderings: Renderings): readonly SourceDocument[] {
  const { built, failed, refused } = renderings
  if (failed.size + refused.size === 0) return []
  const seen = new Set(listReadBy([...built.keys()], renderings).map(({ one }) => one.object))
  return listReadBy([...failed.keys(), ...refused], renderings).filter(({ one }) => !seen.has(one.object))
}

function listReadBy(roots: readonly string[], { tree }: Renderings): readonly SourceDocument[] {
  const found = new Map<KubernetesObject, { one: LooseDocument; builds: string[] }>()
  for (const root of roots) {
    for (const one of listSourceDocuments(tree.graph, tree.sources, root)) {
      const known = found.get(one.object)
      if (known) known.builds.push(root)
      else found.set(one.object, { one, builds: [root] })
    }
  }
  return [...found.values()]
}

export function placeOf({ file, document, item }: LooseDocument, fieldPath: FieldPath): SourcePlace {
  const prefix = item === undefined ? [] : ['items', item]
  return { range: file.rangeOf(document, [...prefix, ...fieldPath]), fieldPath }
}

export const refOf = ({ apiVersion = '', kind = '', metadata }: KubernetesObject): ResourceRef => ({
  apiVersion,
  kind,
  name: String(metadata?.name ?? ''),
})

/** What Argo CD says of a file that is not YAML follows from what is known of the file. */
export function withoutUnreadable(faults: readonly Fault[], known: readonly Fault[]): readonly Fault[] {
  const files = new Set(
    known.filter(({ ruleId }) => ruleId === 'yaml-syntax').map(({ places: [place] }) => fileOfPlace(place)),
  )
  return faults.filter(({ values: [kind], places: [place] }) => kind !== NOT_YAML || !files.has(fileOfPlace(place)))
}

const fileOfPlace = (place: Fault['places'][0]): string | undefined =>
  isResourcePlace(place) ? undefined : place.range.file

/**
 * What is said of the builds that are not rendered: the schema faults in their sources, and kustomize's own words only where
 * none of those explains them. One mistake is one finding.
 */
export function explainFailures(renderings: Renderings, schemas: Schemas): readonly Fault[] {
  const { tree, failed, broken } = renderings
  const faults: Fault[] = []
  const explained = new Set<string>()
  const lost = listLostSources(renderings).filter(({ builds }) => builds.every(build => !failed.has(build)))
  for (const { one, builds } of [...listReadBy([...failed.keys()], renderings), ...lost]) {
    const { apiVersion, kind, metadata } = one.object
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') continue
    const name = String(metadata?.name ?? '')
    const explain = (isCause: (text: string) => boolean): void => {
      for (const build of builds) if (isCause(failed.get(build)?.text ?? '')) explained.add(build)
    }
    // Of a kind that nobody knows nothing is said elsewhere.
    if (!schemas.isKnown(one.object) && schemas.explainUnknown(one.object).isMistake)
      explain(text => name !== '' && text.includes(name))
    for (const found of withoutEchoes(schemas.validate(one.object) ?? [])) {
      // A patch may add what a base leaves out.
      if (found.keyword === 'required') continue
      const values = valuesOf(found)
      if (isFilledInLater(valueAt(one.object, found.fieldPath), { ruleId: 'schema-validation', values })) continue
      explain(text => (name !== '' && text.includes(name)) || breaksPointer(found, text))
      const { message, fieldPath } = found
      const { range } = placeOf(one, fieldPath)
      const fault = faultAt('schema-validation', message, range, fieldPath, values)
      const severity = found.isUnsure ? { severity: 'warning' as const } : {}
      faults.push({ ...fault, ...severity, builds, resource: refOf(one.object) })
    }
  }
  for (const [root, { fault }] of failed) {
    const isBlemished = tree.graph.reach(root).some(({ blemishes }) => blemishes.length > 0)
    if (!explained.has(root) && !isBlemished && !faults.some(one => isSamePlace(one, fault)))
      faults.push({ ...fault, builds: [root] })
  }
  for (const [folder, { fault, text }] of broken) {
    const files = listFiles(tree.graph, folder)
    const isExplained = faults.some(
      one => isOfFiles(one, files) && text.includes(one.resource?.name ?? fault.message) && !isSamePlace(one, fault),
    )
    if (!isExplained && !faults.some(one => isSamePlace(one, fault))) faults.push({ ...fault, builds: [folder] })
  }
  return faults
}

const isOfFiles = ({ places: [place] }: Fault, files: ReadonlySet<string>): boolean =>
  !isResourcePlace(place) && files.has(place.range.file)

/** What both the schema and kustomize find in one field is one mistake. */
function isSamePlace(one: Fault, other: Fault): boolean {
  const [[a], [b]] = [one.places, other.places]
  if (!a || !b || isResourcePlace(a) || isResourcePlace(b)) return false
  return a.range.file === b.range.file && a.range.line === b.range.line && a.range.column === b.range.column
}

/** A JSON patch or a replacement that looks for a field where the schema found a fault fails for that fault's sake. */
function breaksPointer({ fieldPath }: SchemaFault, text: string): boolean {
  const parent = fieldPath.slice(0, -1).map(String)
  if (parent.length === 0) return false
  const pointer = `/${parent.map(segment => segment.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  return [`${pointer}/`, `${pointer}:`, `${parent.join('.')}.`].some(start => text.includes(start))
}
