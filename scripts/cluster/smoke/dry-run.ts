// Asks a real API server whether it would accept every manifest of a commit, without making anything of it.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { kubectlArgs } from '../kube/kube.ts'
import { selectCrds } from '../argocd/manifest.ts'
import { type Kube, type KubeObject, kinds } from '../kube/kube.ts'
import { renderAll, type DesiredState } from '../desired-state.ts'
import { Problem } from '../../command/problem.ts'
import { conditionsOf } from '../kube/rollout.ts'
import type { Run } from '../shell.ts'
import { watchUntil } from '../kube/watch.ts'

/** What a dry run needs to be there for real: namespaces, and the kinds of Argo CD. */
export async function prepare(
  run: Run,
  kube: Kube,
  kubeconfig: string,
  tree: DesiredState,
  argocdManifest: string,
  signal: AbortSignal,
): Promise<void> {
  const apply = [...kubectlArgs(kube, kubeconfig), 'apply', '--server-side', '-f']
  await run('kubectl', [...apply, join(tree.folder, 'argocd/install/namespace.yaml')])
  await run('kubectl', [...apply, '-'], { input: selectCrds(argocdManifest) })
  const rendered = await renderAll(
    tree.folder,
    tree.environments.map(({ path }) => path),
  )
  const namespaces = [...rendered.values()].flat().filter(({ kind }) => kind === 'Namespace')
  await run('kubectl', [...apply, '-'], { input: toList(namespaces) })
  await watchUntil(
    kube,
    { kind: kinds.crd },
    { timeout: 30_000, signal, unmet: 'the CRDs were not established' },
    crds =>
      crds.length > 0 &&
      crds.every(crd => conditionsOf(crd).some(({ type, status }) => type === 'Established' && status === 'True'))
        ? true
        : undefined,
  )
}

export interface DryRun {
  readonly dryRuns: readonly string[]
  /** `components/examples/monitoring: PodMonitor`: kinds that this cluster does not know. */
  readonly unchecked: readonly string[]
  /** `overlays/dev: Warning: ...`: what the API server accepts and finds fault with. */
  readonly warnings: readonly string[]
}

/** Every overlay, the Applications, the projects and each component's example; all faults at once. */
export async function dryRunAll(
  run: Run,
  kube: Kube,
  kubeconfig: string,
  tree: DesiredState,
  namespace: string,
): Promise<DryRun> {
  const target = kubectlArgs(kube, kubeconfig)
  const served = new Set((await run('kubectl', [...target, 'api-versions'])).split('\n'))
  const folders = [...tree.environments.map(({ path }) => path), 'apps', 'argocd', ...listExamples(tree.folder)]
  const rendered = await renderAll(tree.folder, folders)
  const unchecked: string[] = []
  const warnings: string[] = []
  const faults: string[] = []
  await Promise.all(
    folders.map(async folder => {
      const objects = rendered.get(folder) ?? []
      const known = objects.filter(({ apiVersion }) => served.has(apiVersion))
      for (const { kind } of objects.filter(object => !known.includes(object))) unchecked.push(`${folder}: ${kind}`)
      // Most examples are a base without a namespace: judged in that of dev, its quota and pod security apply.
      const hasPlace = objects.some(({ metadata }) => metadata.namespace !== undefined)
      const inside = hasPlace ? [] : ['--namespace', namespace]
      const args = [...target, 'apply', '--server-side', '--dry-run=server', '--force-conflicts', ...inside, '-f', '-']
      const result = await run.ask('kubectl', args, { input: toList(known), timeout: 60_000 })
      if (!result.ok) faults.push(`${folder}: ${result.stderr.trim()}`)
      for (const line of readWarnings(result.stderr)) warnings.push(`${folder}: ${line}`)
    }),
  )
  if (faults.length > 0) {
    throw new Problem(`the API server refuses ${faults.length} of ${folders.length} folders`, {
      details: faults.sort().join('\n'),
    })
  }
  return { dryRuns: folders, unchecked: unchecked.sort(), warnings: warnings.sort() }
}

/** What the API server says of a manifest. kubectl also says of an object that it was applied in another way before. */
function readWarnings(stderr: string): readonly string[] {
  const ofKubectl = 'Warning: failed to migrate kubectl.kubernetes.io/last-applied-configuration'
  return stderr.split('\n').filter(line => line.startsWith('Warning:') && !line.startsWith(ofKubectl))
}

function listExamples(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return found.filter(path => /^components[/\\]examples[/\\][^/\\]+$/.test(path)).sort()
}

function toList(items: readonly KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}
