// Renders one root with the real kustomize, in a child that has no network, no home and a bounded life.
import { type Bounds, runBounded } from '../../bounded-process.ts'
import type { KubernetesObject, Value } from '../../model/resource.ts'
import { LIMITS } from '../../source/limits.ts'
import { parseText } from '../../source/yaml/parse.ts'
import type { Kustomize } from './binary.ts'

export type Rendering = { readonly resources: readonly KubernetesObject[] } | { readonly error: string }

/** Resolves to the resources, or to what kustomize said; rejects only when kustomize cannot be started. */
export async function render(kustomize: Kustomize, folder: string, home: string): Promise<Rendering> {
  await kustomize.ready?.()
  const { code, stdout, stderr, overrun } = await runBounded(
    kustomize.command,
    [...kustomize.arguments, folder],
    {
      cwd: home,
      // No PATH: there is no git to fetch with. The collector runs late, which saves a sixth of the time.
      env: { HOME: home, XDG_CONFIG_HOME: home, KUSTOMIZE_PLUGIN_HOME: home, GOGC: '400', GOMEMLIMIT: '1GiB' },
    },
    BOUNDS,
  )
  if (overrun) return { error: overrun.replace(/^it /, 'the build ') }
  if (code !== 0) return { error: withoutWarnings(stderr) || `kustomize ended with code ${code}` }
  const { documents, fault } = parseText(stdout, 'rendered')
  if (fault) return { error: `kustomize printed what cannot be read: ${fault.message}` }
  return { resources: documents.filter(isObject).map(nameKind) }
}

/** What one build may cost; a large tree takes 0.4 GB, and the program itself reserves 0.9 GB of addresses. */
const BOUNDS: Bounds = {
  milliseconds: LIMITS.renderMilliseconds,
  cpuSeconds: 120,
  megabytes: 4_096,
  outputBytes: LIMITS.renderBytes,
}

function isObject(value: Value): value is KubernetesObject & Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** kustomize lets an object go without apiVersion, and a patch may take its kind: both are texts for all who read on. */
function nameKind(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind } = object as { readonly apiVersion?: unknown; readonly kind?: unknown }
  if (typeof apiVersion === 'string' && typeof kind === 'string') return object
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return { ...object, apiVersion: text(apiVersion), kind: text(kind) }
}

/** Old fields work, and it logs vars that nothing names, with the time: kustomize says so before it says what does not. */
const withoutWarnings = (stderr: string): string =>
  stderr.replace(/^(?:# Warning: |[IW]\d{4} [\d:.]+\s+\d+ [\w.-]+:\d+\] ).*$\n?/gm, '').trim()
