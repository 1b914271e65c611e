// A Kustomization of Flux whose folder is gone stays at what it last applied.
import { posix } from 'node:path'
import { isFluxKustomization } from '../../../flux.ts'
import { type Resource, stringAt } from '../../../../tree/model/build.ts'
import { isSlipOf } from '../../../../tree/model/closest.ts'
import type { Tree } from '../../../../tree/read-tree.ts'
import { SourceFile } from '../../../../tree/source/source-file.ts'
import { normalizePath } from '../../../../tree/source/sources.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

interface Named {
  readonly resource: Resource
  readonly path: string
  readonly isHere: boolean
}

export default defineRule({
  scope: 'tree',
  id: 'flux-path-missing',
  severity: 'error',
  summary: 'A Kustomization of Flux names a folder of this repository that is not there.',
  why: 'Flux reports "kustomization path not found", and no commit reaches the cluster through it any more.',
  remediation: 'Name a folder of this repository in spec.path.',
  source: 'Flux kustomize-controller: spec.path, relative to the root of the source and never above it',
  *check({ builds, tree }) {
    const kustomizations = builds.flatMap(({ resources }) => resources.filter(isFluxKustomization))
    const isElsewhere = findModules(tree)
    const named = kustomizations.flatMap(one => readPath(one, tree)).filter(({ path }) => !isElsewhere(path))
    for (const [source, ones] of Map.groupBy(named, ({ resource }) => nameSource(resource)))
      if (source !== undefined) yield* findGone(ones, tree)
  },
})

/** A source is this repository where at least half of the folders that are named of it are here. */
function* findGone(named: readonly Named[], { graph }: Tree): Generator<RuleFinding> {
  const here = new Set(named.filter(({ isHere }) => isHere).map(({ path }) => path))
  const byBuild = Map.groupBy(named, ({ resource }) => resource.build)
  const isApplied = ({ origin, build }: Resource): boolean =>
    [...here].some(path => reads(path, origin.kind === 'document' ? origin.file : build, graph)) ||
    (origin.kind !== 'document' && isAlive(byBuild.get(build) ?? []))
  const gone = named.filter(({ isHere, resource }) => !isHere && isApplied(resource))
  if (here.size < new Set(gone.map(({ path }) => path)).size) return
  for (const { resource, path } of gone) {
    const near = [...graph.kustomizations.keys()].find(folder => isSlipOf(path, folder))
    yield {
      message: `path ${path} does not exist in this repository${near === undefined ? '' : `; did you mean ${near}?`}`,
      values: [path],
      places: [{ resource, fieldPath: ['spec', 'path'] }],
    }
  }
}

/** What the program that installs Flux reads is named nowhere: most of what it brings is here. An archive brings what is gone. */
const isAlive = (named: readonly Named[]): boolean =>
  named.filter(({ isHere }) => isHere).length > named.filter(({ isHere }) => !isHere).length

/**
 * Whether a Kustomization for a path takes a manifest or a folder: Flux lists by itself what lies below, down to the first
 * kustomization. What that does not list may be kept, or a template.
 */
function reads(path: string, what: string, { kustomizations }: Tree['graph']): boolean {
  if (what === path) return true
  if (path !== '.' && !what.startsWith(`${path}/`)) return false
  for (let folder = posix.dirname(what); ; folder = posix.dirname(folder)) {
    if (kustomizations.has(folder)) return false
    if (folder === path || folder === '.') return true
  }
}

/** The path that is named, where nothing is filled in later; one that leads above the root begins at it. */
function readPath(resource: Resource, { stateOf }: Tree): readonly Named[] {
  const written = stringAt(resource.object, ['spec', 'path'])
  if (!written || /\$\{|\{\{/.test(written)) return []
  const path = normalizePath(posix.normalize(`/${written}`).slice(1) || '.')
  const state = stateOf(path)
  return [{ resource, path, isHere: state !== 'missing' && state !== 'outside' && state !== 'file' }]
}

/** The Git repository that it is read from, by namespace and name; undefined for sources of other kinds. */
function nameSource({ object, namespace }: Resource): string | undefined {
  if (stringAt(object, ['spec', 'sourceRef', 'kind']) !== 'GitRepository') return undefined
  const source = (field: string): string | undefined => stringAt(object, ['spec', 'sourceRef', field])
  return `${source('namespace') ?? namespace ?? ''}/${source('name') ?? ''}`
}

const MODULE = /^\s*path\s*=\s*(.+?)\s*$/gm

/** Folders of other repositories, which a checkout may have or not. */
function findModules({ sources }: Tree): (path: string) => boolean {
  const file = sources.read('.gitmodules')
  const folders = file instanceof SourceFile ? [...file.text.matchAll(MODULE)].map(([, folder = '']) => folder) : []
  return path => folders.some(folder => path === folder || path.startsWith(`${folder}/`))
}
