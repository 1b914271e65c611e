// What Argo CD's installation does not fail for.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startApiServer } from '../../../tests/stand-ins/api-server.ts'
import { type Kind, kinds } from '../kube.ts'
import { names, type Tree } from '../manifests.ts'
import { Problem } from '../problem.ts'
import { createProgress } from '../progress.ts'
import { kind } from '../provider/kind.ts'
import type { Run } from '../shell.ts'
import { openStore } from '../state.ts'
import { ensureArgocd } from './install.ts'

test('an image of this machine that the cluster does not take is pulled by the cluster', async () => {
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
      calls.push([program, args.find(argument => argument === 'apply')].join(' '))
      return ''
    },
    { ask: async () => answer },
  )
  const said: string[] = []
  const text = 'image: quay.io/argoproj/argocd:v3.6.1\n'
  const wanted = {
    provider: {
      ...kind,
      load: async () => {
        throw new Problem('content digest sha256:0123: not found')
      },
    },
    run,
    store: openStore(folder, 'test'),
    kube: server.kube,
    tree: { folder } as Tree,
    manifest: { text, sha256: 'a1', file: 'argocd.yaml', source: 'argocd.yaml' },
    name: 'test',
    signal: AbortSignal.timeout(20_000),
    progress: createProgress({ write: line => said.push(line) }),
  }
  const state = { version: 1, name: 'test', provider: 'kind', context: 'test', cluster: 'created' } as const
  expect(await ensureArgocd(wanted, { ...state, argocd: 'none' })).toMatchObject({ argocd: 'installed' })
  expect(calls).toEqual(['kubectl apply', 'kubectl apply'])
  expect(said.join('')).toContain(
    "Argo CD's images could not be loaded, and are pulled by the cluster: content digest sha256:0123: not found",
  )
})
