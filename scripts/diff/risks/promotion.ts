// A release goes through the environments in their order: an image that the one before does not run has skipped it.
import { isSameVersion, listContainers } from '../../tree/model/containers.ts'
import type { ImageReference } from '../../tree/model/image-reference.ts'
import { showReference } from '../../tree/model/image-reference.ts'
import { nameEnvironment } from '../deployed.ts'
import type { Comparison } from '../model.ts'
import { listImages } from './images.ts'
import type { TreeFound, TreeRule } from './risk.ts'

export const imageSkipsEnvironment: TreeRule = {
  id: 'image-skips-environment',
  level: 'danger',
  summary: 'an image that the environment before does not run',
  why: 'The environments before are where a fault should show; validation.yaml says their order.',
  async checkAll(comparison) {
    const { environments } = comparison.head
    const found: TreeFound[] = []
    const known = new Map<string, readonly ImageReference[] | undefined>()
    for (const of of comparison.objects) {
      const at = environments.findIndex(({ name }) => name === of.change.environment)
      const previous = at > 0 ? environments[at - 1] : undefined
      const images = previous ? listImages(of) : []
      if (!previous || images.length === 0) continue
      if (!known.has(previous.name)) known.set(previous.name, await listRun(comparison, previous.name))
      const run = known.get(previous.name)
      for (const { after, fieldPath, container } of images) {
        // An image that the other environment does not have at all has no way through it.
        const twins = run?.filter(one => one.repository === after.repository)
        if (!twins?.length || twins.some(one => isSameVersion(one, after))) continue
        const says = `runs ${showReference(after)}, and ${previous.name} does not (container ${container})`
        found.push({ of, says, fieldPath })
      }
    }
    return found
  },
}

/** The images of an environment in the head; undefined where some of its builds are not known. */
async function listRun(comparison: Comparison, name: string): Promise<readonly ImageReference[] | undefined> {
  const { head, renderMore, notRendered } = comparison
  const belongs = (build: string): boolean => nameEnvironment(build, head.environments) === name
  if (notRendered.some(({ build }) => belongs(build))) return undefined
  const known = head.deployment.builds.filter(({ id }) => belongs(id.replace(/ for .*$/, '')))
  const seen = new Set(known.map(({ id }) => id))
  const others = head.renderings.tree.roots.filter(root => belongs(root) && !seen.has(root))
  const more = others.length ? await renderMore('head', others) : new Map()
  if (others.some(root => !more.has(root))) return undefined
  const resources = [...known.flatMap(one => one.resources), ...[...more.values()].flat()]
  return listContainers(resources.map(({ object }) => object)).flatMap(({ reference }) => reference ?? [])
}
