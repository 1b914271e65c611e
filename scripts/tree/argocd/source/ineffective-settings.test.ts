// Settings that change nothing of what a folder renders anyway.
import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../model/resource.ts'
import { readYaml } from '../applicationset/read-yaml.ts'
import { findIneffective, listImages } from './ineffective-settings.ts'

const WEB = readYaml(`{
  apiVersion: apps/v1, kind: Deployment,
  metadata: { name: web, labels: { app: web }, annotations: { owner: shop } },
  spec: { replicas: 3, template: { spec: {
    initContainers: [{ name: init, image: "shop:5000/init:v1" }],
    containers: [{ name: web, image: "web:v1" }, { name: proxy, image: "proxy:v1@sha256:a" }, { name: none }] } } } }
`) as KubernetesObject

const find = (settings: string, plain: readonly KubernetesObject[] = [WEB]): readonly string[] =>
  [...findIneffective(readYaml(`{ ${settings} }`), plain)].map(
    ({ fieldPath, values }) => `${fieldPath.join('.')}: ${values.join(' ')}`,
  )

test.each<readonly [settings: string, expected: readonly string[]]>([
  ['images: ["web:v2"]', []],
  ['images: ["web:v1"]', ['images.0: same-image web:v1']],
  ['images: ["web=*:v1"]', ['images.0: same-image web=*:v1']],
  ['images: ["web=web:*"]', ['images.0: same-image web=web:*']],
  ['images: ["web=shop/web"]', []],
  ['images: ["shop:5000/init:v1"]', ['images.0: same-image shop:5000/init:v1']],
  ['images: ["proxy@sha256:a"]', ['images.0: same-image proxy@sha256:a']],
  ['images: ["proxy@sha256:b"]', []],
  ['images: ["proxy:v1"]', []],
  ['images: ["wbe:v2"]', ['images.0: fits-nothing wbe:v2']],
  ['images: ["we*:v2"]', []],
  ['images: [1]', []],
  ['replicas: [{ name: web, count: 3 }]', ['replicas.0: same-count web']],
  ['replicas: [{ name: web, count: "3" }]', ['replicas.0: same-count web']],
  ['replicas: [{ name: web, count: 4 }]', []],
  ['replicas: [{ name: other, count: 3 }]', []],
  ...[
    'kind: Deployment',
    'kind: Deploy.*, name: web|api',
    'group: apps, version: v1',
    'namespace: default',
    'labelSelector: app=web',
    'labelSelector: "app in (web)"',
    'annotationSelector: owner==shop',
    'name: "("',
    'name: ""',
  ].map(target => [`patches: [{ target: { ${target} } }]`, []] as const),
  ...[
    'kind: Deploy',
    'group: batch',
    'version: v2',
    'name: we',
    'namespace: shop',
    'labelSelector: "app=web,tier=front"',
    'annotationSelector: owner=other',
  ].map(target => [`patches: [{ target: { ${target} } }]`, ['patches.0.target: fits-nothing']] as const),
  ['patches: [{ patch: a }]', []],
])('%s', (settings, expected) => {
  expect(find(settings)).toEqual(expected)
})

test('of a folder that renders nothing no patch is said to fit nothing', () => {
  expect(find('patches: [{ target: { kind: Service } }]', [])).toEqual([])
  expect(find('images: ["web:v1"]', [])).toEqual(['images.0: fits-nothing web:v1'])
})

test('images are those of containers, wherever they stand', () => {
  expect([...listImages([{ image: 'no' }, WEB])]).toEqual(['shop:5000/init:v1', 'web:v1', 'proxy:v1@sha256:a'])
})
