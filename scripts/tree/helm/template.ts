// Renders a chart with the real helm, in a private copy without links, in a child that cannot take the machine with it.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { type Bounds, runBounded } from '../bounded-process.ts'
import { keep, readKept } from '../kept.ts'
import type { KubernetesObject, Value } from '../model/resource.ts'
import { parseText } from '../source/yaml/parse.ts'
import type { Helm } from './binary.ts'

/** What a chart may cost. */
export const HELM_BOUNDS: Bounds = {
  milliseconds: 9_000,
  cpuSeconds: 8,
  megabytes: 1_800,
  outputBytes: 64 * 1024 * 1024,
}

/** A schema of values may name other machines: whatever is asked for goes to a port that nobody serves. */
const NOBODY = 'http://127.0.0.1:9'
const NO_NETWORK = { HTTP_PROXY: NOBODY, HTTPS_PROXY: NOBODY, NO_PROXY: '', GOMEMLIMIT: '600MiB' } as const

/** The Kubernetes that charts are told of. */
const KUBE_VERSION = '1.36.0'

/** Bytes by path relative to the chart's folder. */
export type ChartFiles = ReadonlyMap<string, Uint8Array | string>

export interface ChartRequest {
  readonly files: ChartFiles
  readonly release: string
  readonly namespace?: string | undefined
  readonly kubeVersion?: string | undefined
  readonly apiVersions?: readonly string[]
  /** Texts of values files, the last one wins. */
  readonly values?: readonly (Uint8Array | string)[]
  readonly parameters?: readonly ChartParameter[]
  readonly skipCrds?: boolean
  readonly skipTests?: boolean
  readonly skipSchemaValidation?: boolean
}

export interface ChartParameter {
  readonly name: string
  readonly kind: 'value' | 'string' | 'file'
  /** For a file its content. */
  readonly value: string | Uint8Array
}

/** One object and the template that made it, relative to the chart's folder. */
export interface ChartObject {
  readonly object: KubernetesObject
  readonly template: string
}

export type ChartRendering =
  | { readonly kind: 'objects'; readonly objects: readonly ChartObject[] }
  /** helm's own words, without the paths of the private copy. */
  | { readonly kind: 'error'; readonly message: string }
  /** Dependencies that are not in the chart: helm would fetch them. */
  | { readonly kind: 'incomplete'; readonly message: string }

/**
 * Renders a chart, or takes what it rendered to before: with a cache folder what helm makes is kept by all that it reads.
 * Rejects only when helm cannot be started.
 */
export async function renderChart(helm: Helm, request: ChartRequest, cacheFolder?: string): Promise<ChartRendering> {
  const path = cacheFolder && join(cacheFolder, `chart-${hashRequest(helm, request)}.json`)
  const kept = path && readKept<ChartRendering>(path)
  if (kept) return kept
  const rendering = await renderAnew(helm, request)
  if (path && rendering.kind === 'objects') keep(path, rendering)
  return rendering
}

/** Grows when the meaning of a kept rendering changes. */
const FORMAT = 3

function hashRequest(helm: Helm, { files, ...settings }: ChartRequest): string {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, helm.command, settings]))
  for (const path of [...files.keys()].sort()) {
    const content = createHash('sha256').update(files.get(path) ?? '')
    hash.update(JSON.stringify([path, content.digest('hex')]))
  }
  return hash.digest('hex')
}

async function renderAnew(helm: Helm, request: ChartRequest): Promise<ChartRendering> {
  const outside = [...request.files.keys()].find(path => !isInside(path))
  if (outside !== undefined) return { kind: 'error', message: `${outside} leads out of the chart` }
  const folder = mkdtempSync(join(tmpdir(), 'validate-chart-'))
  try {
    const args = prepare(folder, request)
    const home = join(folder, 'home')
    mkdirSync(home)
    const env = { ...NO_NETWORK, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home }
    const { code, stdout, stderr, overrun } = await runBounded(helm.command, args, { cwd: folder, env }, HELM_BOUNDS)
    const clean = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(folder, '.').trim()
    if (overrun) return { kind: 'error', message: `helm was stopped: ${overrun}` }
    if (code !== 0) {
      const message = describeError(clean(stderr)) || `helm ended with code ${code}`
      const isIncomplete = /missing in charts\/ directory|dependencies? .*(?:out of sync|missing)/.test(message)
      return { kind: isIncomplete ? 'incomplete' : 'error', message }
    }
    return readOutput(stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whoever writes a chart chooses names, and no name may lead to another folder of this machine. */
const isInside = (path: string): boolean =>
  path !== '' && posix.normalize(path) === path && !posix.isAbsolute(path) && path.split('/')[0] !== '..'

/** Writes the copy and says how helm is called. */
function prepare(folder: string, request: ChartRequest): string[] {
  const chart = join(folder, 'chart')
  mkdirSync(chart)
  const made = new Set<string>([chart])
  for (const [path, bytes] of request.files) {
    const target = join(chart, path)
    if (!made.has(dirname(target))) mkdirSync(dirname(target), { recursive: true })
    made.add(dirname(target))
    writeFileSync(target, bytes)
  }
  const args = ['template', 'chart', '--name-template', request.release]
  args.push('--kube-version', request.kubeVersion || KUBE_VERSION)
  if (request.namespace) args.push('--namespace', request.namespace)
  for (const [index, text] of (request.values ?? []).entries()) {
    writeFileSync(join(folder, `values-${index}.yaml`), text)
    args.push('--values', `values-${index}.yaml`)
  }
  for (const [index, { name, kind, value }] of (request.parameters ?? []).entries()) {
    if (kind === 'file') {
      writeFileSync(join(folder, `parameter-${index}`), value)
      args.push('--set-file', `${name}=parameter-${index}`)
    } else args.push(kind === 'string' ? '--set-string' : '--set', `${name}=${escapeParameter(String(value))}`)
  }
  for (const version of request.apiVersions ?? []) args.push('--api-versions', version)
  if (!request.skipCrds) args.push('--include-crds')
  if (request.skipTests) args.push('--skip-tests')
  if (request.skipSchemaValidation || hasForeignSchema(request.files)) args.push('--skip-schema-validation')
  return args
}

/** A schema that is continued in other files or on other machines is not followed. */
const hasForeignSchema = (files: ChartFiles): boolean =>
  [...files].some(([path, content]) => {
    if (!path.endsWith('values.schema.json')) return false
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
    return /"\$(?:ref|schema|id|dynamicRef|recursiveRef)"\s*:\s*"(?!#|https?:\/\/json-schema\.org\/)/.test(text)
  })

/** A comma in a parameter is one, unless it is a list in braces. */
const escapeParameter = (text: string): string =>
  text.startsWith('{') && text.endsWith('}') ? text : text.replace(/([^\\]|^),/g, '$1\\,')

/** What helm says over several lines, each deeper in its template, as one sentence. */
export const inOneLine = (message: string): string => message.replace(/\s*\n\s*/g, ' ')

/** The lines that say why; helm logs beside them. */
function describeError(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter(line => !/^(?:time=|level=(?:INFO|WARN|DEBUG)|WARNING:|coalesce\.go)/.test(line))
  const first = lines.findIndex(line => line.startsWith('Error: '))
  const text = (first < 0 ? lines : lines.slice(first)).join('\n').replace(/^Error: /, '')
  return text.replace(/\n*Use --debug flag to render out invalid YAML\n*/, '').trim()
}

function readOutput(stdout: string): ChartRendering {
  const objects: ChartObject[] = []
  let template = ''
  for (const chunk of stdout.split(/^---[ \t]*$/m)) {
    const named = /^\s*# Source: [^/\n]+\/(.+)$/m.exec(chunk)?.[1]
    // A chart may print such a line itself.
    if (named && isInside(named.trim())) template = named.trim()
    const { documents, fault } = parseText(chunk, 'rendered')
    if (fault) return { kind: 'error', message: `${template} renders what is not YAML: ${fault.message}` }
    for (const document of documents) {
      for (const object of listObjects(document)) objects.push({ object, template })
    }
  }
  return { kind: 'objects', objects }
}

/** Argo CD applies the items of a list, and passes over documents without a kind. */
function* listObjects(value: Value): Generator<KubernetesObject> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const object = value as unknown as KubernetesObject
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items)) {
    for (const item of object.items as Value[]) yield* listObjects(item)
  } else if (object.kind) yield object
}
