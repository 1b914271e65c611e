// Reads the manifests of one commit, and says in the root Application alone what is different on this cluster.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from './kube.ts'
import { Problem } from '../command/problem.ts'
import type { Run } from './shell.ts'
import type { LocalImages } from './state.ts'

export interface Environment {
  /** The Application's name. */
  readonly name: string
  /** Folder of the overlay. */
  readonly path: string
  readonly namespace: string
  /** The API's image as Git names it. */
  readonly image: string
}

/** What a commit describes. */
export interface Tree {
  readonly commit: string
  readonly folder: string
  /** Objects of argocd/: projects and the root Application. */
  readonly argocd: readonly KubeObject[]
  readonly root: KubeObject
  readonly environments: readonly Environment[]
  /** The name that kustomize's `images` looks for: the base's. */
  readonly imageName: string
}

export interface Overrides {
  readonly url: string
  readonly revision: string
  /** `images` of kustomize by Application: `flask-api=flask-api:git-0123`. */
  readonly images: Readonly<Record<string, readonly string[]>>
}

export const names = {
  namespace: 'argocd',
  project: 'flask-api',
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

export async function render(run: Run, folder: string): Promise<readonly KubeObject[]> {
  return parseObjects(await run('kubectl', ['kustomize', folder], { timeout: 30_000 }))
}

export function parseObjects(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map(document => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object !== null)
}

/** Renders argocd/, apps/, the base and the overlay of each Application of an exported commit. */
export async function readTree(run: Run, folder: string, commit: string): Promise<Tree> {
  const [argocd, apps, base] = await Promise.all([
    render(run, join(folder, 'argocd')),
    render(run, join(folder, 'apps')),
    render(run, join(folder, 'base')),
  ])
  const root = argocd.find(({ kind }) => kind === 'Application')
  if (root === undefined) throw new Problem('argocd/ has no root Application', { exitCode: 2 })
  const environments = await Promise.all(
    apps
      .filter(({ kind }) => kind === 'Application')
      .map(async ({ metadata, spec }): Promise<Environment> => {
        const { source, destination } = spec as { source: { path: string }; destination: { namespace: string } }
        const image = imageOf(await render(run, join(folder, source.path)))
        return { name: metadata.name, path: source.path, namespace: destination.namespace, image }
      }),
  )
  if (environments.length === 0) throw new Problem('apps/ has no Application', { exitCode: 2 })
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
export function revisionOf({ root }: Tree): string {
  return (root.spec as { source: { targetRevision: string } }).source.targetRevision
}

/** The objects of argocd/ with the repository, revision and images of this cluster; the files stay as they are. */
export function overrideRoot(tree: Tree, overrides: Overrides): readonly KubeObject[] {
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

function overrideApplication(root: KubeObject, tree: Tree, { url, revision, images }: Overrides): KubeObject {
  const spec = root.spec as { source: Readonly<Record<string, unknown>> }
  const patches = tree.environments.map(({ name }) => {
    const kustomize = (images[name] ?? []).length > 0 ? { kustomize: { images: images[name] } } : {}
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
    spec: { ...spec, source: { ...spec.source, repoURL: url, targetRevision: revision, kustomize: { patches } } },
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
  environments: readonly Pick<Environment, 'name' | 'image'>[],
): Readonly<Record<string, readonly string[]>> {
  if (images === undefined) return {}
  return Object.fromEntries(
    environments.flatMap(({ name, image }) => {
      const build = images.builds[image]
      return build === undefined ? [] : [[name, [`${images.name}=${build}`]]]
    }),
  )
}
