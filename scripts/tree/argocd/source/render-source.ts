// Renders the sources of an Application as the repo-server does: which tool, with which settings, over which folder.
import { posix } from 'node:path'
import type { Helm } from '../../helm/binary.ts'
import { renderChart } from '../../helm/template.ts'
import type { Kustomize } from '../../kustomize/build/binary.ts'
import { renderRoots } from '../../kustomize/build/builds.ts'
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { readFolders, type Tree } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import { listTools, type SourceTool } from '../application-spec.ts'
import { type OwnRepository, pathInTree, type RawSource, readSources } from '../applications.ts'
import { chooseFiles, faultOfSource, type KnownObjects, readDirectory } from './directory.ts'
import { describeEnvironment } from './environment.ts'
import { readHooks } from '../phases.ts'
import { SourceFile } from '../../source/source-file.ts'
import { readHelmSource } from './helm-source.ts'
import { findIneffective } from './ineffective-settings.ts'
import { editKustomization, hasKustomizeSettings } from './kustomize-settings.ts'
import { applyOverrides } from './overrides.ts'
import type { RenderedSource, SourceFault, SourceObject, SourceState } from './rendered.ts'

export interface SourceWorld {
  readonly tree: Tree
  /** All files of the tree. */
  readonly files: readonly string[]
  readonly own: OwnRepository
  readonly kustomize: () => Kustomize
  /** Undefined where there is none. */
  readonly helm: () => Helm | undefined
  readonly cacheFolder: string | undefined
  /** The loose manifests. */
  readonly known: KnownObjects
  looseIn(folder: string): readonly KubernetesObject[]
  /** What a kustomization renders as it is written; undefined where it does not. */
  plain(folder: string): Promise<readonly KubernetesObject[] | undefined>
  /** Folders that nobody wants to know of. */
  spares?(folder: string, source: RawSource): boolean
}

/** Renders all sources of an Application that lie in this tree. */
export async function renderSources(
  application: KubernetesObject,
  world: SourceWorld,
): Promise<readonly RenderedSource[]> {
  const written = readSources(application)
  const references = new Map<string, boolean>()
  for (const source of written) {
    const name = stringAt(source.value, ['ref'])
    if (name) references.set(name, pathInTree({ ...source, path: '.' }, world.own) !== undefined)
  }
  const rendered: RenderedSource[] = []
  for (const source of written) {
    // A source that only lends its files renders nothing.
    if (source.path === undefined && !stringAt(source.value, ['chart']) && stringAt(source.value, ['ref'])) continue
    rendered.push(await renderSource(application, source, references, world))
  }
  return rendered
}

async function renderSource(
  application: KubernetesObject,
  source: RawSource,
  references: ReadonlyMap<string, boolean>,
  world: SourceWorld,
): Promise<RenderedSource> {
  const { fieldPath } = source
  const base = { fieldPath, path: source.path ?? '' }
  const settle = (state: SourceState, faults: readonly SourceFault[] = []): RenderedSource => ({
    ...base,
    state,
    faults,
  })
  const chart = stringAt(source.value, ['chart'])
  if (chart) return settle({ kind: 'unknown', reason: `the chart ${chart} of a registry` })
  const local = pathInTree(source, world.own)
  if (local === undefined || source.path === undefined) {
    const revision = stringAt(source.value, ['targetRevision'])
    const isOtherRevision = pathInTree({ ...source, revision: '' }, world.own) !== undefined
    return settle({
      kind: 'unknown',
      ...(isOtherRevision ? { reason: `revision ${revision} of this repository` } : {}),
    })
  }
  const missing = explainMissing(source.path, world.tree.stateOf(local))
  if (missing) return settle({ kind: 'missing', reason: missing })
  const folder = world.tree.sources.resolve(local).path
  if (world.spares?.(folder, source)) return settle({ kind: 'unknown' })
  const name = stringAt(application, ['metadata', 'name']) ?? ''
  const overridden = applyOverrides(source.value as Readonly<Record<string, unknown>>, folder, name, world.tree.sources)
  if ('message' in overridden) {
    return settle({ kind: 'failed' }, [
      { ...faultOfSource('application-source', 'error', [], overridden.message), range: overridden.range },
    ])
  }
  const settings = overridden.source
  const tools = listTools(settings)
  // Said by the check of the Application.
  if (tools.length > 1) return settle({ kind: 'failed' })
  const tool = tools[0] ?? discoverTool(folder, world.tree)
  const environment = describeEnvironment(
    {
      name,
      namespace: stringAt(application, ['spec', 'destination', 'namespace']) ?? '',
      project: stringAt(application, ['spec', 'project']) ?? 'default',
    },
    {
      repoUrl: source.repoUrl ?? '',
      path: source.path,
      targetRevision: stringAt(source.value, ['targetRevision']) ?? '',
    },
  )
  const task: Task = { application, name, fieldPath, folder, settings, environment, references, world }
  return { ...base, ...(await TOOLS[tool](task)) }
}

function explainMissing(path: string, state: ReturnType<Tree['stateOf']>): string | undefined {
  if (posix.isAbsolute(path)) return 'is absolute: Argo CD takes paths relative to the repository'
  if (state === 'outside') return 'leads out of the repository'
  if (state === 'missing') return 'does not exist in this repository'
  return state === 'file' ? 'is a file; Argo CD takes a folder' : undefined
}

function discoverTool(folder: string, tree: Tree): SourceTool {
  if (tree.graph.kustomizations.has(folder)) return 'kustomize'
  return tree.sources.resolve(posix.join(folder, 'Chart.yaml')).kind === 'file' ? 'helm' : 'directory'
}

interface Task {
  readonly application: KubernetesObject
  readonly name: string
  readonly fieldPath: FieldPath
  readonly folder: string
  /** The source with its overrides. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly environment: ReturnType<typeof describeEnvironment>
  readonly references: ReadonlyMap<string, boolean>
  readonly world: SourceWorld
}

type Outcome = Pick<RenderedSource, 'state' | 'faults' | 'isPartial' | 'reads' | 'chart'>

const TOOLS: Readonly<Record<SourceTool, (task: Task) => Promise<Outcome>>> = {
  kustomize: renderKustomize,
  helm: renderHelm,
  directory: renderDirectory,
  plugin: async () => ({ state: { kind: 'unknown', reason: 'a plugin' }, faults: [] }),
}

const failed = (...faults: readonly SourceFault[]): Outcome => ({ state: { kind: 'failed' }, faults })

async function renderKustomize(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world, environment } = task
  const settings = valueAt(task.settings, ['kustomize'])
  const at: FieldPath = [...fieldPath, 'kustomize']
  const fail = (path: FieldPath, message: string): Outcome =>
    failed(faultOfSource('application-source', 'error', [...at, ...path], message))
  const version = stringAt(settings, ['version'])
  if (version) return fail(['version'], `kustomize ${version} is not among the versions that Argo CD has`)
  const kustomization = world.tree.graph.kustomizations.get(folder)
  if (!kustomization) return fail([], `${folder} has no kustomization.yaml`)
  if (!hasKustomizeSettings(settings)) {
    const plain = await world.plain(folder)
    const isWhole = world.tree.graph.reach(folder).every(({ faults }) => faults.length === 0)
    const isEmpty = isWhole && plain?.length === 0
    return { state: { kind: 'folder', folder }, faults: isEmpty ? [rendersNothing(fieldPath)] : [] }
  }
  // Faults of the files are told where they stand.
  if (world.tree.graph.reach(folder).some(({ faults }) => faults.length > 0)) return failed()
  const { sources } = world.tree
  const isThere = (path: string): boolean => sources.resolve(posix.join(folder, path)).kind === 'folder'
  const edited = editKustomization(kustomization.value, settings, environment, isThere)
  if ('message' in edited) return fail(edited.fieldPath, edited.message)
  const file = kustomization.file.path
  const text = new TextEncoder().encode(JSON.stringify(edited.value))
  const laid = layOver(sources, new Map([[file, text]]))
  const { graph } = readFolders(laid, [folder]).value
  const fault = graph.reach(folder).flatMap(({ faults }) => faults)[0]
  if (fault) return fail(pathOfSettings(fault.places[0].fieldPath, settings, kustomization.value), fault.message)
  const options = { sources: laid, graph, kustomize: world.kustomize(), parallelism: 1, cacheFolder: world.cacheFolder }
  const result = (await renderRoots([folder], options)).get(folder)
  const plain = await world.plain(folder)
  if (!result || 'fault' in result) {
    if (!plain || !result) return failed()
    return fail(
      pathOfSettings(result.fault.places[0].fieldPath, settings, kustomization.value, result.text),
      result.fault.message,
    )
  }
  const faults: SourceFault[] = result.resources.length === 0 ? [rendersNothing(fieldPath)] : []
  if (plain) {
    for (const { fieldPath: path, message } of findIneffective(settings, plain)) {
      faults.push(faultOfSource('ineffective-source-setting', 'warning', [...at, ...path], message))
    }
  }
  const origin = { kind: 'settings' as const, folder, edited: edited.value }
  const objects = result.resources.map((object): SourceObject => ({ object, origin }))
  const reads = graph.kustomizations.get(folder)?.files.map(({ path }) => path) ?? []
  return { state: { kind: 'objects', tool: 'kustomize', objects }, faults, reads }
}

const rendersNothing = (fieldPath: FieldPath): SourceFault =>
  faultOfSource('application-without-manifests', 'warning', [...fieldPath, 'path'], 'nothing is rendered from here')

/** Which setting a fault of the edited kustomization speaks of. */
function pathOfSettings(
  path: FieldPath,
  settings: unknown,
  written: Readonly<Record<string, unknown>>,
  text = '',
): FieldPath {
  const [field, index] = path
  const before = listAt(written, [String(field)]).length
  if (valueAt(settings, [String(field)]) !== undefined) {
    if (typeof index !== 'number') return [String(field)]
    return index >= before ? [String(field), index - before, ...path.slice(2)] : [String(field)]
  }
  const patches = listAt(settings, ['patches'])
  if (/patch|operation|missing path|Unexpected kind/i.test(text) && patches.length) {
    return patches.length === 1 ? ['patches', 0] : ['patches']
  }
  const replica = /resource with name (\S+) does not match/.exec(text)?.[1]
  const at = listAt(settings, ['replicas']).findIndex(one => stringAt(one, ['name']) === replica)
  return at >= 0 ? ['replicas', at] : []
}

async function renderDirectory(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world } = task
  const settings = valueAt(task.settings, ['directory'])
  const chosen = chooseFiles(world.files, folder, settings)
  const { objects, faults, notRead, kustomizations } = readDirectory(world.tree.sources, chosen, world.known)
  const found: SourceFault[] = [...faults]
  const libraries = listAt(settings, ['jsonnet', 'libs'])
  for (const [index, library] of libraries.entries()) {
    if (typeof library === 'string' && notRead.length && posix.normalize(library).startsWith('..')) {
      const path = [...fieldPath, 'directory', 'jsonnet', 'libs', index]
      found.push(faultOfSource('application-source', 'error', path, `${library} leads out of the repository`))
    }
  }
  if (kustomizations.length > 0 && mappingAt(task.settings, ['directory'])) {
    const first = kustomizations.find(({ isApplied }) => isApplied) ?? kustomizations[0]
    const isRecursive = valueAt(settings, ['recurse']) === true
    const more = kustomizations.length > 1 ? ` and ${kustomizations.length - 1} more` : ''
    const message = first?.isApplied
      ? `${first.path}${more} is applied as an object, which no API server takes, and what it says is not done`
      : `what ${first?.path}${more} says is not done: the files are applied as they stand`
    const path = isRecursive ? [...fieldPath, 'directory', 'recurse'] : [...fieldPath, 'directory']
    found.push(faultOfSource('application-of-kustomizations', first?.isApplied ? 'error' : 'warning', path, message))
  }
  if (objects.length === 0 && notRead.length === 0 && found.every(({ severity }) => severity !== 'error')) {
    found.push(rendersNothing(fieldPath))
  }
  found.push(...checkNames(objects, world.tree.sources))
  const isAsWritten = isPlainFolder(objects, world.looseIn(folder))
  if (isAsWritten && notRead.length === 0 && found.length === 0)
    return { state: { kind: 'folder', folder }, faults: [] }
  const isFailed = found.some(({ ruleId, severity }) => severity === 'error' && ruleId === 'application-source')
  if (isFailed) return failed(...found)
  return {
    state: { kind: 'objects', tool: 'directory', objects },
    faults: found,
    ...(notRead.length ? { isPartial: true } : {}),
  }
}

/** Argo CD applies what has a name; a hook is created, and may have a generated one. */
function* checkNames(objects: readonly SourceObject[], sources: Tree['sources']): Generator<SourceFault> {
  for (const { object, origin } of objects) {
    const name = valueAt(object, ['metadata', 'name'])
    if ((name !== undefined && name !== null && name !== '') || readHooks(object) !== undefined) continue
    const generated = stringAt(object, ['metadata', 'generateName'])
    const file = origin.kind === 'document' ? sources.read(origin.file) : undefined
    if (origin.kind !== 'document' || !(file instanceof SourceFile)) continue
    const prefix: FieldPath = origin.item === undefined ? [] : ['items', origin.item]
    const field = generated ? ['metadata', 'generateName'] : ['metadata']
    const range = file.rangeOf(origin.document, [...prefix, ...field])
    const message = generated
      ? 'what Argo CD applies needs a name: generateName is for hooks, which it creates'
      : `a ${object.kind} without a name cannot be applied`
    yield { ...faultOfSource('application-source', 'error', field, message), range }
  }
}

/** Whether the objects are the loose manifests of the folder, no more and no less. */
function isPlainFolder(objects: readonly SourceObject[], loose: readonly KubernetesObject[]): boolean {
  const own = new Set(objects.map(({ object }) => object))
  return loose.length > 0 && loose.length === own.size && loose.every(object => own.has(object))
}

async function renderHelm(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world, environment, references, name } = task
  const at: FieldPath = [...fieldPath, 'helm']
  const { tree } = world
  if (tree.sources.resolve(posix.join(folder, 'Chart.yaml')).kind !== 'file') {
    return failed(faultOfSource('application-source', 'error', at, `${folder} has no Chart.yaml`))
  }
  const helm = world.helm()
  if (!helm) return { state: { kind: 'unknown', reason: 'a chart, and there is no helm here' }, faults: [] }
  const prepared = readHelmSource(valueAt(task.settings, ['helm']), {
    sources: tree.sources,
    files: world.files,
    folder,
    prefix: world.own.prefix,
    application: { name, namespace: environment.ARGOCD_APP_NAMESPACE ?? '' },
    environment,
    references,
  })
  if (prepared.kind === 'unknown') return { state: prepared, faults: [] }
  if (prepared.kind === 'fault') {
    return failed(faultOfSource('application-source', 'error', [...at, ...prepared.fieldPath], prepared.message))
  }
  const rendering = await renderChart(helm, prepared.request, world.cacheFolder)
  if (rendering.kind === 'incomplete') {
    return {
      state: { kind: 'unknown', reason: `the chart ${folder}, whose dependencies are not in the tree` },
      faults: [],
    }
  }
  if (rendering.kind === 'error') {
    const message = `helm: ${rendering.message}`
    const template = /\(?[^\s/()]+\/((?:templates|charts|crds)\/[^\s:()]+)/.exec(rendering.message)
    const line = Number(
      /:(\d+)(?::\d+)?/.exec(rendering.message.slice((template?.index ?? 0) + (template?.[0].length ?? 0)))?.[1] ?? 1,
    )
    const path = template ? posix.join(folder, template[1] ?? '') : undefined
    const isOwn = path !== undefined && tree.sources.resolve(path).kind === 'file'
    if (!isOwn) return failed(faultOfSource('application-source', 'error', [...fieldPath, 'path'], message))
    const range = { file: path, line, column: 1, endLine: line, endColumn: 1 }
    return failed({ ...faultOfSource('application-source', 'error', [], message), range })
  }
  const objects = rendering.objects.map(({ object, template }): SourceObject => {
    const path = posix.join(folder, template)
    return {
      object,
      origin: {
        kind: 'template',
        file: tree.sources.resolve(path).kind === 'file' ? path : posix.join(folder, 'Chart.yaml'),
      },
    }
  })
  return {
    state: { kind: 'objects', tool: 'chart', objects },
    faults: objects.length === 0 ? [rendersNothing(fieldPath)] : [],
    chart: folder,
  }
}
