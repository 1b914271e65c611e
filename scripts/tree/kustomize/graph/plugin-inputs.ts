// Files that plugins read which are never run here: such a program completes what stands in them, or makes others of it.
import { posix } from 'node:path'
import type { Value } from '../../model/resource.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { parseText } from '../../source/yaml/parse.ts'
import type { Graph, Kustomization } from './kustomization.ts'
import { checkPlugin } from './plugins.ts'
import { isInline } from './references.ts'

/** The files, and the folders with all below them, that the configurations of such plugins name. */
export interface PluginInputs {
  has(path: string): boolean
}

/** A plugin reads its paths from the folder of the kustomization, as kustomize starts it there. */
export function listPluginInputs(graph: Graph, sources: Sources): PluginInputs {
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const kustomization of graph.kustomizations.values()) {
    for (const text of listRefused(kustomization, sources).flatMap(one => [...listTexts(one)])) {
      const entry = sources.resolve(posix.join(kustomization.folder, text))
      if (entry.kind === 'file') files.add(entry.path)
      // A folder above would make an input of the kustomization itself.
      else if (entry.kind === 'folder' && !isIn(kustomization.folder, entry.path)) folders.add(entry.path)
    }
  }
  if (files.size + folders.size === 0) return { has: () => false }
  return {
    has: path => {
      if (files.has(path)) return true
      for (let at = path; at !== '.' && at !== ''; at = posix.dirname(at)) if (folders.has(at)) return true
      return false
    },
  }
}

const isIn = (path: string, folder: string): boolean =>
  path === folder || folder === '.' || path.startsWith(`${folder}/`)

/** Configurations of plugins that would run a program, from files and written inline. */
function listRefused({ files, value }: Kustomization, sources: Sources): readonly Value[] {
  const written = files.flatMap(({ path, reference }) => {
    const source = reference.content === 'plugin' ? sources.read(path) : undefined
    return source instanceof SourceFile ? source.parse('kustomize').documents : []
  })
  const inline = ['generators', 'transformers', 'validators'].flatMap(field => {
    const entries = value[field]
    const texts = Array.isArray(entries) ? entries.filter(entry => typeof entry === 'string') : []
    return texts.filter(isInline).flatMap(text => parseText(text, 'kustomize').documents)
  })
  return [...written, ...inline].filter(document => !checkPlugin(document).next().done)
}

/** Fields of every object, which name no file. */
const NAMES = new Set(['apiVersion', 'kind', 'metadata'])

function* listTexts(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (value !== '' && !value.includes('\n') && !posix.isAbsolute(value)) yield value
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) if (!NAMES.has(key)) yield* listTexts(one)
  }
}
