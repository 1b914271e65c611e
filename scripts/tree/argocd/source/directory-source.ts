// A source that Argo CD applies as it stands: the manifests of a folder.
import { posix } from 'node:path'
import { listAt, mappingAt, stringAt, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Tree } from '../../read-tree.ts'
import { SourceFile } from '../../source/source-file.ts'
import { readHooks } from '../phases.ts'
import { chooseFiles, faultOfSource, readDirectory } from './directory.ts'
import type { SourceFault, SourceObject } from './rendered.ts'
import { failed, type Outcome, rendersNothing, type Task } from './task.ts'

export async function renderDirectory(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world } = task
  const settings = valueAt(task.settings, ['directory'])
  const chosen = chooseFiles(world.files, folder, settings)
  const { objects, faults, notRead, kustomizations } = readDirectory(world.tree.sources, chosen, world.known)
  const found: SourceFault[] = [...faults]
  const libraries = listAt(settings, ['jsonnet', 'libs'])
  for (const [index, library] of libraries.entries()) {
    if (typeof library === 'string' && notRead.length && posix.normalize(library).startsWith('..')) {
      const path = [...fieldPath, 'directory', 'jsonnet', 'libs', index]
      found.push(
        faultOfSource('application-source', 'error', path, `${library} leads out of the repository`, [
          'leads-out',
          library,
        ]),
      )
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
    const severity = first?.isApplied ? 'error' : 'warning'
    found.push(faultOfSource('application-of-kustomizations', severity, path, message, ['not-done', first?.path ?? '']))
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
    yield { ...faultOfSource('application-source', 'error', field, message, ['no-name', generated ?? '']), range }
  }
}

/** Whether the objects are the loose manifests of the folder, no more and no less. */
function isPlainFolder(objects: readonly SourceObject[], loose: readonly KubernetesObject[]): boolean {
  const own = new Set(objects.map(({ object }) => object))
  return loose.length > 0 && loose.length === own.size && loose.every(object => own.has(object))
}
