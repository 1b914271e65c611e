// Patches for objects that come from elsewhere: what they write is known all the same.
import type { Renderings } from '../tree/engine.ts'
import { valueAt } from '../tree/model/build.ts'
import { type Fault, faultAt } from '../tree/model/place.ts'
import type { KubernetesObject, Value } from '../tree/model/resource.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { withoutEchoes } from './check-schemas.ts'
import { refOf } from './check-sources.ts'
import { isFilledInLater } from './placeholders.ts'
import { valuesOf } from './schema/api/judge.ts'
import type { Schemas } from './schema/index.ts'

/**
 * Faults in merge patches that a build was rendered without, since their target is not here. A patch says a part of an
 * object: what it lacks is no fault of it, and directives of the merge are not fields.
 */
export function checkLostPatches({ tree, partial }: Renderings, schemas: Pick<Schemas, 'validate'>): readonly Fault[] {
  const found = new Map<string, Fault>()
  for (const [root, graph] of partial) {
    for (const { file, document, object } of listLostPatches(graph.reach(root), tree)) {
      if (hasDirective(object)) continue
      for (const fault of withoutEchoes(schemas.validate(object) ?? [])) {
        if (fault.keyword === 'required' || fault.isUnsure) continue
        const { fieldPath, message } = fault
        const values = valuesOf(fault)
        if (isFilledInLater(valueAt(object, fieldPath), { ruleId: 'schema-validation', values })) continue
        const told = faultAt('schema-validation', message, file.rangeOf(document, fieldPath), fieldPath, values)
        const key = JSON.stringify([file.path, document, fieldPath, message])
        const builds = [...(found.get(key)?.builds ?? []), root]
        found.set(key, { ...told, builds, resource: refOf(object) })
      }
    }
  }
  return [...found.values()]
}

interface Patch {
  readonly file: SourceFile
  readonly document: number
  readonly object: KubernetesObject
}

function* listLostPatches(
  kept: ReturnType<Renderings['tree']['graph']['reach']>,
  { sources, graph }: Renderings['tree'],
): Generator<Patch> {
  for (const { folder, files } of kept) {
    const left = new Set(files.map(({ path }) => path))
    for (const { path, reference } of graph.kustomizations.get(folder)?.files ?? []) {
      const file = reference.content === 'patch' && !left.has(path) ? sources.read(path) : undefined
      if (!(file instanceof SourceFile)) continue
      for (const [document, value] of file.parse('kustomize').documents.entries()) {
        const object = value as unknown as KubernetesObject | null
        if (typeof object?.apiVersion === 'string' && typeof object.kind === 'string') yield { file, document, object }
      }
    }
  }
}

/** As `$patch: delete`: then the rest is not what it seems. */
const hasDirective = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(hasDirective)
    : typeof value === 'object' &&
      value !== null &&
      Object.entries(value as Record<string, Value>).some(([key, one]) => key.startsWith('$') || hasDirective(one))
