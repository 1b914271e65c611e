// Carries a build out once more, step by step in kustomize's order, on values that remember who wrote them.
import { posix } from 'node:path'
import { isInline } from '../graph/references.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import type { FieldPath } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { type Configuration, DEFAULT_CONFIGURATION, mergeConfigurations, readConfiguration } from './configuration.ts'
import { mergeSpecs, readSpec } from './field-spec.ts'
import { addHashes, applyGenerator } from './generators.ts'
import { applyImage } from './images.ts'
import { applyPairs } from './labels.ts'
import { fixReferences } from './name-references.ts'
import { applyAffix } from './names.ts'
import { applyNamespace } from './namespace.ts'
import {
  cloneObject,
  currentId,
  dropNotes,
  isEmptyObject,
  isSameId,
  labelsOf,
  makeObject,
  type TracedObject,
} from './object.ts'
import { applyPatch, type PatchStep } from './patches.ts'
import { applyPlugin, generateByPlugin } from './plugins.ts'
import { readAgain, readFile, readInner } from './read.ts'
import { applyReplacement } from './replacements.ts'
import { applyReplicas } from './replicas.ts'
import { readSelector } from './selector.ts'
import { type Effect, StepError } from './step.ts'
import { textWithin } from './text.ts'
import { fieldOf, type Role, textAt, textOf, type Traced } from './value.ts'
import { declareVars, resolveVars, type Var } from './vars.ts'

interface Accumulated {
  readonly objects: TracedObject[]
  configuration: Configuration
  readonly vars: Var[]
}

export interface Evaluation {
  readonly objects: readonly TracedObject[]
  readonly effects: readonly Effect[]
}

/** Evaluates the builds of one graph; what several builds read is evaluated once. */
export class Evaluator {
  readonly #sources: Sources
  readonly #graph: Graph
  readonly #bases = new Map<string, { result: Accumulated; effects: readonly Effect[] } | { error: StepError }>()
  #effects: Effect[] = []
  #rank = 0

  constructor(sources: Sources, graph: Graph) {
    this.#sources = sources
    this.#graph = graph
  }

  /** Throws StepError where kustomize would refuse, or where a step cannot be followed here. */
  evaluate(root: string): Evaluation {
    this.#effects = []
    const kustomization = this.#graph.kustomizations.get(root)
    if (!kustomization) throw new StepError(`${root} has no kustomization`)
    const all = this.#copyOf(kustomization)
    addHashes(all.objects)
    fixReferences(all.objects, all.configuration.references)
    resolveVars(all.objects, all.vars, all.configuration.specs.varReference)
    const objects = all.objects.filter(object => {
      const local = labelsOf(object, 'annotations').get('config.kubernetes.io/local-config')
      return !isEmptyObject(object.root) && (local === undefined || local === 'false')
    })
    for (const object of objects) dropNotes(object)
    return { objects, effects: this.#effects }
  }

  /** A base is evaluated once and copied for each who builds on it. */
  #copyOf(kustomization: Kustomization): Accumulated {
    let known = this.#bases.get(kustomization.folder)
    if (!known) {
      const outer = this.#effects
      this.#effects = []
      try {
        const result = this.#accumulate(kustomization, { objects: [], configuration: DEFAULT_CONFIGURATION, vars: [] })
        known = { result, effects: this.#effects }
      } catch (error) {
        if (!(error instanceof StepError)) throw error
        known = { error }
      }
      this.#effects = outer
      this.#bases.set(kustomization.folder, known)
    }
    if ('error' in known) throw known.error
    this.#effects.push(...known.effects)
    const { objects, configuration, vars } = known.result
    return { objects: objects.map(cloneObject), configuration, vars: [...vars] }
  }

  #accumulate(kustomization: Kustomization, all: Accumulated): Accumulated {
    const role = (usual: Role): Role => (kustomization.kind === 'Component' ? 'component' : usual)
    this.#addResources(kustomization, ['resources', 'bases'], all, role('resource'))
    this.#configure(kustomization, all)
    const written = this.#read(kustomization, role('generator'))
    this.#generate(kustomization, written, all, role)
    for (const folder of this.#foldersOf(kustomization, 'components')) {
      const component = this.#graph.kustomizations.get(folder)
      if (component) this.#accumulate(component, all)
    }
    this.#transform(kustomization, all, role)
    all.vars.push(...declareVars(all.objects, itemsOf(written, 'vars')))
    return all
  }

  #foldersOf(kustomization: Kustomization, field: string): readonly string[] {
    return kustomization.folders.filter(({ reference }) => reference.fieldPath[0] === field).map(({ path }) => path)
  }

  /** The kustomization as a traced value, its words at the rank of the next step. */
  #read(kustomization: Kustomization, role: Role): Traced {
    const root = readAgain(kustomization.file, role, ++this.#rank).find(document => document !== undefined)
    if (!root) throw new StepError(`${kustomization.file.path} is empty`)
    return root
  }

  #addResources(kustomization: Kustomization, fields: readonly string[], all: Accumulated, role: Role): void {
    for (const object of this.#load(kustomization, fields, role)) addObject(all.objects, object)
    // A base brings its configuration and its vars with it.
    for (const field of fields) {
      for (const folder of this.#foldersOf(kustomization, field)) {
        const base = this.#bases.get(folder)
        if (!base || 'error' in base) continue
        all.configuration =
          all.configuration === DEFAULT_CONFIGURATION
            ? base.result.configuration
            : mergeConfigurations(all.configuration, base.result.configuration)
        all.vars.push(...base.result.vars)
      }
    }
  }

  *#load(kustomization: Kustomization, fields: readonly string[], role: Role, rank = 0): Generator<TracedObject> {
    const reads = fields.flatMap(field =>
      [...kustomization.files, ...kustomization.folders]
        .filter(({ reference }) => reference.fieldPath[0] === field)
        .sort((a, b) => Number(a.reference.fieldPath[1]) - Number(b.reference.fieldPath[1])),
    )
    for (const { path } of reads) {
      const base = this.#graph.kustomizations.get(path)
      if (base) {
        yield* this.#copyOf(base).objects
        continue
      }
      yield* readObjects(readFile(this.#open(path), role, rank))
    }
  }

  #open(path: string): SourceFile {
    const file = this.#sources.read(path)
    if (!(file instanceof SourceFile)) throw new StepError(`${path} cannot be read`)
    return file
  }

  #configure(kustomization: Kustomization, all: Accumulated): void {
    all.configuration = mergeConfigurations(all.configuration, DEFAULT_CONFIGURATION)
    for (const { path, reference } of kustomization.files) {
      if (reference.fieldPath[0] !== 'configurations') continue
      for (const document of readFile(this.#open(path), 'transformer', 0)) {
        if (document) all.configuration = mergeConfigurations(all.configuration, readConfiguration(document))
      }
    }
  }

  #generate(kustomization: Kustomization, written: Traced, all: Accumulated, role: (usual: Role) => Role): void {
    const { folder } = kustomization
    for (const [field, kind] of [
      ['configMapGenerator', 'ConfigMap'],
      ['secretGenerator', 'Secret'],
    ] as const) {
      for (const entry of itemsOf(written, field)) {
        applyGenerator(all.objects, {
          kind,
          entry,
          options: fieldOf(written, 'generatorOptions'),
          folder,
          sources: this.#sources,
        })
      }
    }
    for (const configuration of this.#plugins(kustomization, 'generators', role('generator'))) {
      generateByPlugin(all.objects, configuration, { folder, sources: this.#sources })
    }
  }

  /** The configurations of plugins, from files, folders and inline text. */
  #plugins(kustomization: Kustomization, field: string, role: Role): readonly Traced[] {
    const root = this.#read(kustomization, role)
    const inline = itemsOf(root, field).flatMap(item =>
      isInline(textOf(item)) ? readInner(textInside(item), role, this.#rank).filter(one => one !== undefined) : [],
    )
    const loaded = [...this.#load(kustomization, [field], role, this.#rank)].map(({ root: one }) => one)
    return [...inline, ...loaded]
  }

  #effect(kustomization: Kustomization, fieldPath: FieldPath, matched: number): void {
    this.#effects.push({ kustomization, fieldPath, matched, changed: matched })
  }

  #transform(kustomization: Kustomization, all: Accumulated, role: (usual: Role) => Role): void {
    const { objects, configuration } = all
    const { specs } = configuration
    const root = (usual: Role = 'transformer'): Traced => this.#read(kustomization, role(usual))
    const note = (path: FieldPath, matched: number): void => this.#effect(kustomization, path, matched)

    if (has(kustomization, 'patchesStrategicMerge')) {
      for (const [index, item] of itemsOf(root('patch'), 'patchesStrategicMerge').entries()) {
        const documents = isInline(textOf(item))
          ? readInner(textInside(item), role('patch'), this.#rank)
          : readFile(this.#open(posix.join(kustomization.folder, textOf(item))), role('patch'), this.#rank)
        const step = { documents: present(documents), target: undefined, mayChangeName: false, mayChangeKind: false }
        note(['patchesStrategicMerge', index], applyPatch(objects, step).length)
      }
    }
    for (const index of keysOf(kustomization, 'patches')) {
      const entry = itemsOf(root('patch'), 'patches')[index]
      if (entry)
        note(['patches', index], applyPatch(objects, this.#readPatch(kustomization, entry, role('patch'))).length)
    }
    if (has(kustomization, 'namespace')) {
      const written = fieldOf(root(), 'namespace')
      if (written && textOf(written) !== '') {
        applyNamespace(objects, { namespace: textOf(written), origin: written.origin, specs: specs.namespace })
      }
    }
    for (const [field, list, isSuffix] of [
      ['namePrefix', specs.namePrefix, false],
      ['nameSuffix', specs.nameSuffix, true],
    ] as const) {
      if (!has(kustomization, field)) continue
      const written = fieldOf(root(), field)
      if (written && textOf(written) !== '')
        applyAffix(objects, { text: textOf(written), origin: written.origin, specs: list, isSuffix })
    }
    for (const index of keysOf(kustomization, 'labels')) {
      const entry = itemsOf(root(), 'labels')[index]
      const pairs = fieldOf(entry, 'pairs')
      if (entry && pairs)
        note(['labels', index], applyPairs(objects, { pairs, specs: specsOfLabels(entry, specs) }).size)
    }
    for (const [field, list] of [
      ['commonLabels', specs.commonLabels],
      ['commonAnnotations', specs.commonAnnotations],
    ] as const) {
      if (!has(kustomization, field)) continue
      const pairs = fieldOf(root(), field)
      if (pairs) applyPairs(objects, { pairs, specs: list })
    }
    for (const index of keysOf(kustomization, 'patchesJson6902')) {
      const entry = itemsOf(root('patch'), 'patchesJson6902')[index]
      if (entry)
        note(
          ['patchesJson6902', index],
          applyPatch(objects, this.#readPatch(kustomization, entry, role('patch')), true).length,
        )
    }
    for (const index of keysOf(kustomization, 'replicas')) {
      const entry = itemsOf(root(), 'replicas')[index]
      if (entry) note(['replicas', index], applyReplicas(objects, entry, specs.replicas).length)
    }
    for (const field of ['images', 'imageTags']) {
      for (const index of keysOf(kustomization, field)) {
        const entry = itemsOf(root(), field)[index]
        if (entry) note([field, index], applyImage(objects, { entry, specs: specs.images }))
      }
    }
    this.#replace(kustomization, objects, root)
    for (const configurationOfPlugin of this.#plugins(kustomization, 'transformers', role('transformer'))) {
      applyPlugin(objects, configurationOfPlugin, {
        folder: kustomization.folder,
        role: role('patch'),
        rank: this.#rank,
      })
    }
  }

  #replace(kustomization: Kustomization, objects: TracedObject[], root: () => Traced): void {
    for (const index of keysOf(kustomization, 'replacements')) {
      const entry = itemsOf(root(), 'replacements')[index]
      if (!entry) continue
      const path = textAt(entry, 'path')
      const entries =
        path === ''
          ? [entry]
          : present(
              readFile(this.#open(posix.join(kustomization.folder, path)), entry.origin.at.role, this.#rank),
            ).flatMap(one => (one.kind === 'sequence' ? one.items : [one]))
      for (const one of entries) {
        const { targets } = applyReplacement(objects, one)
        if (path !== '') continue
        for (const [target, matched] of targets.entries()) {
          this.#effect(kustomization, ['replacements', index, 'targets', target], matched)
        }
      }
    }
  }

  #readPatch(kustomization: Kustomization, entry: Traced, role: Role): PatchStep {
    const inline = fieldOf(entry, 'patch')
    const path = textAt(entry, 'path')
    const documents =
      inline && textOf(inline).trim() !== ''
        ? readInner(textInside(inline), role, this.#rank)
        : readFile(this.#open(posix.join(kustomization.folder, path)), role, this.#rank)
    const options = fieldOf(entry, 'options')
    const target = fieldOf(entry, 'target')
    return {
      documents: present(documents),
      target: target && readSelector(target),
      mayChangeName: /^t/i.test(textAt(options, 'allowNameChange')),
      mayChangeKind: /^t/i.test(textAt(options, 'allowKindChange')),
    }
  }
}

const present = (documents: readonly (Traced | undefined)[]): readonly Traced[] =>
  documents.filter(one => one !== undefined)

export function textInside(node: Traced) {
  const { at } = node.origin
  const inner = textWithin(at.text, at.start, at.end, textOf(node))
  // kustomize trims what is inline, and so takes the last line break off a block at its end.
  return { ...inner, text: inner.text.trimEnd() }
}

export function itemsOf(node: Traced | undefined, field: string): readonly Traced[] {
  const found = fieldOf(node, field)
  return found?.kind === 'sequence' ? found.items : []
}

function has(kustomization: Kustomization, field: string): boolean {
  const value = kustomization.value[field]
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function keysOf(kustomization: Kustomization, field: string): readonly number[] {
  const value = kustomization.value[field]
  return Array.isArray(value) ? [...value.keys()] : []
}

/** The objects of documents; a List is taken apart. */
function* readObjects(documents: readonly (Traced | undefined)[]): Generator<TracedObject> {
  const pending = [...documents]
  for (let document = pending.shift(); document !== undefined || pending.length > 0; document = pending.shift()) {
    if (document?.kind !== 'mapping' || isEmptyObject(document)) continue
    const items = fieldOf(document, 'items')
    if (textAt(document, 'kind').endsWith('List') && items) {
      if (items.kind === 'sequence') pending.push(...items.items)
      continue
    }
    yield makeObject(document)
  }
}

function addObject(objects: TracedObject[], object: TracedObject): void {
  const id = currentId(object)
  if (objects.some(one => isSameId(currentId(one), id))) throw new StepError(`${id.kind} ${id.name} is there twice`)
  objects.push(object)
}

function specsOfLabels(entry: Traced, specs: Configuration['specs']) {
  const isTrue = (field: string): boolean => /^t/i.test(textAt(entry, field))
  const own = mergeSpecs(itemsOf(entry, 'fields').map(readSpec), specs.labels)
  if (isTrue('includeSelectors')) return mergeSpecs(own, specs.commonLabels)
  const templates = isTrue('includeTemplates') ? mergeSpecs(own, specs.templateLabels) : own
  return mergeSpecs(templates, [{ group: '', version: '', kind: '', path: ['metadata', 'labels'], create: true }])
}
