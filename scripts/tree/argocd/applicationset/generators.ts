// Carries out the generators of an ApplicationSet as far as they read this repository.
import { listAt, mappingAt, pairsAt, stringAt, valueAt } from '../../model/build.ts'
import { compileGoPattern, matchPathspec } from '../path-pattern.ts'
import type { RenderTemplates } from './go-template.ts'
import {
  describePath,
  flatten,
  listTexts,
  mapTexts,
  mergeOver,
  type Parameters,
  printGo,
  replacePlain,
  sanitizeName,
} from './parameters.ts'
import { readYaml } from './read-yaml.ts'
import { hasRequirements, readSelector } from './selector.ts'

/** What generators ask of the world. Paths are those of the repository. */
export interface GeneratorWorld {
  /** Whether a repository at a revision is this tree. */
  isOwn(repoUrl: string, revision: string): boolean
  readonly files: readonly string[]
  /** The text of a file; undefined for one that cannot be read. */
  readText(path: string): string | undefined
  /** Undefined where the tree declares none: then they are elsewhere. */
  readonly clusters: readonly ClusterSecret[] | undefined
  /** Undefined where there is no helm. */
  readonly render: RenderTemplates | undefined
}

export interface ClusterSecret {
  readonly name: string
  readonly server: string
  readonly project: string
  readonly labels: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, unknown>>
}

export interface Mode {
  readonly isGo: boolean
  readonly options: readonly string[]
}

/** What one entry of `generators` yields. */
export type Generated =
  | { readonly kind: 'sets'; readonly sets: readonly Parameters[]; readonly template: unknown }
  /** Argo CD refuses it. */
  | { readonly kind: 'error'; readonly message: string }
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

const MAX_SETS = 10_000

/** Carries out all generators of one entry. `outer` are the parameters of a matrix's first generator. */
export async function generate(
  entry: unknown,
  mode: Mode,
  world: GeneratorWorld,
  outer?: Parameters,
): Promise<readonly Generated[]> {
  const selector = readSelector(valueAt(entry, ['selector']))
  if (typeof selector === 'string') return [{ kind: 'error', message: `selector: ${selector}` }]
  const results: Generated[] = []
  for (const name of listGenerators(entry)) {
    let generator = valueAt(entry, [name])
    if (outer && Object.keys(outer).length > 0) {
      const rendered = await renderDeep([generator], [outer], mode, world)
      if ('error' in rendered) {
        results.push({ kind: 'error', message: rendered.error })
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
    if (error instanceof Refusal) return { kind: 'error', message: error.message }
    if (error instanceof Unknown) return { kind: 'unknown', reason: error.message }
    throw error
  }
}

/** Both leave a generator from any depth; nothing else may. */
class Refusal extends Error {}
class Unknown extends Error {}

function generateSets(name: string, generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  switch (name) {
    case 'list':
      return generateList(generator, mode)
    case 'git':
      return generateGit(generator, mode, world)
    case 'clusters':
      return generateClusters(generator, mode, world)
    case 'matrix':
      return generateMatrix(generator, mode, world)
    case 'merge':
      return generateMerge(generator, mode, world)
    default:
      throw new Unknown(REMOTE[name] ?? name)
  }
}

async function generateList(generator: unknown, { isGo }: Mode): Promise<Parameters[]> {
  const sets = listAt(generator, ['elements']).map(element => {
    if (typeof element !== 'object' || element === null || Array.isArray(element)) {
      throw new Refusal('an element of a list must be a mapping')
    }
    return isGo ? (element as Parameters) : flattenElement(element as Parameters)
  })
  const yaml = stringAt(generator, ['elementsYaml'])
  if (!yaml) return sets
  const elements = parseYaml(yaml)
  if (!Array.isArray(elements) && elements !== null && elements !== undefined) {
    throw new Refusal('elementsYaml is not a list of mappings')
  }
  for (const element of (elements as unknown[]) ?? []) {
    if (typeof element !== 'object' || element === null) throw new Refusal('elementsYaml is not a list of mappings')
    sets.push(element as Parameters)
  }
  return sets
}

/** Without Go templates an element holds texts, and `values` one mapping of texts. */
function flattenElement(element: Parameters): Parameters {
  const flat: Record<string, string> = {}
  const add = (key: string, value: unknown): void => {
    if (typeof value !== 'string') {
      throw new Refusal(`element ${key} is not a text; without goTemplate all elements are texts, values aside`)
    }
    flat[key] = value
  }
  for (const [key, value] of Object.entries(element)) {
    if (key !== 'values') add(key, value)
    else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Refusal('values of an element must be a mapping')
    } else for (const [name, one] of Object.entries(value)) add(`values.${name}`, one)
  }
  return flat
}

function parseYaml(text: string): unknown {
  try {
    return readYaml(text)
  } catch {
    throw new Refusal('text that is read as YAML is none')
  }
}

async function generateGit(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const directories = listAt(generator, ['directories'])
  const files = listAt(generator, ['files'])
  if (directories.length === 0 && files.length === 0) throw new Refusal('a git generator needs directories or files')
  const repoUrl = stringAt(generator, ['repoURL']) ?? ''
  const revision = stringAt(generator, ['revision']) ?? ''
  if (!world.isOwn(repoUrl, revision)) throw new Unknown(`a git generator over ${repoUrl || 'another repository'}`)
  const prefix = stringAt(generator, ['pathParamPrefix']) ?? ''
  const sets = directories.length
    ? listFolders(world.files)
        .filter(folder => isChosenFolder(folder, directories))
        .map(folder => describePath(folder, undefined, prefix, mode.isGo))
    : chooseFiles(world.files, files).flatMap(path => readSets(path, world, prefix, mode.isGo))
  return addValues(sets, generator, mode, world)
}

/** All folders but hidden ones and what is in them. */
function listFolders(files: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const file of files) {
    const segments = file.split('/').slice(0, -1)
    for (const [index, segment] of segments.entries()) {
      if (segment.startsWith('.')) break
      folders.add(segments.slice(0, index + 1).join('/'))
    }
  }
  return [...folders].sort()
}

function isChosenFolder(folder: string, items: readonly unknown[]): boolean {
  const matching = items.filter(item => compileGoPattern(stringAt(item, ['path']) ?? '')?.(folder))
  return matching.length > 0 && matching.every(item => valueAt(item, ['exclude']) !== true)
}

function chooseFiles(files: readonly string[], items: readonly unknown[]): readonly string[] {
  const patterns = items.map(item => ({
    pattern: stringAt(item, ['path']) ?? '',
    isExclusion: valueAt(item, ['exclude']) === true,
  }))
  for (const { pattern } of patterns) {
    if (pattern.startsWith('/')) throw new Refusal(`file ${pattern}: paths are relative to the repository`)
    if (/^(?:\.\/)*\.\.(?:\/|$)/.test(pattern)) throw new Refusal(`file ${pattern} leads out of the repository`)
    if (pattern === '') throw new Refusal('a file needs a path')
  }
  const matches = (path: string, isExclusion: boolean): boolean =>
    patterns.some(one => one.isExclusion === isExclusion && matchPathspec(one.pattern, path))
  return files.filter(path => matches(path, false) && !matches(path, true)).sort()
}

/** A file holds one set of parameters, or a list of them. */
function readSets(path: string, world: GeneratorWorld, prefix: string, isGo: boolean): readonly Parameters[] {
  const text = world.readText(path)
  if (text === undefined) throw new Unknown(`the file ${path}, which cannot be read,`)
  let content: unknown
  try {
    content = readYaml(text)
  } catch {
    throw new Refusal(`${path} is not YAML`)
  }
  const objects = Array.isArray(content) ? content : [content ?? {}]
  const segments = path.split('/')
  const filename = segments.pop() ?? ''
  const described = describePath(segments.join('/') || '.', filename, prefix, isGo)
  return objects.map(object => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw new Refusal(`${path} holds neither a mapping nor a list of mappings`)
    }
    const own = isGo ? (object as Parameters) : flatten(object as Parameters)
    return { ...own, ...described }
  })
}

async function generateClusters(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
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

/** `values` of a generator may use its parameters. */
async function addValues(
  sets: readonly Parameters[],
  generator: unknown,
  mode: Mode,
  world: GeneratorWorld,
): Promise<Parameters[]> {
  const values = pairsAt(generator, ['values'])
  if (Object.keys(values).length === 0) return [...sets]
  const rendered = await renderDeep(
    sets.map(() => values),
    sets,
    mode,
    world,
  )
  if ('error' in rendered) throw new Refusal(rendered.error)
  return sets.map((set, index) => {
    const own = rendered.values[index] as Parameters
    if (mode.isGo) return { ...set, values: own }
    return { ...set, ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`values.${key}`, value])) }
  })
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

/** A matrix in a matrix is as deep as Argo CD goes. */
function limitDepth(children: readonly unknown[]): void {
  for (const child of children) {
    for (const name of ['matrix', 'merge']) {
      for (const grandchild of listAt(child, [name, 'generators'])) {
        if (mappingAt(grandchild, ['matrix']) || mappingAt(grandchild, ['merge'])) {
          throw new Refusal('matrix and merge may stand inside each other once only')
        }
      }
    }
  }
}

async function generateMatrix(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const children = listAt(generator, ['generators'])
  if (children.length !== 2) throw new Refusal(`a matrix has two generators, this one ${children.length}`)
  limitDepth(children)
  const [first, second] = children
  const combined: Parameters[] = []
  for (const a of await generateChild(first, mode, world)) {
    for (const b of await generateChild(second, mode, world, a)) {
      combined.push(mode.isGo ? mergeOver(b, a) : combineTexts(a, b))
      if (combined.length > MAX_SETS) throw new Unknown(`a generator of more than ${MAX_SETS} Applications`)
    }
  }
  return combined
}

function combineTexts(a: Parameters, b: Parameters): Parameters {
  const combined: Record<string, string> = {}
  for (const [key, value] of [...Object.entries(a), ...Object.entries(b)]) {
    const text = printGo(value)
    if (Object.hasOwn(combined, key) && combined[key] !== text) {
      throw new Refusal(`both generators of a matrix give ${key}: ${combined[key]} and ${text}`)
    }
    combined[key] = text
  }
  return combined
}

async function generateMerge(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const children = listAt(generator, ['generators'])
  if (children.length < 2) throw new Refusal(`merge needs two generators or more, this one has ${children.length}`)
  limitDepth(children)
  const all: (readonly Parameters[])[] = []
  for (const child of children) all.push(await generateChild(child, mode, world))
  const keys = listAt(generator, ['mergeKeys']).filter((key): key is string => typeof key === 'string')
  if (keys.length === 0) throw new Refusal('merge needs mergeKeys')
  const [base, ...overrides] = all.map(sets => indexByKeys(sets, keys))
  const merged = new Map(base)
  for (const override of overrides) {
    for (const [key, set] of merged) {
      const over = override.get(key)
      if (over) merged.set(key, mode.isGo ? mergeOver(set, over) : { ...set, ...over })
    }
  }
  return [...merged.values()]
}

function indexByKeys(sets: readonly Parameters[], keys: readonly string[]): ReadonlyMap<string, Parameters> {
  const indexed = new Map<string, Parameters>()
  for (const set of sets) {
    const values = [...new Set(keys)].sort().map(key => [key, set[key] ?? null])
    const key = JSON.stringify(values)
    if (indexed.has(key)) {
      throw new Refusal(`two sets of one generator have the same ${keys.join(', ')}: merge needs them unique`)
    }
    indexed.set(key, set)
  }
  return indexed
}

/** Renders all texts of each value with the set beside it. */
export async function renderDeep(
  values: readonly unknown[],
  sets: readonly Parameters[],
  { isGo, options }: Mode,
  { render }: Pick<GeneratorWorld, 'render'>,
): Promise<{ readonly values: readonly unknown[] } | { readonly error: string; readonly text?: string }> {
  if (!isGo) {
    return { values: values.map((value, index) => mapTexts(value, text => replacePlain(text, sets[index] ?? {}))) }
  }
  if (!render) return { error: 'there is no helm here to render Go templates with' }
  const tasks = values.flatMap((value, index) =>
    [...listTexts(value)].map(text => ({ text, parameters: sets[index] ?? {} })),
  )
  const result = await render(tasks, options)
  if ('error' in result) return result
  let next = 0
  // Keys come before their values in both walks.
  const rewrite = (): string => result.texts[next++] ?? ''
  return { values: values.map(value => mapTextsInOrder(value, rewrite)) }
}

/** As `mapTexts`, in the order of `listTexts`. */
function mapTextsInOrder(value: unknown, rewrite: () => string): unknown {
  if (typeof value === 'string') return rewrite()
  if (Array.isArray(value)) return value.map(one => mapTextsInOrder(one, rewrite))
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = []
  for (const one of Object.values(value)) {
    const key = rewrite()
    entries.push([key, mapTextsInOrder(one, rewrite)])
  }
  return Object.fromEntries(entries)
}
