// Carries a build out once more, step by step in kustomize's order, on values that remember who wrote them.
import { posix } from 'node:path'
import type { FieldPath } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import type { Graph, Kustomization } from '../graph/kustomization.ts'
import { isInline } from '../graph/references.ts'
import { type Configuration, DEFAULT_CONFIGURATION, mergeConfigurations } from './configuration.ts'
import { configure } from './configure.ts'
import { addHashes } from './content-hash.ts'
import { applyGenerator } from './generators.ts'
import { dropEntries } from './left-out.ts'
import { fixReferences } from './name-references.ts'
import {
  cloneObject,
  currentId,
  dropNotes,
  isEmptyObject,
  keyOf,
  labelsOf,
  readObjects,
  type TracedObject,
} from './object.ts'
import { readShapes, type Shapes } from './openapi.ts'
import { generateByPlugin } from './plugins.ts'
import { readAgain, readFile, readInner } from './read.ts'
import { laySettings, type SettingsOver } from './settings.ts'
import { type Collapse, type Effect, StepError } from './step.ts'
import { transform } from './transform.ts'
import { emptyMapping, fieldOf, itemsOf, type Role, type Traced, textInside, textOf } from './value.ts'
import { declareVars, resolveVars, type Var } from './vars.ts'

export interface Accumulated {
  readonly objects: TracedObject[]
  configuration: Configuration
  readonly vars: Var[]
}

export interface Evaluation {
  readonly objects: readonly TracedObject[]
  readonly effects: readonly Effect[]
  readonly collapses: readonly Collapse[]
}

/** An entry of a kustomization. */
export interface EntryName {
  readonly folder: string
  readonly fieldPath: FieldPath
}

/** What the steps of a build say of themselves. */
interface Log {
  readonly effects: Effect[]
  readonly collapses: Collapse[]
}

const newLog = (): Log => ({ effects: [], collapses: [] })

type Base = { readonly result: Accumulated; readonly log: Log } | { readonly error: StepError }

/** Objects of bases that are kept for the next builds: those of one base follow each other. */
const MOST_KEPT = 2_000

/** Evaluates the builds of one graph; what several builds read is evaluated once. */
export class Evaluator {
  readonly #sources: Sources
  readonly #graph: Graph
  readonly #bases = new Map<string, Base>()
  readonly #without: EntryName | undefined
  /** Evaluates what the entry is no part of. */
  readonly #whole: Evaluator | undefined
  readonly #holds = new Map<string, boolean>()
  readonly #over: SettingsOver | undefined
  /** Objects of the bases. */
  #kept = 0
  #log = newLog()
  #rank = 0
  #schema: string | undefined
  #shapes: Shapes | undefined

  /**
   * `over` are the settings of an Application, which the kustomization of the graph has already. `without` is an entry that
   * is passed over: what it does shows in what is missing then; `whole` passes over nothing, and evaluated the root before.
   */
  constructor(
    sources: Sources,
    graph: Graph,
    { over, without, whole }: { over?: SettingsOver | undefined; without?: EntryName; whole?: Evaluator } = {},
  ) {
    this.#sources = sources
    this.#graph = graph
    this.#over = over
    this.#without = without
    this.#whole = whole
  }

  /** Throws StepError where kustomize would refuse, or where a step cannot be followed here. */
  evaluate(root: string): Evaluation {
    this.#log = newLog()
    const kustomization = this.#graph.kustomizations.get(root)
    if (!kustomization) throw new StepError(`${root} has no kustomization`)
    this.#choose(kustomization)
    if (this.#kept > MOST_KEPT) this.#forget()
    // What nobody builds on is not asked for again.
    const all = this.#graph.referenced.has(root) ? this.#copyOf(kustomization) : this.#build(kustomization)
    addHashes(all.objects)
    fixReferences(all.objects, all.configuration.references)
    resolveVars(all.objects, all.vars, all.configuration.specs.varReference)
    const objects = all.objects.filter(object => {
      const local = labelsOf(object, 'annotations').get('config.kubernetes.io/local-config')
      return !isEmptyObject(object.root) && (local === undefined || local === 'false')
    })
    for (const object of objects) dropNotes(object)
    return { objects, ...this.#log }
  }

  /** kustomize has one schema for a whole build: the root's, else the first that it comes to. What was merged by another is done anew. */
  #choose(root: Kustomization): void {
    const file = [root, ...this.#graph.reach(root.folder)]
      .flatMap(one => one.files)
      .find(({ reference }) => reference.fieldPath[0] === 'openapi')?.path
    if (file === this.#schema) return
    this.#schema = file
    this.#shapes = file === undefined ? undefined : readShapes(this.#open(file).parse('kustomize').documents[0])
    this.#forget()
  }

  #forget(): void {
    this.#bases.clear()
    this.#kept = 0
  }

  #build(kustomization: Kustomization): Accumulated {
    return this.#accumulate(kustomization, { objects: [], configuration: DEFAULT_CONFIGURATION, vars: [] })
  }

  /** A base is evaluated once and copied for each who builds on it. */
  #copyOf(kustomization: Kustomization): Accumulated {
    const known = this.#baseOf(kustomization)
    if ('error' in known) throw known.error
    this.#log.effects.push(...known.log.effects)
    this.#log.collapses.push(...known.log.collapses)
    const { objects, configuration, vars } = known.result
    return { objects: objects.map(cloneObject), configuration, vars: [...vars] }
  }

  #baseOf(kustomization: Kustomization): Base {
    if (this.#whole && !this.#hasEntry(kustomization.folder)) return this.#whole.#baseOf(kustomization)
    let known = this.#bases.get(kustomization.folder)
    if (!known) {
      const outer = this.#log
      this.#log = newLog()
      try {
        const result = this.#build(kustomization)
        this.#kept += result.objects.length
        known = { result, log: this.#log }
      } catch (error) {
        if (!(error instanceof StepError)) throw error
        known = { error }
      }
      this.#log = outer
      this.#bases.set(kustomization.folder, known)
    }
    return known
  }

  /** Whether the entry that is passed over is a part of what a folder builds. */
  #hasEntry(folder: string): boolean {
    let has = this.#holds.get(folder)
    if (has === undefined) {
      has = this.#graph.reach(folder).some(one => one.folder === this.#without?.folder)
      this.#holds.set(folder, has)
    }
    return has
  }

  #accumulate(kustomization: Kustomization, all: Accumulated): Accumulated {
    const role = (usual: Role): Role => (kustomization.kind === 'Component' ? 'component' : usual)
    this.#addResources(kustomization, ['resources', 'bases'], all, role('resource'))
    all.configuration = configure(kustomization, all.configuration, path => this.#open(path))
    const written = this.#read(kustomization, role('generator'))
    this.#generate(kustomization, written, all, role)
    for (const folder of this.#foldersOf(kustomization, 'components')) {
      const component = this.#graph.kustomizations.get(folder)
      if (component) this.#accumulate(component, all)
    }
    const skipped = this.#without?.folder === kustomization.folder ? this.#without.fieldPath : undefined
    transform(kustomization, all, {
      role,
      skipped,
      log: this.#log,
      read: usual => this.#read(kustomization, role(usual)),
      open: path => this.#open(posix.join(kustomization.folder, path)),
      plugins: () => this.#plugins(kustomization, 'transformers', role('transformer')),
      rank: () => this.#rank,
      shapes: this.#shapes,
    })
    all.vars.push(...declareVars(all.objects, itemsOf(written, 'vars')))
    return all
  }

  #foldersOf(kustomization: Kustomization, field: string): readonly string[] {
    return kustomization.folders.filter(({ reference }) => reference.fieldPath[0] === field).map(({ path }) => path)
  }

  /** The kustomization as a traced value, its words at the rank of the next step. */
  #read(kustomization: Kustomization, role: Role): Traced {
    const over = this.#over?.folder === kustomization.folder ? this.#over : undefined
    const root = readAgain(over?.file ?? kustomization.file, role, ++this.#rank).find(
      document => document !== undefined,
    )
    if (over) return laySettings(root ?? emptyMapping(over.settings.origin), over, role, this.#rank)
    if (!root) throw new StepError(`${kustomization.file.path} is empty`)
    dropEntries(root, kustomization.leftOut ?? [])
    return root
  }

  #addResources(kustomization: Kustomization, fields: readonly string[], all: Accumulated, role: Role): void {
    const known = new Set(all.objects.map(object => keyOf(currentId(object))))
    for (const object of this.#load(kustomization, fields, role)) {
      const id = currentId(object)
      if (known.has(keyOf(id))) throw new StepError(`${id.kind} ${id.name} is there twice`)
      known.add(keyOf(id))
      all.objects.push(object)
    }
    // A base brings its configuration and its vars with it.
    for (const field of fields) {
      for (const folder of this.#foldersOf(kustomization, field)) {
        const read = this.#graph.kustomizations.get(folder)
        const base = read && this.#baseOf(read)
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
}
