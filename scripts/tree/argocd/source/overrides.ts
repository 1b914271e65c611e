// Reads the files beside manifests that change the settings of a source: `.argocd-source.yaml` and the one of an Application.
import { posix } from 'node:path'
import type { SourceRange } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { listTools } from '../application-spec.ts'

type Mapping = Readonly<Record<string, unknown>>

export type Overridden =
  | { readonly source: Mapping; readonly files: readonly SourceFile[] }
  | { readonly message: string; readonly range: SourceRange }

/** Fields of a source that stay what the Application says. */
const KEPT = ['chart', 'path', 'repoURL', 'targetRevision']
/** The settings of tools are mappings, and what is text in them must be text. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  helm: ['releaseName', 'values', 'version', 'namespace', 'kubeVersion'],
  kustomize: ['namePrefix', 'nameSuffix', 'namespace', 'version', 'kubeVersion'],
  directory: ['include', 'exclude'],
  plugin: ['name'],
}

const LISTS: Readonly<Record<string, readonly string[]>> = {
  helm: ['valueFiles', 'parameters', 'fileParameters', 'apiVersions'],
  kustomize: ['images', 'replicas', 'patches', 'components', 'apiVersions'],
}

/** The source with the overrides of its folder merged in. */
export function applyOverrides(source: Mapping, folder: string, application: string, sources: Sources): Overridden {
  let merged: Mapping = source
  const files: SourceFile[] = []
  for (const name of ['.argocd-source.yaml', `.argocd-source-${application}.yaml`]) {
    const path = posix.join(folder, name)
    if (sources.resolve(path).kind !== 'file') continue
    const file = sources.read(path)
    if (!(file instanceof SourceFile)) continue
    const { documents, fault } = file.parse('kubectl')
    if (fault) return { message: `Argo CD cannot read this file: ${fault.message}`, range: file.rangeAt(fault.offset) }
    const patch = documents[0] ?? null
    const wrong = explainPatch(patch)
    if (wrong) return { message: wrong.message, range: file.rangeOf(0, wrong.path) }
    merged = mergePatch(merged, patch) as Mapping
    for (const field of KEPT) merged = { ...merged, [field]: source[field] }
    const tools = listTools(merged)
    if (tools.length > 1 && listTools(source).length <= 1) {
      const message = `together with the Application these are settings of ${tools.join(' and ')}, and a source has one tool`
      return { message, range: file.rangeAt(0) }
    }
    files.push(file)
  }
  return { source: merged, files }
}

function explainPatch(patch: unknown): { message: string; path: readonly string[] } | undefined {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    return { message: 'the settings of a source are a mapping', path: [] }
  }
  for (const [tool, texts] of Object.entries(TEXTS)) {
    const settings = (patch as Mapping)[tool]
    if (settings === undefined || settings === null) continue
    if (typeof settings !== 'object' || Array.isArray(settings)) {
      return { message: `${tool} is a mapping of settings`, path: [tool] }
    }
    for (const field of LISTS[tool] ?? []) {
      const value = (settings as Mapping)[field]
      if (value !== undefined && value !== null && !Array.isArray(value)) {
        return { message: `${tool}.${field} is a list`, path: [tool, field] }
      }
    }
    for (const field of texts) {
      const value = (settings as Mapping)[field]
      if (value !== undefined && value !== null && typeof value !== 'string') {
        return { message: `${tool}.${field} must be a string: quote it`, path: [tool, field] }
      }
    }
  }
  return undefined
}

/** A JSON merge patch: null takes away, lists are replaced. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? (target as Mapping) : {}
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}
