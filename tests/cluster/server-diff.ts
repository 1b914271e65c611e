// What npm run diff says of a change is what kubectl diff --server-side says of it, on a cluster that other tests have made.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { groupOf } from '../../scripts/tree/model/build.ts'
import type { KubernetesObject } from '../../scripts/tree/model/resource.ts'
import { compareAnswers, readPairs } from '../server-diff.ts'

/** How a cluster is reached; asked for when the tests start. */
export interface Reach {
  readonly env: NodeJS.ProcessEnv
  /** As `--kubeconfig` and `--context`. */
  readonly options: readonly string[]
}

const SERVER_SIDE = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller', '--filename=-']

const pairs = readPairs()

/** Each pair has a namespace of its own, since most objects have one name. */
const nameSpace = (index: number): string => `server-diff-${index}`

/** Nothing is to run there: what is compared are objects. */
const makeSpace = (index: number): readonly unknown[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameSpace(index), labels: { tests: 'server-diff' } } },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'no-pods', namespace: nameSpace(index) },
    spec: { hard: { pods: '0' } },
  },
]

const place = (object: KubernetesObject, index: number): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: nameSpace(index) },
})

const list = (items: readonly unknown[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

/** As kubectl diff calls the file of an object, once without its namespace: what stands in none has none there. */
function nameFiles({ apiVersion, kind, metadata }: KubernetesObject, index: number): readonly string[] {
  const group = groupOf(apiVersion)
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1)
  const start = [...(group === '' ? [] : [group]), version, kind].join('.')
  return [`${start}.${nameSpace(index)}.${metadata?.name}`, `${start}..${metadata?.name}`]
}

/** All pairs at once: kubectl writes each object as it is, and as it would be, into two folders for the program that compares. */
function askServer({ env, options }: Reach, folder: string): void {
  const kubectl = (args: readonly string[], input: string): void =>
    void execFileSync('kubectl', [...options, ...args], { env, input, stdio: ['pipe', 'ignore', 'pipe'] })
  kubectl(['apply', ...SERVER_SIDE], list(pairs.flatMap((_, index) => makeSpace(index))))
  kubectl(['apply', ...SERVER_SIDE], list(pairs.map(({ base }, index) => place(base, index))))
  const program = join(folder, 'keep')
  mkdirSync(join(folder, 'kept'))
  const script = `#!/bin/sh\n/bin/cp -r "$1" ${folder}/kept/live\n/bin/cp -r "$2" ${folder}/kept/merged\nexit 1\n`
  writeFileSync(program, script, { mode: 0o755 })
  const { status, stderr } = spawnSync('kubectl', [...options, 'diff', ...SERVER_SIDE], {
    env: { ...env, KUBECTL_EXTERNAL_DIFF: program },
    encoding: 'utf8',
    input: list(pairs.map(({ head }, index) => place(head, index))),
  })
  // 1: there are differences. Above: it could not be asked.
  expect({ status, stderr: status === 1 ? '' : stderr }).toEqual({ status: 1, stderr: '' })
}

function removeAll({ env, options }: Reach): void {
  const remove = (...args: readonly string[]) =>
    spawnSync('kubectl', [...options, 'delete', '--wait=false', '--ignore-not-found', ...args], { env })
  for (const { base } of pairs) {
    const group = groupOf(base.apiVersion)
    const kind = group === '' ? base.kind : `${base.kind}.${base.apiVersion.slice(group.length + 1)}.${group}`
    if (CLUSTER_KINDS.has(base.kind)) remove(kind, base.metadata?.name ?? '')
  }
  remove('namespaces', '--selector=tests=server-diff')
}

/** Of the pairs: they go with no namespace. */
const CLUSTER_KINDS = new Set([
  'StorageClass',
  'PriorityClass',
  'ValidatingWebhookConfiguration',
  'PersistentVolume',
  'ClusterRole',
  'CustomResourceDefinition',
])

export function testServerDiff(open: () => Reach): void {
  describe('npm run diff, as the server sees it', () => {
    let folder: string
    let reach: Reach
    const read = (side: string, index: number): unknown => {
      const names = readdirSync(join(folder, 'kept', side))
      const wanted = nameFiles(pairs[index]?.head as KubernetesObject, index)
      const name = names.find(one => wanted.includes(one))
      expect(name, `${wanted.join(' or ')} among ${side}`).toBeDefined()
      return parse(readFileSync(join(folder, 'kept', side, name ?? ''), 'utf8'))
    }
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'server-diff-'))
      reach = open()
      askServer(reach, folder)
    }, 5 * 60_000)
    afterAll(() => {
      removeAll(reach)
      rmSync(folder, { recursive: true, force: true })
    }, 5 * 60_000)

    test.each(pairs.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
      const pair = pairs[index] as (typeof pairs)[number]
      expect(compareAnswers(pair, read('live', index), read('merged', index))).toEqual([])
    })
  })
}
