// What Argo CD's installation does not fail for, and what it leaves alone and behind on a cluster of somebody else.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startApiServer } from '../../../tests/stand-ins/api-server.ts'
import { type Kind, kinds } from '../kube/kube.ts'
import { names, type DesiredState } from '../desired-state.ts'
import { Problem } from '../../command/problem.ts'
import { createProgress } from '../../command/progress.ts'
import { existing } from '../provider/existing.ts'
import { kind } from '../provider/kind.ts'
import type { Provider } from '../provider/provider.ts'
import type { Run } from '../shell.ts'
import { openStore } from '../state/state.ts'
import { ensureArgocd } from './install.ts'
import { listApplied } from './manifest.ts'

const text = 'image: quay.io/argoproj/argocd:v3.6.1\n'
const state = { version: 1, name: 'test', context: 'test', argocd: 'none' } as const

/** A cluster on which Argo CD is ready as soon as it is installed, what kubectl was called with, and what was said. */
async function prepare(provider: Provider) {
  const folder = mkdtempSync(join(tmpdir(), 'install-'))
  const server = await startApiServer()
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const ready = ({ apiVersion, kind: name }: Kind) => ({
    apiVersion,
    kind: name,
    metadata: { name: 'argocd', namespace: names.namespace, generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 },
  })
  for (const workload of [kinds.statefulSet, kinds.deployment]) server.put(workload, ready(workload))
  const calls: string[] = []
  const answer = { ok: true, stdout: '', stderr: '', exitCode: 0 }
  const run: Run = Object.assign(
    async (program: string, args: readonly string[]) => {
      calls.push([program, args.find(argument => argument === 'apply'), args.at(-1)].join(' '))
      return ''
    },
    { ask: async () => answer },
  )
  const said: string[] = []
  const wanted = {
    provider,
    run,
    store: openStore(folder, 'test'),
    kube: server.kube,
    tree: { folder: '/tree' } as DesiredState,
    manifest: { text, sha256: 'a1'.repeat(32), file: 'argocd.yaml', source: 'argocd.yaml' },
    name: 'test',
    signal: AbortSignal.timeout(20_000),
    progress: createProgress({ write: line => said.push(line) }),
  }
  return { wanted, server, calls, said }
}

test('an image of this machine that the cluster does not take is pulled by the cluster', async () => {
  const load = async () => {
    throw new Problem('content digest sha256:0123: not found')
  }
  const { wanted, calls, said } = await prepare({ ...kind, load })
  const made = await ensureArgocd(wanted, { ...state, provider: 'kind', cluster: 'created' })
  expect(made).toMatchObject({ argocd: 'installed' })
  expect(calls).toEqual(['kubectl apply /tree/argocd/install/namespace.yaml', 'kubectl apply argocd.yaml'])
  expect(said.join('')).toContain(
    "Argo CD's images could not be loaded, and are pulled by the cluster: content digest sha256:0123: not found",
  )
  expect(listApplied(wanted.store.folder)).toEqual([])
})

test('on a cluster of somebody else, what is applied is kept for down; an older one too', async () => {
  const { wanted, calls } = await prepare(existing)
  const first = await ensureArgocd(wanted, { ...state, provider: 'existing', cluster: 'found' })
  expect(first.made).toEqual([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } }])
  expect(calls).toEqual(['kubectl apply /tree/argocd/install/namespace.yaml', 'kubectl apply argocd.yaml'])
  await ensureArgocd({ ...wanted, manifest: { ...wanted.manifest, sha256: 'b2'.repeat(32) } }, first)
  const kept = listApplied(wanted.store.folder)
  expect(kept.map(file => basename(file))).toEqual(['argocd-a1a1a1a1a1a1a1a1.yaml', 'argocd-b2b2b2b2b2b2b2b2.yaml'])
  expect(readFileSync(kept[0] ?? '', 'utf8')).toBe(text)
})

test('a namespace that was there before keeps the labels of its owner', async () => {
  const { wanted, server, calls } = await prepare(existing)
  server.put(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  const { made } = await ensureArgocd(wanted, { ...state, provider: 'existing', cluster: 'found' })
  expect(made).toEqual([])
  expect(calls).toEqual(['kubectl apply argocd.yaml'])
})
