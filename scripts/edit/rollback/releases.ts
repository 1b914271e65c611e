// The releases of an environment: the commits at which it rendered something else than at the one before.
import { posix } from 'node:path'
import { valueAt } from '../../tree/model/build.ts'
import { listContainers } from '../../tree/model/containers.ts'
import { openCommit } from '../../tree/source/commit.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { type Checkout, line } from '../deliver/git.ts'
import type { Environment } from '../environment.ts'
import { type Rendered, readText, renderBuilds } from '../rendered.ts'
import { listLiterals } from '../text/kustomization/literals.ts'

export interface Commit {
  readonly commit: string
  readonly date: string
  readonly author: string
  readonly subject: string
}

export interface Release extends Commit {
  readonly rendered: Rendered
  readonly sources: Sources
}

/** Commits that are looked at for releases. */
const MOST_COMMITS = 200

/** The tree of a commit, as the root of the checkout has it. */
export const openRelease = ({ top, prefix }: Checkout, commit: string): Sources =>
  openCommit(top, commit, prefix.replace(/\/$/, ''))

/** Newest first, beginning with what is committed now. A merge counts as what it brought to its first parent. */
export async function* listReleases(checkout: Checkout, { folder }: Environment): AsyncGenerator<Release> {
  const { top, prefix } = checkout
  const folders = new Set<string>()
  const render = async (sources: Sources): Promise<Rendered> => {
    const rendered = (await renderBuilds(sources, [folder])).get(folder) as Rendered
    for (const path of [...rendered.reads, `${folder}/x`]) folders.add(`${prefix}${posix.dirname(path)}`)
    return rendered
  }
  let next: Release | undefined
  const head = await render(openRelease(checkout, checkout.head))
  let isFirst = true
  for (const entry of listCommits(top, ['--first-parent', `--max-count=${MOST_COMMITS}`, 'HEAD', '--', ...folders])) {
    const sources = openRelease(checkout, entry.commit)
    const rendered = isFirst ? head : await render(sources)
    isFirst = false
    // A commit before which it did not render was not a release that anybody could go back to.
    if (rendered.error) break
    if (next && next.rendered.text !== rendered.text) yield next
    next = { ...entry, rendered, sources }
  }
  if (next) yield next
}

/** What `git log` finds with these arguments. */
export function listCommits(top: string, args: readonly string[]): readonly Commit[] {
  const text = line(top, ['log', '--format=%H%x00%cs%x00%an%x00%s', ...args])
  return text.split('\n').flatMap(entry => {
    const [commit = '', date = '', author = '', subject = ''] = entry.split('\0')
    return commit ? [{ commit, date, author, subject }] : []
  })
}

/** What a person tells releases apart by: images, replicas, settings that travel. */
export function summarize({ rendered, sources, commit, date, author, subject }: Release, { file }: Environment) {
  const images = [...new Set(listContainers(rendered.objects).map(({ image }) => image))]
  const counts = rendered.objects.flatMap(object => {
    const replicas = valueAt(object, ['spec', 'replicas'])
    return typeof replicas === 'number' ? [`${object.metadata?.name}=${replicas}`] : []
  })
  const settings = listLiterals(file, readText(sources, file)).flatMap(({ travels, key, value }) =>
    travels ? [`${key}=${value}`] : [],
  )
  return { commit, date, author, subject, images, replicas: counts, settings }
}
