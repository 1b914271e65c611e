// The cluster generator: the clusters that the tree declares, and the one that Argo CD runs in.
import { valueAt } from '../../../model/build.ts'
import { type Parameters, sanitizeName } from '../parameters.ts'
import { hasRequirements, readSelector } from '../selector.ts'
import { addValues } from './values.ts'
import { type ClusterSecret, type GeneratorWorld, type Mode, Refusal, Unknown } from './world.ts'

/**
 * The clusters that a tree declares, each once: several builds may render one Secret. Undefined where it declares none, or
 * two of one name or server that differ: then it is read by several Argo CDs, and nobody knows which has which.
 */
export function distinctClusters(declared: readonly ClusterSecret[]): readonly ClusterSecret[] | undefined {
  const distinct = [...new Map(declared.map(one => [JSON.stringify(one), one])).values()]
  const isOne = (key: 'name' | 'server'): boolean => new Set(distinct.map(one => one[key])).size === distinct.length
  return distinct.length > 0 && isOne('name') && isOne('server') ? distinct : undefined
}

export async function generateClusters(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const selection = valueAt(generator, ['selector'])
  const selector = readSelector(selection)
  if (typeof selector === 'string') throw new Refusal(`selector of clusters: ${selector}`)
  if (!world.clusters) throw new Unknown('a cluster generator')
  const chosen = world.clusters.filter(({ labels }) => selector(labels))
  const sets: Parameters[] = chosen.map(({ name, server, project, labels, annotations }) => {
    const own = { name, nameNormalized: sanitizeName(name), server, project }
    if (mode.isGo) {
      const metadata = {
        ...(Object.keys(annotations).length ? { annotations } : {}),
        ...(Object.keys(labels).length ? { labels } : {}),
      }
      return { ...own, metadata }
    }
    const flat = (field: string, pairs: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(pairs).map(([key, value]) => [`metadata.${field}.${key}`, value]))
    return { ...own, ...flat('annotations', annotations), ...flat('labels', labels) }
  })
  const server = 'https://kubernetes.default.svc'
  if (!hasRequirements(selection) && !chosen.some(one => one.server === server)) {
    sets.push({ name: 'in-cluster', nameNormalized: 'in-cluster', server, project: '' })
  }
  const complete = await addValues(sets, generator, mode, world)
  return valueAt(generator, ['flatList']) === true ? [{ clusters: complete }] : complete
}
