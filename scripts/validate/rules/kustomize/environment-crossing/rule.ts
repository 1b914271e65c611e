// An overlay of one environment that reads what belongs to another one: a change there reaches here unasked.
import { posix } from 'node:path'
import { type DeclaredEnvironment, isBuildOf, readEnvironments } from '../../../../tree/environments/declared.ts'
import { isUsualEnvironment } from '../../../../tree/environments/usual.ts'
import type { Sources } from '../../../../tree/source/sources.ts'
import { defineRule } from '../../rule.ts'

/** They are environments below a folder `overlays` only. */
const OF_TESTS = new Set(['test', 'testing'])

/** The environment that a path belongs to, and the folder beside whose other environments it stands. */
type EnvironmentOf = (path: string) => { readonly name: string; readonly parent: string } | undefined

export default defineRule({
  scope: 'kustomization',
  id: 'environment-crossing',
  severity: 'warning',
  summary: 'An overlay of one environment reads files of another one.',
  why: 'A change that is meant for the one environment reaches the other one with the same commit.',
  remediation: 'Move what both need to the base or a component.',
  source: 'environments of validation.yaml, or the usual names of folders beside each other',
  *check({ kustomization, tree, readers }) {
    const { folder, file, folders, files } = kustomization
    const environmentOf = findEnvironments(tree.sources)
    const own = environmentOf(folder)
    if (!own) return
    for (const { path, reference } of [...folders, ...files]) {
      const other = environmentOf(path)
      if (!other || other.name === own.name || other.parent !== own.parent) continue
      yield {
        message: `${own.name} reads ${path}, which belongs to ${other.name}`,
        values: [path],
        places: [{ range: file.rangeOf(0, reference.fieldPath), fieldPath: reference.fieldPath }],
        builds: readers.map(({ root }) => root),
      }
    }
  },
})

const known = new WeakMap<Sources, EnvironmentOf>()

function findEnvironments(sources: Sources): EnvironmentOf {
  let found = known.get(sources)
  if (!found) {
    const { order } = readEnvironments(sources)
    found = order.length ? path => findDeclared(path, order) : findUsual
    known.set(sources, found)
  }
  return found
}

function findDeclared(path: string, environments: readonly DeclaredEnvironment[]) {
  for (let folder = path; folder !== '.' && folder !== '/'; folder = posix.dirname(folder)) {
    const environment = environments.find(one => isBuildOf(one, folder))
    if (environment) return { name: environment.name, parent: '' }
  }
  return undefined
}

/** By the last folder of its path that has the name of an environment. */
function findUsual(path: string) {
  const segments = path.split('/')
  const index = segments.findLastIndex(
    (name, at) => isUsualEnvironment(name) && (!OF_TESTS.has(name) || segments[at - 1] === 'overlays'),
  )
  const name = segments[index]
  // What two applications share across their environments may be meant.
  return name === undefined ? undefined : { name, parent: segments.slice(0, index).join('/') }
}
