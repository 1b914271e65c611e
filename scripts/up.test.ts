// What is printed at the end tells what runs, which need not be what is here.
import { expect, test } from 'vitest'
import type { ApplicationStatus } from './cluster/argocd/applications.ts'
import type { UpResult } from './cluster/up/bring-up.ts'
import { describeResult } from './up.ts'

const environment = (name: string, revision: string) => ({
  name,
  namespace: name,
  status: { name, revision, sync: 'Synced', health: 'Healthy' } as ApplicationStatus,
  url: undefined,
  calls: [],
})
const describeRevisions = (...revisions: readonly string[]): string =>
  describeResult({
    state: { cluster: 'found', gitUrl: 'https://git.example.invalid/acme/api.git' },
    kube: { context: 'staging' },
    store: {},
    environments: revisions.map((revision, index) => environment(`env-${index}`, revision)),
    remote: 'none',
    dirty: false,
  } as unknown as UpResult)

test('the commits that Argo CD synced', () => {
  expect(describeRevisions('a'.repeat(40), 'a'.repeat(40))).toContain('aaaaaaaaaaaa runs on staging:')
  expect(describeRevisions('a'.repeat(40), 'b'.repeat(40))).toContain('aaaaaaaaaaaa, bbbbbbbbbbbb run on staging:')
})
