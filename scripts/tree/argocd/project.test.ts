// What a project permits, as Argo CD's own functions decide it.
import { expect, test } from 'vitest'
import {
  isApplicationNamespacePermitted,
  isDestinationPermitted,
  isKindPermitted,
  isSourcePermitted,
} from './project.ts'

const GIT = 'https://git.example/shop/web'

test.each<readonly [repositories: readonly unknown[], url: string, isPermitted: boolean]>([
  [[], GIT, false],
  [['*'], GIT, true],
  [[GIT], `${GIT}.git`, true],
  [['https://git.example/*/web'], GIT, true],
  [['https://git.example/*'], GIT, false],
  [['https://git.example/**'], GIT, true],
  [['*', `!${GIT}`], GIT, false],
  [['*', `!${GIT}.git`], GIT, false],
  [['!https://git.example/other/*'], GIT, true],
  [[`!${GIT}`, '*'], GIT, false],
  [[1, '*'], GIT, true],
])('of %j, %s is permitted: %s', (sourceRepos, url, expected) => {
  expect(isSourcePermitted({ spec: { sourceRepos } }, url)).toBe(expected)
})

const HERE = { server: 'https://here', name: 'here' }

test.each<readonly [destinations: readonly object[], namespace: string, isPermitted: boolean]>([
  [[], 'shop', false],
  [[{ server: '*', namespace: '*' }], 'shop', true],
  [[{ server: 'https://here', namespace: 'shop-*' }], 'shop-dev', true],
  [[{ server: 'https://here', namespace: 'shop-*' }], 'shop', false],
  [[{ name: 'here', namespace: 'shop' }], 'shop', true],
  [[{ name: 'there', namespace: 'shop' }], 'shop', false],
  [
    [
      { server: '*', namespace: '*' },
      { server: '*', namespace: '!shop' },
    ],
    'shop',
    false,
  ],
  [
    [
      { server: '*', namespace: '*' },
      { server: '*', namespace: '!shop' },
    ],
    'other',
    true,
  ],
  [
    [
      { server: '*', namespace: '*' },
      { server: '!https://here', namespace: 'shop' },
    ],
    'shop',
    false,
  ],
  [
    [
      { server: '*', namespace: '*' },
      { server: '!https://here', namespace: 'other' },
    ],
    'shop',
    true,
  ],
  [
    [
      { server: '*', namespace: '*' },
      { name: '!here', namespace: 'other' },
    ],
    'shop',
    false,
  ],
  [
    [
      { server: '*', namespace: '*' },
      { server: 'https://there', namespace: '!shop' },
    ],
    'shop',
    true,
  ],
])('of %j, namespace %s is permitted: %s', (destinations, namespace, expected) => {
  expect(isDestinationPermitted({ spec: { destinations } }, HERE, namespace, [])).toBe(expected)
})

test.each([
  [true, undefined, false],
  [true, 'other', false],
  [true, 'shop', true],
  [false, undefined, true],
])('where only clusters of the project count (%s), one of %s is permitted: %s', (isScoped, project, expected) => {
  const spec = { destinations: [{ server: '*', namespace: '*' }], permitOnlyProjectScopedClusters: isScoped }
  const one = { metadata: { name: 'shop' }, spec }
  const others = { server: 'https://there', name: 'there', project: 'shop' }
  for (const known of [
    { ...HERE, project },
    { server: 'https://here', name: 'otherwise', project },
    { server: 'https://otherwise', name: 'here', project },
  ])
    expect(isDestinationPermitted(one, HERE, 'shop', [others, known])).toBe(expected)
})

const NAMESPACE = { group: '', kind: 'Namespace', name: 'shop' }
const SERVICE = { group: '', kind: 'Service', name: 'web' }

test.each([
  ['a cluster without a list', {}, NAMESPACE, false, false],
  ['a cluster whose list is empty', { clusterResourceWhitelist: [] }, NAMESPACE, false, false],
  ['a listed kind', { clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] }, NAMESPACE, false, true],
  ['another group', { clusterResourceWhitelist: [{ group: 'apps', kind: 'Namespace' }] }, NAMESPACE, false, false],
  ['a pattern', { clusterResourceWhitelist: [{ group: '*', kind: 'Name*' }] }, NAMESPACE, false, true],
  ['a name', { clusterResourceWhitelist: [{ group: '', kind: '*', name: 'shop*' }] }, NAMESPACE, false, true],
  ['another name', { clusterResourceWhitelist: [{ group: '', kind: '*', name: 'team*' }] }, NAMESPACE, false, false],
  ['a namespace without a list', {}, SERVICE, true, true],
  ['a namespace whose list is null', { namespaceResourceWhitelist: null }, SERVICE, true, true],
  ['a namespace whose list is empty', { namespaceResourceWhitelist: [] }, SERVICE, true, false],
  [
    'what is on the other list',
    { namespaceResourceBlacklist: [{ group: '', kind: 'Service', name: 'other' }] },
    SERVICE,
    true,
    false,
  ],
  [
    'what is on both',
    {
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      clusterResourceBlacklist: [{ group: '', kind: 'Namespace' }],
    },
    NAMESPACE,
    false,
    false,
  ],
])('%s', (_, spec, resource, isNamespaced, expected) => {
  expect(isKindPermitted({ spec }, resource, isNamespaced)).toBe(expected)
})

test.each<readonly [patterns: readonly unknown[], namespace: string, isPermitted: boolean]>([
  [[], 'argocd', true],
  [[], '', true],
  [[], 'team', false],
  [['team-*'], 'team-a', true],
  [['team-*'], 'other', false],
  [['/team-[ab]/'], 'my-team-a', true],
  [['/^team-[ab]$/'], 'team-c', false],
  [['/^(?!team)/'], 'other', true],
  [['/^(?!team)/'], 'team-a', false],
  [['/(/'], 'team', false],
  [['/(?<=a)(b+)+$/'], 'team', true],
  [[`/${'a'.repeat(1_001)}/`], 'team', true],
])('of %j, Applications in %s are permitted: %s', (sourceNamespaces, namespace, expected) => {
  expect(isApplicationNamespacePermitted({ spec: { sourceNamespaces } }, namespace, 'argocd')).toBe(expected)
})
