// Renders the sources of an Application as the repo-server does: which tool, with which settings, over which folder.
import { posix } from 'node:path'
import { stringAt } from '../../model/build.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Tree } from '../../read-tree.ts'
import { listTools, type SourceTool } from '../application-spec.ts'
import { pathInTree, type RawSource, readSources } from '../applications.ts'
import { renderHelm } from './chart-source.ts'
import { faultOfSource } from './directory.ts'
import { renderDirectory } from './directory-source.ts'
import { describeEnvironment } from './environment.ts'
import { renderKustomize } from './kustomize-source.ts'
import { applyOverrides } from './overrides.ts'
import type { RenderedSource, SourceFault, SourceState } from './rendered.ts'
import type { Outcome, SourceWorld, Task } from './task.ts'

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
  if (chart) return settle({ kind: 'unknown', reason: 'a chart of a registry', which: chart })
  const local = pathInTree(source, world.own)
  if (local === undefined || source.path === undefined) {
    const revision = stringAt(source.value, ['targetRevision'])
    const isOtherRevision = pathInTree({ ...source, revision: '' }, world.own) !== undefined
    return settle({
      kind: 'unknown',
      ...(isOtherRevision ? { reason: 'another revision of this repository', which: `${revision}` } : {}),
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
      {
        ...faultOfSource('application-source', 'error', [], overridden.message, ['odd-overrides']),
        range: overridden.range,
      },
    ])
  }
  const settings = overridden.source
  const tools = listTools(settings)
  // Said by the check of the Application.
  if (tools.length > 1) return settle({ kind: 'failed' })
  const [named] = tools
  const tool = named === undefined || saysNothing(named, settings[named]) ? discoverTool(folder, world.tree) : named
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

/**
 * Settings without a value, such as `recurse: false` alone, which Argo CD takes out of the Application: then the folder says
 * which tool it is. Source: NormalizeSource in util/argo/argo.go.
 */
const saysNothing = (tool: SourceTool, settings: unknown): boolean => tool !== 'plugin' && isZero(settings)

/** Whether Go takes a value, and all that is in it, for nothing. */
const isZero = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length === 0
    : typeof value === 'object' && value !== null
      ? Object.values(value).every(isZero)
      : !value

function discoverTool(folder: string, tree: Tree): SourceTool {
  if (tree.graph.kustomizations.has(folder)) return 'kustomize'
  return tree.sources.resolve(posix.join(folder, 'Chart.yaml')).kind === 'file' ? 'helm' : 'directory'
}

const TOOLS: Readonly<Record<SourceTool, (task: Task) => Promise<Outcome>>> = {
  kustomize: renderKustomize,
  helm: renderHelm,
  directory: renderDirectory,
  plugin: async () => ({ state: { kind: 'unknown', reason: 'a plugin' }, faults: [] }),
}
