import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findRemoved } from './removed-kinds.ts'
import { findServed, listServed } from './served.ts'
import { modulesFolder, openTestSchemas } from './testing.ts'

const schemas = await openTestSchemas()

test.each([
  ['extensions/v1beta1 Ingress', 'extensions/v1beta1 Ingress was removed in Kubernetes 1.22; use networking.k8s.io/v1'],
  ['apps/v1beta2 Deployment', 'apps/v1beta2 Deployment was removed in Kubernetes 1.16; use apps/v1'],
  ['batch/v1beta1 CronJob', 'batch/v1beta1 CronJob was removed in Kubernetes 1.25; use batch/v1'],
  [
    'policy/v1beta1 PodSecurityPolicy',
    'policy/v1beta1 PodSecurityPolicy was removed in Kubernetes 1.25; nothing replaces it',
  ],
  [
    'autoscaling/v2beta2 HorizontalPodAutoscaler',
    'autoscaling/v2beta2 HorizontalPodAutoscaler was removed in Kubernetes 1.26; use autoscaling/v2',
  ],
  ['apps/v1beta3 Deployment', 'Deployment is served as apps/v1, not as "apps/v1beta3"'],
  ['argoproj.io/v1 Application', 'Application is served as argoproj.io/v1alpha1, not as "argoproj.io/v1"'],
  [
    'autoscaling/v3 HorizontalPodAutoscaler',
    'HorizontalPodAutoscaler is served as autoscaling/v1, autoscaling/v2, not as "autoscaling/v3"',
  ],
  ['v1 Deployment', 'did you mean Deployment (apps/v1)?'],
  ['apps/v1 Deploymnt', 'did you mean Deployment (apps/v1)?'],
  ['apps/v1 deployment', 'did you mean Deployment (apps/v1)?'],
  ['app/v1 Deployment', 'did you mean Deployment (apps/v1)?'],
  ['v1 Event2', 'did you mean Event (v1)?'],
  ['v1 Bar', 'Kubernetes 1.36 has no kind "Bar" in "v1"'],
  [
    'foo/v1 Bar',
    'Kubernetes 1.36 has no API group "foo"; if it is a custom resource, add its CustomResourceDefinition to the tree',
  ],
  [
    'example.com/v1 Frobnicator',
    'no schema is known for "Frobnicator" of "example.com": add its CustomResourceDefinition to the tree',
  ],
])('%s: %s', (words, sentence) => {
  const [apiVersion, kind] = words.split(' ') as [string, string]
  expect(schemas.isKnown({ apiVersion, kind })).toBe(false)
  expect(schemas.scopeOf({ apiVersion, kind })).toBeUndefined()
  expect(schemas.validate({ apiVersion, kind, metadata: { name: 'x' } })).toBeUndefined()
  expect(schemas.explainUnknown({ apiVersion, kind })).toBe(sentence)
})

describe('kinds of older releases', () => {
  const old: { apiVersion: string; kind: string }[] = []
  for (const entry of readdirSync(join(modulesFolder, 'kubernetes-models'), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.js') || entry.parentPath.endsWith('_schemas')) continue
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    const names = text.match(/static\{this\.apiVersion="([^"]+)"\}static\{this\.kind="([^"]+)"\}/)
    const [, apiVersion = '', kind = ''] = names ?? []
    // Lists are taken apart before; the others are parts of other resources.
    if (!names || /List$|^(Scale|Eviction|TokenRequest|DeploymentRollback|ComponentStatus)$/.test(kind)) continue
    if (!findServed({ apiVersion, kind })) old.push({ apiVersion, kind })
  }

  test('the package still has them, nothing accepts them, and each says what to write', () => {
    expect(old.length).toBeGreaterThan(40)
    for (const kind of old) {
      expect(findRemoved(kind), `${kind.apiVersion} ${kind.kind}`).toBeDefined()
      expect(schemas.isKnown(kind)).toBe(false)
    }
  })

  test('what replaces them is served', () => {
    for (const { apiVersion, kind } of old) {
      const replacement = findRemoved({ apiVersion, kind })?.replacement
      if (kind !== 'PodSecurityPolicy') expect(findServed({ apiVersion: replacement ?? '', kind })).toBeDefined()
    }
  })

  test('nothing that is served is called removed', () => {
    for (const kind of listServed()) expect(findRemoved(kind)).toBeUndefined()
  })
})

test.each([
  ['v1', 'Pod', 'Namespaced'],
  ['v1', 'Namespace', 'Cluster'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'Cluster'],
  ['rbac.authorization.k8s.io/v1', 'Role', 'Namespaced'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'Cluster'],
  ['gateway.networking.k8s.io/v1', 'GatewayClass', 'Cluster'],
  ['gateway.networking.k8s.io/v1', 'Gateway', 'Namespaced'],
  ['argoproj.io/v1alpha1', 'Application', 'Namespaced'],
])('%s %s is %s', (apiVersion, kind, scope) => {
  expect(schemas.scopeOf({ apiVersion, kind })).toBe(scope)
})

test('every served kind has a schema that compiles and runs', () => {
  for (const { apiVersion, kind } of listServed()) {
    const faults = schemas.validate({ apiVersion, kind, metadata: { name: 'x' }, ...{ unheardOf: 1 } })
    expect(faults?.map(({ message }) => message)).toContain('unknown field "unheardOf"')
  }
})
