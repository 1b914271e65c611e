// What npm run diff says of a change is what a real API server says of it: every pair, applied and then tried. Asks the cluster
// of DIFF_KUBECONFIG and no other; without it nothing is asked.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupOf } from '../../scripts/tree/model/build.ts'
import type { KubernetesObject } from '../../scripts/tree/model/resource.ts'
import { compareAnswers, readPairs } from '../server-diff.ts'

const KUBECONFIG = process.env.DIFF_KUBECONFIG
const NAMESPACE = 'server-diff'
const APPLY = [
  'apply',
  '--server-side',
  '--force-conflicts',
  '--field-manager=argocd-controller',
  '-f',
  '-',
  '-o',
  'json',
]

const kubectl = (args: readonly string[], object?: KubernetesObject): string =>
  execFileSync('kubectl', ['--namespace', NAMESPACE, ...args], {
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG },
    ...(object && { input: JSON.stringify(object) }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })

/** A kind as kubectl takes it with its version, since a server answers in any version that it serves. */
const nameKind = ({ apiVersion, kind }: KubernetesObject): string => {
  const group = groupOf(apiVersion)
  return group === '' ? kind : `${kind}.${apiVersion.slice(group.length + 1)}.${group}`
}

describe.skipIf(KUBECONFIG === undefined)('as the server sees it', () => {
  beforeAll(() => void kubectl(['create', 'namespace', NAMESPACE]))
  afterAll(() => void kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']))

  test.each(readPairs())('$name', pair => {
    const name = pair.base.metadata?.name ?? ''
    kubectl(APPLY, pair.base)
    try {
      const live = JSON.parse(kubectl(['get', nameKind(pair.head), name, '-o', 'json'])) as unknown
      const applied = JSON.parse(kubectl([...APPLY, '--dry-run=server'], pair.head)) as unknown
      expect(compareAnswers(pair, live, applied)).toEqual([])
    } finally {
      kubectl(['delete', nameKind(pair.base), name, '--wait=false', '--grace-period=0', '--force'])
    }
  })
})
