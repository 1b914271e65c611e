// Looks at resources as they are written, before kustomize: their kinds, and what explains a build that failed.
import { withoutEchoes } from './check.ts'
import type { Collector } from './findings/collect.ts'
import type { Config } from './config.ts'
import type { NotExamined } from './findings/finding.ts'
import type { KubernetesObject } from '../tree/model/resource.ts'
import type { Schemas } from './schema/index.ts'
import { listServed } from './schema/served.ts'
import type { LooseDocument } from '../tree/source/manifests.ts'
import { listSourceDocuments, type Tree } from '../tree/read-tree.ts'

export interface SourceDocument {
  readonly one: LooseDocument
  readonly builds: string[]
}

/** Source documents of all resources, each once, with the builds that read it. */
export function listAllSources(
  tree: Tree,
  roots: readonly string[],
  built: readonly string[],
): readonly SourceDocument[] {
  const found = new Map<KubernetesObject, SourceDocument>()
  for (const root of new Set([...roots, ...built])) {
    for (const one of listSourceDocuments(tree.graph, tree.sources, root)) {
      const known = found.get(one.object)
      if (known) known.builds.push(root)
      else found.set(one.object, { one, builds: [root] })
    }
  }
  return [...found.values()]
}

/** Where an object was written; undefined for what only a build made. */
export function findFile(
  object: KubernetesObject,
  builtSources: readonly SourceDocument[],
  loose: readonly LooseDocument[],
) {
  const documents = [...builtSources.map(({ one }) => one), ...loose]
  const found = documents.find(one => one.object === object) ?? documents.find(one => isSameObject(one.object, object))
  return found && { file: found.file.path, line: found.file.rangeOf(found.document, []).line }
}

const isSameObject = (a: KubernetesObject, b: KubernetesObject): boolean =>
  a.kind === b.kind && a.metadata?.name === b.metadata?.name

/** Kinds without a schema, at the line that names them. */
export function checkKinds(
  tree: Tree,
  builtSources: readonly SourceDocument[],
  schemas: Schemas,
  config: Config,
  collector: Collector,
  notExamined: NotExamined[],
): void {
  const allowed = new Set(config.unknownKinds.allow.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
  for (const { one, builds } of [...builtSources, ...tree.loose.map(one => ({ one, builds: [] as string[] }))]) {
    const { object, file, document, item } = one
    const { apiVersion = '', kind = '' } = object as { apiVersion?: string; kind?: string }
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || schemas.isKnown({ apiVersion, kind })) continue
    const prefix = item === undefined ? [] : ['items', item]
    const name = String(object.metadata?.name ?? '')
    if (apiVersion === '' || kind === '') {
      const missing = apiVersion === '' ? 'apiVersion' : 'kind'
      const message = `${missing} is required`
      const location = file.rangeOf(document, [...prefix, apiVersion === '' ? 'kind' : 'apiVersion'])
      collector.addStage({ ruleId: 'schema-validation', message, location, fieldPath: [missing] }, builds, {
        apiVersion,
        kind,
        name,
      })
      continue
    }
    // The items of a real one were read instead of it.
    if (apiVersion === 'v1' && kind === 'List') {
      const location = file.rangeOf(document, [...prefix, 'items'])
      const message = 'items must be a list'
      collector.addStage({ ruleId: 'schema-validation', message, location, fieldPath: ['items'] }, builds, {
        apiVersion,
        kind,
        name,
      })
      continue
    }
    const field = listServed().some(served => served.kind === kind) ? 'apiVersion' : 'kind'
    const location = file.rangeOf(document, [...prefix, field])
    if (allowed.has(`${apiVersion} ${kind}`)) {
      notExamined.push({
        file: file.path,
        line: location.line,
        reason: `${apiVersion} ${kind} has no schema, which validation.yaml allows`,
      })
      continue
    }
    const message = `unknown kind ${kind} of ${apiVersion}: ${schemas.explainUnknown({ apiVersion, kind })}`
    collector.addStage({ ruleId: 'unknown-kind', message, location, fieldPath: [field] }, builds, {
      apiVersion,
      kind,
      name,
    })
  }
}

/**
 * Shows the schema faults in the sources of a failed build. True when one of them is in a resource that kustomize's text
 * names: then the failed build is no second fault.
 */
export function explainFromSources(
  tree: Tree,
  root: string,
  text: string,
  schemas: Schemas,
  collector: Collector,
): boolean {
  let explained = false
  for (const { object, file, document, item } of listSourceDocuments(tree.graph, tree.sources, root)) {
    const { apiVersion, kind, metadata } = object
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') continue
    const name = String(metadata?.name ?? '')
    const isNamed = name !== '' && text.includes(name)
    if (!schemas.isKnown(object)) explained ||= isNamed
    const prefix = item === undefined ? [] : ['items', item]
    for (const fault of withoutEchoes(schemas.validate(object) ?? [])) {
      // A patch may add what a base leaves out.
      if (fault.keyword === 'required') continue
      explained ||= isNamed
      const location = file.rangeOf(document, [...prefix, ...fault.fieldPath])
      const { message, fieldPath } = fault
      collector.addStage({ ruleId: 'schema-validation', message, location, fieldPath }, [root], {
        apiVersion,
        kind,
        name,
      })
    }
  }
  return explained
}
