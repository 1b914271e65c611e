// What may be in a namespace without being seen: of what it could bring nobody says that it is not there.
import { expect, test } from 'vitest'
import type { Application, ApplicationSource } from '../argocd/application.ts'
import type { Renderings } from '../engine.ts'
import { renderedResource } from '../model/build.ts'
import { listUnseenBuilds, listUnseenSources } from './unseen.ts'

const resource = renderedResource('apps', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' } as never, 0)

const application = (...states: readonly ApplicationSource['state'][]): Application =>
  ({
    resource: { ...resource, name: 'web' },
    destination: { cluster: 'here', namespace: 'shop' },
    sources: states.map(state => ({ fieldPath: [], state })),
  }) as unknown as Application

const seen = { kind: 'builds', builds: [] } as const

test.each<readonly [what: string, states: readonly ApplicationSource['state'][], isSeen: boolean]>([
  ['all that it brings is rendered', [seen], true],
  ['a folder that is gone', [{ kind: 'missing', reason: 'it does not exist' }], false],
  ['another repository', [{ kind: 'unknown' }], false],
  ['files that are read in part', [{ ...seen, isPartial: true }], false],
  ['one of two sources', [seen, { kind: 'unknown' }], false],
  ['no source at all', [], false],
])('an Application with %s', (_, states, isSeen) => {
  const expected = [{ cluster: 'here', namespace: 'shop', reason: 'Application web brings what is not rendered here' }]
  expect([...listUnseenSources([application(...states)])]).toEqual(isSeen ? [] : expected)
})

function unseenBuilds(
  state: 'failed' | 'refused' | 'partial' | 'built',
  value: Readonly<Record<string, unknown>>,
  destinations: readonly string[],
) {
  const kustomizations = new Map([['web', { value }]])
  const renderings = {
    tree: { graph: { kustomizations, reach: () => [] }, sources: undefined },
    failed: new Map(state === 'failed' ? [['web', {}]] : []),
    refused: new Set(state === 'refused' ? ['web'] : []),
    partial: new Map(state === 'partial' ? [['web', {}]] : []),
  } as unknown as Renderings
  const known = destinations.length ? new Map([['web', new Set(destinations)]]) : new Map()
  return [...listUnseenBuilds(renderings, known)].map(({ namespace, reason }) => `${namespace}: ${reason}`)
}

test.each([
  ['failed', { namespace: 'shop' }, [], ['shop: web is not rendered']],
  ['refused', { namespace: 'shop' }, ['other'], ['shop: web is not rendered']],
  ['partial', { namespace: 'shop' }, [], ['shop: web is rendered in part']],
  ['failed', {}, ['shop', 'more'], ['shop: web is not rendered', 'more: web is not rendered']],
  ['failed', {}, [''], ['undefined: web is not rendered']],
  ['failed', {}, [], ['undefined: web is not rendered']],
  ['built', { namespace: 'shop' }, ['shop'], []],
] as const)('a build that is %s, with %j, synced to %j', (state, value, destinations, expected) => {
  expect(unseenBuilds(state, value, destinations)).toEqual(expected)
})
