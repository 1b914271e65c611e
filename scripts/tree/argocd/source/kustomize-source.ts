// A source that Argo CD builds with kustomize, with the settings that the Application lays over it.
import { posix } from 'node:path'
import { renderRoots } from '../../kustomize/build/builds.ts'
import { listAt, stringAt, valueAt } from '../../model/build.ts'
import type { About, FieldPath } from '../../model/place.ts'
import { readFolders } from '../../read-tree.ts'
import { layOver } from '../../source/edit.ts'
import { faultOfSource } from './directory.ts'
import { findIneffective } from './ineffective-settings.ts'
import { editKustomization, hasKustomizeSettings } from './kustomize-settings.ts'
import type { SourceFault, SourceObject } from './rendered.ts'
import { failed, type Outcome, rendersNothing, type Task } from './task.ts'

export async function renderKustomize(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world, environment } = task
  const settings = valueAt(task.settings, ['kustomize'])
  const at: FieldPath = [...fieldPath, 'kustomize']
  const fail = (path: FieldPath, message: string): Outcome => {
    const values: About = ['not-rendered', stringAt(settings, path) ?? folder]
    return failed(faultOfSource('application-source', 'error', [...at, ...path], message, values))
  }
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
    for (const { fieldPath: path, message, values } of findIneffective(settings, plain)) {
      faults.push(faultOfSource('ineffective-source-setting', 'warning', [...at, ...path], message, values))
    }
  }
  const origin = { kind: 'settings' as const, folder, edited: edited.value }
  const objects = result.resources.map((object): SourceObject => ({ object, origin }))
  const reads = graph.kustomizations.get(folder)?.files.map(({ path }) => path) ?? []
  return { state: { kind: 'objects', tool: 'kustomize', objects }, faults, reads }
}

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
