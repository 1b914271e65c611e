// The git generator: folders and files of this repository.
import { listAt, stringAt, valueAt } from '../../../model/build.ts'
import { compileGoPattern, matchPathspec } from '../../path-pattern.ts'
import { describePath, flatten, type Parameters } from '../parameters.ts'
import { readYaml } from '../read-yaml.ts'
import { addValues } from './values.ts'
import { type GeneratorWorld, type Mode, Refusal, Unknown } from './world.ts'

export async function generateGit(generator: unknown, mode: Mode, world: GeneratorWorld): Promise<Parameters[]> {
  const directories = listAt(generator, ['directories'])
  const files = listAt(generator, ['files'])
  if (directories.length === 0 && files.length === 0) throw new Refusal('a git generator needs directories or files')
  const repoUrl = stringAt(generator, ['repoURL']) ?? ''
  const revision = stringAt(generator, ['revision']) ?? ''
  if (!world.isOwn(repoUrl, revision)) throw new Unknown('a git generator over another repository')
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
