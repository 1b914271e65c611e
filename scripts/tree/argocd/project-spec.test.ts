// What argocd-server refuses of a project. From Git it is taken as it is, so that nobody else says so.
import { expect, test } from 'vitest'
import { readYaml } from './applicationset/read-yaml.ts'
import { checkProject } from './project-spec.ts'

const check = (spec: string): readonly string[] =>
  [...checkProject(readYaml(`{ metadata: { name: shop }, spec: { ${spec} } }`))].map(
    ({ fieldPath, values }) => `${fieldPath.slice(1).join('.')}: ${values.join(' ')}`,
  )

const WINDOW = 'kind: allow, schedule: "0 22 * * *", duration: 1h, applications: ["*"]'
const role = (fields: string): string => `roles: [{ name: deployer, ${fields} }]`
const grant = (policy: string): string => role(`policies: ["${policy}"]`)
const P = 'p, proj:shop:deployer, applications, sync, shop/*, allow'

test.each<readonly [spec: string, expected: readonly string[]]>([
  ['destinations: [{ server: a, namespace: b }, { server: a, namespace: c }]', []],
  [
    'destinations: [{ server: a, namespace: b }, { server: a, namespace: b }]',
    ['destinations.1: repeated-destination a/b'],
  ],
  ['destinations: [{ name: a, namespace: b }, { name: c, namespace: b }]', []],
  ['destinations: [{ name: a, namespace: "!*" }]', ['destinations.0.namespace: denied-everything']],
  ['sourceRepos: [a, b, a]', ['sourceRepos.2: repeated-entry a']],
  ['sourceRepos: ["!*"]', ['sourceRepos.0: denied-everything']],
  ['sourceNamespaces: [a, a]', ['sourceNamespaces.1: repeated-entry a']],
  ['roles: [{ name: a }, { name: b }, { name: a }]', ['roles.2.name: repeated-role a']],
  ['roles: [{ name: a- }]', ['roles.0.name: odd-role a-']],
  ['roles: [{ description: none }]', []],
  [grant(P), []],
  [role(`policies: ["${P}", "${P}"]`), [`roles.0.policies.1: odd-policy ${P}`]],
  ...[
    'p, proj:shop:deployer, applications, sync, shop/*',
    P.replace('p,', 'g,'),
    P.replace('proj:shop', 'proj:other'),
    P.replace('applications', 'projects'),
    P.replace('sync', 'synk'),
    P.replace('shop/*', 'other/*'),
    P.replace('shop/*', 'shop/a b'),
    P.replace('allow', 'yes'),
  ].map(policy => [grant(policy), [`roles.0.policies.0: odd-policy ${policy}`]] as const),
  [grant(P.replace('sync', 'action/apps/*')), []],
  [grant(P.replace('shop/*', 'shop/team/*')), []],
  [grant(P.replace('allow', 'deny')), []],
  [role('groups: [team, "\'a,b\'"]'), ["roles.0.groups.1: odd-group 'a,b'"]],
  [role('groups: [team, team]'), ['roles.0.groups.1: odd-group team']],
  [role(`groups: ['"a,b"', '']`), ['roles.0.groups.1: odd-group ']],
  [role('groups: ["a\\tb", " a"]'), ['roles.0.groups.0: odd-group a\tb', 'roles.0.groups.1: odd-group  a']],
  [`syncWindows: [{ ${WINDOW} }]`, []],
  [`syncWindows: [{ ${WINDOW} }, { ${WINDOW} }]`, ['syncWindows.1: repeated-window']],
  [`syncWindows: [{ ${WINDOW} }, { ${WINDOW}, andOperator: true }]`, []],
  [`syncWindows: [{ ${WINDOW.replace('allow', 'permit')} }]`, ['syncWindows.0.kind: odd-kind permit']],
  [`syncWindows: [{ ${WINDOW.replace('22', '25')} }]`, ['syncWindows.0.schedule: odd-schedule 0 25 * * *']],
  [`syncWindows: [{ ${WINDOW.replace('1h', '1d')} }]`, ['syncWindows.0.duration: unreadable-span 1d']],
  [`syncWindows: [{ ${WINDOW}, timeZone: Europe/Berlin }]`, []],
  [`syncWindows: [{ ${WINDOW}, timeZone: Berlin }]`, ['syncWindows.0.timeZone: unknown-zone Berlin']],
  [`syncWindows: [{ ${WINDOW}, description: a${'ä'.repeat(127)} }]`, []],
  ['syncWindows: [null, later]', []],
  [`syncWindows: [{ ${WINDOW}, description: ${'ä'.repeat(128)} }]`, ['syncWindows.0.description: long-description']],
  [`syncWindows: [{ ${WINDOW.replace('["*"]', '[]')} }]`, ['syncWindows.0: window-without-scope']],
  [`syncWindows: [{ ${WINDOW.replace('["*"]', 'null')}, clusters: [a] }]`, []],
  ['destinationServiceAccounts: [{ server: "*", namespace: a, defaultServiceAccount: "team:sync" }]', []],
  [
    'destinationServiceAccounts: [{ server: "!a", namespace: "[", defaultServiceAccount: " " }]',
    [
      'destinationServiceAccounts.0.server: denied-pattern !a',
      'destinationServiceAccounts.0.namespace: odd-pattern [',
      'destinationServiceAccounts.0.defaultServiceAccount: odd-account  ',
    ],
  ],
  [
    'destinationServiceAccounts: [{ server: a, defaultServiceAccount: "s*" }, { server: a }]',
    [
      'destinationServiceAccounts.0.defaultServiceAccount: odd-account s*',
      'destinationServiceAccounts.1: repeated-destination a/',
    ],
  ],
])('%s', (spec, expected) => {
  expect(check(spec)).toEqual(expected)
})
