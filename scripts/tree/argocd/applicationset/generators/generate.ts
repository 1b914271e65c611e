// Carries out the generators of an ApplicationSet as far as they read this repository.
import { mappingAt, valueAt } from '../../../model/build.ts'
import { flatten, type Parameters } from '../parameters.ts'
import { readSelector } from '../selector.ts'
import { generateClusters } from './clusters.ts'
import { type ChildSets, generateMatrix, generateMerge } from './combine.ts'
import { generateGit } from './git.ts'
import { generateList } from './list.ts'
import { renderDeep } from './values.ts'
import { type GeneratorWorld, MAX_SETS, type Mode, Refusal, Unknown } from './world.ts'

/** What one entry of `generators` yields. */
export type Generated =
  | { readonly kind: 'sets'; readonly sets: readonly Parameters[]; readonly template: unknown }
  /** Argo CD refuses it. */
  | { readonly kind: 'error'; readonly generator: string; readonly message: string }
  /** Nobody can say here: a cluster, a provider, another repository. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** Generators that ask other machines. */
const REMOTE: Readonly<Record<string, string>> = {
  scmProvider: 'an SCM provider generator',
  pullRequest: 'a pull request generator',
  plugin: 'a plugin generator',
  clusterDecisionResource: 'a cluster decision resource generator',
}

const LOCAL = ['list', 'clusters', 'git', 'matrix', 'merge'] as const

/** The generators an entry names; an entry may have several, which work side by side. */
export const listGenerators = (entry: unknown): readonly string[] =>
  [...LOCAL, ...Object.keys(REMOTE)].filter(name => mappingAt(entry, [name]))

/** Carries out all generators of one entry. `outer` are the parameters of a matrix's first generator. */
export async function generate(
  entry: unknown,
  mode: Mode,
  world: GeneratorWorld,
  outer?: Parameters,
): Promise<readonly Generated[]> {
  const selector = readSelector(valueAt(entry, ['selector']))
  if (typeof selector === 'string') return [{ kind: 'error', generator: 'selector', message: `selector: ${selector}` }]
  const results: Generated[] = []
  for (const name of listGenerators(entry)) {
    let generator = valueAt(entry, [name])
    if (outer && Object.keys(outer).length > 0) {
      const rendered = await renderDeep([generator], [outer], mode, world)
      if ('error' in rendered) {
        results.push({ kind: 'error', generator: name, message: rendered.error })
        continue
      }
      generator = rendered.values[0]
    }
    const result = await run(name, generator, mode, world)
    const isSelected = valueAt(entry, ['selector']) !== undefined && valueAt(entry, ['selector']) !== null
    results.push(
      result.kind === 'sets' && isSelected
        ? { ...result, sets: result.sets.filter(set => selector(flatten(set))) }
        : result,
    )
  }
  return results
}

async function run(name: string, generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Generated> {
  const template = valueAt(generator, ['template'])
  try {
    const sets = await generateSets(name, generator, mode, world)
    if (sets.length > MAX_SETS) return { kind: 'unknown', reason: `a generator of more than ${MAX_SETS} Applications` }
    return { kind: 'sets', sets, template }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'error', generator: name, message: error.message }
    if (error instanceof Unknown) return { kind: 'unknown', reason: error.message }
    throw error
  }
}

function generateSets(name: string, generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const setsOf: ChildSets = (child, outer) => generateChild(child, mode, world, outer)
  switch (name) {
    case 'list':
      return generateList(generator, mode)
    case 'git':
      return generateGit(generator, mode, world)
    case 'clusters':
      return generateClusters(generator, mode, world)
    case 'matrix':
      return generateMatrix(generator, mode, setsOf)
    case 'merge':
      return generateMerge(generator, mode, setsOf)
    default:
      throw new Unknown(REMOTE[name] ?? name)
  }
}

/** The sets of a child of matrix or merge, which must be one generator. */
async function generateChild(
  child: unknown,
  mode: Mode,
  world: GeneratorWorld,
  outer?: Parameters,
): Promise<readonly Parameters[]> {
  const names = listGenerators(child)
  if (names.length > 1) throw new Refusal(`an entry inside has several generators: ${names.join(', ')}`)
  const results = await generate(child, mode, world, outer)
  const fault = results.find(result => result.kind !== 'sets')
  if (fault?.kind === 'error') throw new Refusal(fault.message)
  if (fault?.kind === 'unknown') throw new Unknown(fault.reason)
  if (names.length === 0) throw new Refusal('an entry inside names no generator')
  return results.flatMap(result => (result.kind === 'sets' ? result.sets : []))
}
