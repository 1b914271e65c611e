// The desired state that one commit describes, and what is said in the root Application alone where this cluster differs.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { renderFolders } from '../tree/render-folders.ts'
import { openFolder } from '../tree/source/folder.ts'
import type { KubeObject } from './kube/kube.ts'
import { Problem } from '../command/problem.ts'
import type { Run } from './shell.ts'
import type { LocalImages } from './state/state.ts'

export interface SyncedEnvironment {
  /** The Application's name. */
  readonly name: string
  /** Folder of the overlay. */
  readonly path: string
  readonly namespace: string
  /** The API's image as Git names it. */
  readonly image: string
  /** What the overlay renders to. */
  readonly objects: readonly KubeObject[]
}

/** An entry of `patches` in a kustomization or an Application. */
export interface KustomizePatch {
  readonly target: { readonly kind: string; readonly name: string }
  readonly patch: string
}

/** What a commit describes. */
export interface DesiredState {
  readonly commit: string
  readonly folder: string
  /** Objects of argocd/: projects and the root Application. */
  readonly argocd: readonly KubeObject[]
  readonly root: KubeObject
  readonly environments: readonly SyncedEnvironment[]
  /** The name that kustomize's `images` looks for: the base's. */
  readonly imageName: string
}

export interface Overrides {
  readonly url: string
  readonly revision: string
  /** `images` of kustomize by Application: `flask-api=flask-api:git-0123`. */
  readonly images: Readonly<Record<string, readonly string[]>>
  /** `patches` of kustomize by Application. */
  readonly patches: Readonly<Record<string, readonly KustomizePatch[]>>
}

export const names = {
  namespace: 'argocd',
  /** Each environment has a project of its own: `flask-api-dev`. */
  projects: 'flask-api-',
  deployment: 'flask-api-deployment',
  container: 'flask-api-container',
  service: 'flask-api-service',
} as const

/** Writes the files of a commit to an empty folder, with no link to the repository and no index of it touched. */
export async function exportCommit(run: Run, gitDir: string, commit: string, folder: string): Promise<void> {
  const tree = join(folder, 'tree')
  mkdirSync(tree, { recursive: true })
  const env = { GIT_INDEX_FILE: join(folder, 'index'), GIT_DIR: gitDir, GIT_WORK_TREE: tree }
  await run('git', ['read-tree', commit], { env, cwd: tree })
  await run('git', ['checkout-index', '--all', '--force'], { env, cwd: tree })
}

/** Renders folders of an exported commit. Throws a Problem for the first one that cannot be rendered. */
export async function renderAll(
  folder: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly KubeObject[]>> {
  const rendered = await renderFolders(openFolder(folder), paths)
  for (const [path, { error }] of rendered) {
    if (error !== undefined) throw new Problem(`${path} cannot be rendered`, { details: error, exitCode: 2 })
  }
  return new Map([...rendered].map(([path, { objects }]) => [path, objects as readonly KubeObject[]]))
}

/** Renders argocd/, apps/, the base and the overlay of each Application of an exported commit. */
export async function readDesiredState(folder: string, commit: string): Promise<DesiredState> {
  const top = await renderAll(folder, ['argocd', 'apps', 'base'])
  const [argocd = [], apps = [], base = []] = ['argocd', 'apps', 'base'].map(path => top.get(path))
  const root = argocd.find(({ kind }) => kind === 'Application')
  if (root === undefined) throw new Problem('argocd/ has no root Application', { exitCode: 2 })
  const applications = apps
    .filter(({ kind }) => kind === 'Application')
    .map(({ metadata, spec }) => {
      const { source, destination } = spec as { source: { path: string }; destination: { namespace: string } }
      return { name: metadata.name, path: source.path, namespace: destination.namespace }
    })
  if (applications.length === 0) throw new Problem('apps/ has no Application', { exitCode: 2 })
  const overlays = await renderAll(folder, [...new Set(applications.map(({ path }) => path))])
  const environments = applications.map(one => {
    const objects = overlays.get(one.path) ?? []
    return { ...one, image: imageOf(objects), objects }
  })
  return { commit, folder, argocd, root, environments, imageName: splitImage(imageOf(base)).name }
}

interface PodTemplate {
  readonly template?: {
    readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image: string }[] }
  }
}

/** The image of the API's container in its Deployment. */
export function findImage({ spec }: KubeObject): string | undefined {
  const containers = (spec as PodTemplate | undefined)?.template?.spec?.containers ?? []
  return containers.find(({ name }) => name === names.container)?.image
}

/** The same of what an overlay renders to, where it must be. */
export function imageOf(objects: readonly KubeObject[]): string {
  const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === names.deployment)
  const image = deployment === undefined ? undefined : findImage(deployment)
  if (image === undefined)
    throw new Problem(`no container ${names.container} in Deployment ${names.deployment}`, { exitCode: 2 })
  return image
}

/** `registry:5000/name:tag@sha256:...` in its parts. */
export function splitImage(reference: string): {
  readonly name: string
  readonly tag?: string
  readonly digest?: string
} {
  const [rest = '', digest] = reference.split('@', 2)
  const colon = rest.lastIndexOf(':')
  const tagged = colon > rest.lastIndexOf('/')
  return {
    name: tagged ? rest.slice(0, colon) : rest,
    ...(tagged ? { tag: rest.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** What Argo CD follows where nothing else is asked for. */
export function revisionOf({ root }: DesiredState): string {
  return (root.spec as { source: { targetRevision: string } }).source.targetRevision
}

/** The objects of argocd/ with the repository, revision and images of this cluster; the files stay as they are. */
export function overrideRoot(tree: DesiredState, overrides: Overrides): readonly KubeObject[] {
  const gitUrl = (tree.root.spec as { source: { repoURL: string } }).source.repoURL
  return tree.argocd.map(object => {
    if (object.kind === 'AppProject') {
      const spec = object.spec as { sourceRepos?: readonly string[] }
      const sourceRepos = (spec.sourceRepos ?? []).map(url => (url === gitUrl ? overrides.url : url))
      return { ...object, spec: { ...spec, sourceRepos } }
    }
    return object === tree.root ? overrideApplication(object, tree, overrides) : object
  })
}

function overrideApplication(
  root: KubeObject,
  tree: DesiredState,
  { url, revision, images, patches }: Overrides,
): KubeObject {
  const spec = root.spec as { source: Readonly<Record<string, unknown>> }
  const overrides = tree.environments.map(({ name }) => {
    const given = Object.entries({ images: images[name] ?? [], patches: patches[name] ?? [] })
    const filled = given.filter(([, list]) => list.length > 0)
    const kustomize = filled.length > 0 ? { kustomize: Object.fromEntries(filled) } : {}
    const patch = {
      apiVersion: root.apiVersion,
      kind: root.kind,
      metadata: { name },
      spec: { source: { repoURL: url, targetRevision: revision, ...kustomize } },
    }
    return { target: { kind: 'Application', name: `^${name}$` }, patch: JSON.stringify(patch) }
  })
  return {
    ...root,
    spec: {
      ...spec,
      source: { ...spec.source, repoURL: url, targetRevision: revision, kustomize: { patches: overrides } },
    },
  }
}

/**
 * Which build stands for which reference after `built` was made; the newest build stands last. A reference that Git names
 * for the first time gets it, and older ones keep theirs, as tags in a registry would. Where none is new and the app was
 * edited, then under the references of the build before, or, where Git names none of those any more, under all.
 */
export function planBuilds(
  before: Readonly<Record<string, string>>,
  references: readonly string[],
  built: string,
): Readonly<Record<string, string>> {
  const fresh = references.filter(reference => before[reference] === undefined)
  const newest = Object.values(before).at(-1)
  if (fresh.length === 0 && newest === built) return before
  const edited = references.filter(reference => before[reference] === newest)
  const given = [fresh, edited].find(some => some.length > 0) ?? references
  const kept = Object.entries(before).filter(([reference]) => !given.includes(reference))
  return Object.fromEntries([...kept, ...given.map(reference => [reference, built])])
}

/** `images` of kustomize for the Applications whose reference was built here; the others get what the commit names. */
export function chooseImages(
  images: LocalImages | undefined,
  environments: readonly Pick<SyncedEnvironment, 'name' | 'image'>[],
): Readonly<Record<string, readonly string[]>> {
  if (images === undefined) return {}
  return Object.fromEntries(
    environments.flatMap(({ name, image }) => {
      const build = images.builds[image]
      return build === undefined ? [] : [[name, [`${images.name}=${build}`]]]
    }),
  )
}
