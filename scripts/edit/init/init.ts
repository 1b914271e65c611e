// Makes the template one's own: the repository's URL, the registry and the owners, each written where it is read.
import { isMap, isScalar, type Scalar } from 'yaml'
import { holdsCredentials } from '../../command/credentials.ts'
import { Problem, usageProblem } from '../../command/problem.ts'
import { layOver } from '../../tree/source/edit.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Change } from '../change.ts'
import { findKustomizationFile, listEnvironments } from '../environment.ts'
import { parseRegistry } from '../promote/image.ts'
import { readText, renderBuilds } from '../rendered.ts'
import { listImages, setImage } from '../text/kustomization/images.ts'
import { appendItem, listAt, type Plain, readYaml, replaceScalar, requireExactly } from '../text/yaml-text.ts'
import { replaceOwner } from './owners.ts'

export interface InitOptions {
  readonly repoUrl?: string | undefined
  readonly registry?: string | undefined
  readonly owner?: string | undefined
}

export const REPOSITORY_FILE = 'argocd/repository/repository.yaml'
const OWNERS_FILE = '.github/CODEOWNERS'
/** Files that name the repository for people: the badge, and how others use the actions and the hook. */
const MENTIONS = [
  ...['README.md', 'action.yml', '.pre-commit-hooks.yaml'],
  ...['.github/actions/comment/action.yml', '.github/actions/diff/action.yml'],
]

/** The change, or the sentence that says why there is none. */
export async function init(sources: Sources, { repoUrl, registry, owner }: InitOptions): Promise<Change | string> {
  if (!repoUrl && !registry && !owner) throw usageProblem('say at least one of --repo-url, --registry, --owner')
  const texts = new Map<string, string>()
  const notes: string[] = []
  const edit = (path: string, change: (text: string) => string): void => {
    texts.set(path, change(texts.get(path) ?? readText(sources, path)))
  }
  if ((repoUrl || owner) && sources.resolve(REPOSITORY_FILE).kind === 'missing') {
    throw new Problem(`this is another repository than the template: it has no ${REPOSITORY_FILE}`, {
      exitCode: 2,
      advice: ['npm run init -- --validation-only --root DIR writes a validation.yaml for it'],
    })
  }
  if (repoUrl) {
    const url = parseRepositoryUrl(repoUrl)
    const old = readRepositoryUrl(readText(sources, REPOSITORY_FILE))
    edit(REPOSITORY_FILE, text => setRepositoryUrl(text, url))
    edit('validation.yaml', text => setValidationUrl(text, old, url))
    const slug = findSlug(url)
    if (slug) for (const path of listWorkflows(sources)) edit(path, text => setGuard(text, slug))
    else notes.push(`the workflows' guards (github.repository == ...) stay: ${url} does not end in owner/name`)
    const oldSlug = findSlug(old)
    const mentions = oldSlug ? MENTIONS.filter(path => hasMention(sources, path, oldSlug)) : []
    if (slug && oldSlug && /github\.com[:/]/.test(url)) {
      for (const path of mentions) edit(path, text => replaceSlug(text, oldSlug, slug))
    } else if (mentions.length && oldSlug !== slug) {
      notes.push(`${mentions.join(', ')} still name ${oldSlug} on GitHub: change them by hand`)
    }
  }
  if (registry) {
    parseRegistry(registry)
    requireNoImage(sources, registry)
    for (const { file } of listEnvironments(sources)) edit(file, text => setRegistry(file, text, registry))
    for (const path of listWorkflows(sources)) edit(path, text => setWorkflowImage(path, text, registry))
  }
  if (owner) edit(OWNERS_FILE, text => replaceOwner(text, owner))
  const edits = new Map(
    [...texts].flatMap(([path, text]) =>
      text === readText(sources, path) ? [] : [[path, Buffer.from(text)] as const],
    ),
  )
  if (edits.size === 0) return 'nothing to change: all of it is written already'
  const folders = [...listEnvironments(sources).map(({ folder }) => folder), 'apps', 'argocd']
  const rendered = folders.filter(folder => findKustomizationFile(sources, folder))
  const before = await renderBuilds(sources, rendered)
  const after = await renderBuilds(layOver(sources, edits), rendered)
  return { edits, before, after, subject: 'Make the template our own', branch: 'init', notes }
}

/** Throws a Problem for what Argo CD could not fetch, or would fetch with a password that everybody can read. */
export function parseRepositoryUrl(text: string): string {
  // Not printed: a log is read by more people than a URL is meant for.
  if (holdsCredentials(text))
    throw usageProblem('the URL of the repository holds credentials; give them to Argo CD as a repository Secret')
  const refuse: Refuse = reason => usageProblem(`${JSON.stringify(text)} is not a repository URL: ${reason}`)
  if (text.length > 500 || !/^[\x21-\x7e]+$/.test(text))
    throw refuse('it has spaces or other characters that no URL has')
  const scp = /^[\w.-]+@[A-Za-z0-9.-]+:(?!\/\/)([\w./~-]+)$/.exec(text)
  if (scp) {
    const [host = '', path = ''] = [/@([^:]+):/.exec(text)?.[1], scp[1]]
    if (/^\d+\//.test(path)) throw refuse('with a port, write ssh://user@host:port/owner/name.git')
    return requirePath(text, host, path, refuse)
  }
  if (!URL.canParse(text)) throw refuse('write https://host/owner/name.git or git@host:owner/name.git')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'ssh:') throw refuse('only https and ssh can be trusted')
  if (url.search || url.hash) throw refuse('it has a query or a fragment')
  return requirePath(text, url.hostname, url.pathname, refuse)
}

type Refuse = (reason: string) => Problem

function requirePath(text: string, host: string, path: string, refuse: Refuse): string {
  const segments = path
    .replace(/\.git$/, '')
    .split('/')
    .filter(Boolean)
  if (segments.length < 1 || segments.some(segment => /^\.+$/.test(segment))) throw refuse('it names no repository')
  if (!/^[\w./~-]+$/.test(path)) throw refuse('its path has characters that no repository has')
  if (/^(?:www\.)?github\.com$/i.test(host) && segments.length !== 2) throw refuse('on github.com it is owner/name')
  // The page of a folder or file, as GitLab, Gitea and GitHub Enterprise name it.
  if (/\/(?:tree|blob|src\/branch|-)\//.test(path)) throw refuse('it is the address of a page, not of a repository')
  return text
}

/** `owner/name`, where the URL has exactly that. */
export function findSlug(url: string): string | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : url.slice(url.indexOf(':') + 1)
  return /^\/?([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(path)?.[1]
}

const slugPattern = (slug: string): RegExp => new RegExp(`(?<![\\w.-])${slug.replaceAll('.', '\\.')}(?![\\w-])`, 'g')

const hasMention = (sources: Sources, path: string, slug: string): boolean =>
  sources.resolve(path).kind === 'file' && slugPattern(slug).test(readText(sources, path))

/** `owner/name` wherever it stands as a whole. */
export const replaceSlug = (text: string, old: string, slug: string): string =>
  text.replace(slugPattern(old), () => slug)

/** Throws where the image's name would stand twice. */
function requireNoImage(sources: Sources, registry: string): void {
  const last = registry.slice(registry.lastIndexOf('/') + 1)
  const names = listEnvironments(sources).flatMap(({ file }) => listImages(file, readText(sources, file)))
  if (!names.some(({ name }) => name === last)) return
  const above = registry.slice(0, registry.lastIndexOf('/'))
  throw usageProblem(`${registry} ends in the name of the image, which is added to it: write ${above}`)
}

function dataUrl(text: string): { yaml: ReturnType<typeof readYaml>; node: Scalar } {
  const yaml = readYaml(REPOSITORY_FILE, text)
  const data = yaml.root.get('data', true) as unknown
  const node = isMap(data) ? (data.get('url', true) as unknown) : undefined
  if (!isScalar(node)) throw new Problem(`${REPOSITORY_FILE} has no data.url`, { exitCode: 2 })
  return { yaml, node }
}

const readRepositoryUrl = (text: string): string => String(dataUrl(text).node.value)

export function setRepositoryUrl(text: string, url: string): string {
  const { yaml, node } = dataUrl(text)
  if (node.value === url) return text
  return requireExactly(REPOSITORY_FILE, text, replaceScalar(yaml, node, url), root => ({
    ...root,
    data: { ...(root.data as Plain), url },
  }))
}

/** The old URL becomes the new one; further URLs of the list stay. */
export function setValidationUrl(text: string, old: string, url: string): string {
  const yaml = readYaml('validation.yaml', text)
  const repository = yaml.root.get('repository', true) as unknown
  const list = isMap(repository) ? listAt(yaml, repository, 'urls') : undefined
  if (!list) return text
  const items = list.items.filter(item => isScalar(item))
  if (items.some(item => item.value === url)) return text
  const node = items.find(item => item.value === old)
  return node ? replaceScalar(yaml, node, url) : appendItem(yaml, list, [url])
}

/** Every image of an overlay comes from the registry, under its own name. */
export function setRegistry(path: string, text: string, registry: string): string {
  let edited = text
  for (const { name, newName, newTag, digest } of listImages(path, text)) {
    const own = (newName ?? name).slice((newName ?? name).lastIndexOf('/') + 1)
    edited = setImage(path, edited, name, { newName: `${registry}/${own}`, newTag, digest })
  }
  return edited
}

const listWorkflows = (sources: Sources): readonly string[] =>
  sources.list([]).filter(path => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))

/** Jobs that must not run in somebody else's copy name the repository they belong to. */
export function setGuard(text: string, slug: string): string {
  return text.replace(/(github\.repository == ')[\w.-]+\/[\w.-]+(')/g, (_, before, after) => `${before}${slug}${after}`)
}

/** The image that a workflow pushes is its variable IMAGE. */
export function setWorkflowImage(path: string, text: string, registry: string): string {
  const yaml = readYaml(path, text)
  const environment = yaml.root.get('env', true) as unknown
  const edits = isMap(environment)
    ? (['IMAGE', 'REGISTRY'] as const).flatMap(key => {
        const node = environment.get(key, true) as unknown
        return isScalar(node) ? [{ key, node }] : []
      })
    : []
  // From the end, so that the offsets of the others stay right.
  return edits
    .sort((a, b) => (b.node.range?.[0] ?? 0) - (a.node.range?.[0] ?? 0))
    .reduce((current, { key, node }) => {
      const old = String(node.value)
      const value = key === 'REGISTRY' ? registry.split('/')[0] : `${registry}/${old.slice(old.lastIndexOf('/') + 1)}`
      return value === old || value === undefined ? current : replaceScalar({ ...yaml, text: current }, node, value)
    }, text)
}
