// When Argo CD applies a resource, and what of that is written in vain.
import { expect, test } from 'vitest'
import { checkHooks, checkTracking, checkWave, isTracked, readHooks, readWave } from './phases.ts'

const annotated = (annotations: Readonly<Record<string, unknown>>): unknown => ({ metadata: { annotations } })
const HOOK = 'argocd.argoproj.io/hook'
const POLICY = 'argocd.argoproj.io/hook-delete-policy'
const HELM = 'helm.sh/hook'

test.each([
  [{}, undefined, []],
  [{ [HOOK]: 'PreSync' }, ['PreSync'], []],
  [{ [HOOK]: 'PreSync, PostSync' }, ['PreSync', 'PostSync'], []],
  [{ [HOOK]: 'Skip' }, undefined, []],
  [{ [HOOK]: 'Skip,Sync' }, ['Sync'], []],
  [{ [HOOK]: '' }, [], ['hook-without-phase']],
  [{ [HOOK]: 'PreSyn' }, [], ['unknown-hook PreSyn']],
  [{ [HOOK]: 'Sync,Later,Never' }, ['Sync'], ['unknown-hook Later', 'unknown-hook Never']],
  [{ [HELM]: 'pre-install,post-upgrade' }, ['PreSync', 'PostSync'], []],
  [{ [HELM]: 'test' }, [], ['hook-of-helm test']],
  [{ [HELM]: 'crd-install' }, undefined, []],
  [{ [HOOK]: 'Later', [HELM]: 'pre-delete' }, ['PreDelete'], ['unknown-hook Later']],
  [{ [HOOK]: 'Sync', [HELM]: 'post-delete' }, ['Sync'], []],
  [{ [POLICY]: 'HookSucceeded' }, undefined, ['policy-without-hook']],
  [{ [HOOK]: 'Sync', [POLICY]: 'HookSucceeded,BeforeHookCreation' }, ['Sync'], []],
  [{ [HOOK]: 'Sync', [POLICY]: 'HookSucceeded,Never' }, ['Sync'], ['unknown-delete-policy Never']],
])('%j', (annotations, phases, faults) => {
  expect(readHooks(annotated(annotations))).toEqual(phases)
  expect([...checkHooks(annotated(annotations))].map(({ values }) => values.join(' '))).toEqual(faults)
})

test.each([
  [{ [HOOK]: 'PreSyn' }, 'so the resource is never applied; did you mean PreSync?'],
  [{ [HOOK]: 'Sync', [POLICY]: 'hook-succeeded' }, 'counts as BeforeHookCreation; did you mean HookSucceeded?'],
])('%j says what comes of it', (annotations, words) => {
  expect([...checkHooks(annotated(annotations))].map(({ message }) => message)).toEqual([
    expect.stringContaining(words),
  ])
})

test.each([
  [{}, 0, false],
  [{ 'argocd.argoproj.io/sync-wave': '-5' }, -5, false],
  [{ 'argocd.argoproj.io/sync-wave': '+5' }, 5, false],
  [{ 'argocd.argoproj.io/sync-wave': '1.5' }, 0, true],
  [{ 'argocd.argoproj.io/sync-wave': '' }, 0, true],
  [{ 'argocd.argoproj.io/sync-wave': null }, 0, true],
  [{ 'argocd.argoproj.io/sync-wave': 3 }, 0, false],
  [{ 'argocd.argoproj.io/sync-wave': 'x', 'helm.sh/hook-weight': '7' }, 7, true],
  [{ 'argocd.argoproj.io/sync-wave': '2', 'helm.sh/hook-weight': '7' }, 2, false],
  [{ 'argocd.argoproj.io/sync-wave': '9223372036854775807' }, 2 ** 63, false],
  [{ 'argocd.argoproj.io/sync-wave': '9223372036854775808' }, 0, true],
  [{ 'argocd.argoproj.io/sync-wave': '-9223372036854775808' }, -(2 ** 63), false],
])('the wave of %j is %d', (annotations, wave, isOdd) => {
  expect(readWave(annotated(annotations))).toBe(wave)
  expect([...checkWave(annotated(annotations))].map(({ values }) => values[0])).toEqual(isOdd ? ['odd-wave'] : [])
})

test.each([
  [{}, 'web:/Service:shop/web', false, 0],
  [{ 'argocd.argoproj.io/tracking-id': 'other' }, 'web:/Service:shop/web', true, 1],
  [{ 'argocd.argoproj.io/tracking-id': 'web:/Service:shop/web' }, 'web:/Service:shop/web', true, 0],
  [{ 'argocd.argoproj.io/tracking-id': 'other' }, undefined, true, 0],
])('%j, tracked as %s', (annotations, expected, tracked, faults) => {
  expect(isTracked(annotated(annotations))).toBe(tracked)
  expect([...checkTracking(annotated(annotations), expected)]).toHaveLength(faults)
})
