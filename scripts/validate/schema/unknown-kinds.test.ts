import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findRemoved } from './removed-kinds.ts'
import { findServed, listServed } from './served.ts'
import { modulesFolder, openTestSchemas } from './testing.ts'

const schemas = await openTestSchemas()

test.each([
  ['extensions/v1beta1 Ingress', 'it was removed in Kubernetes 1.22; use networking.k8s.io/v1'],
  ['apps/v1beta2 Deployment', 'it was removed in Kubernetes 1.16; use apps/v1'],
  ['batch/v1beta1 CronJob', 'it was removed in Kubernetes 1.25; use batch/v1'],
  ['policy/v1beta1 PodSecurityPolicy', 'it was removed in Kubernetes 1.25; nothing replaces it'],
  ['autoscaling/v2beta2 HorizontalPodAutoscaler', 'it was removed in Kubernetes 1.26; use autoscaling/v2'],
  ['apps/v1beta3 Deployment', 'Deployment is served as apps/v1, not as "apps/v1beta3"'],
  ['argoproj.io/v1 Application', 'Application is served as argoproj.io/v1alpha1, not as "argoproj.io/v1"'],
  [
    'autoscaling/v3 HorizontalPodAutoscaler',
    'HorizontalPodAutoscaler is served as autoscaling/v1, autoscaling/v2, not as "autoscaling/v3"',
  ],
  ['v1 Deployment', 'did you mean Deployment (apps/v1)?'],
  ['extensions/v1beta1 StatefulSet', 'did you mean StatefulSet (apps/v1)?'],
  ['apps/v1 Deploymnt', 'did you mean Deployment (apps/v1)?'],
  ['apps/v1 deployment', 'did you mean Deployment (apps/v1)?'],
  ['app/v1 Deployment', 'did you mean Deployment (apps/v1)?'],
  ['service/v1 Service', 'did you mean Service (v1)?'],
  ['networking.k8s.oi/v1 Ingress', 'did you mean Ingress (networking.k8s.io/v1)?'],
  ['argproj.io/v1alpha1 Application', 'did you mean Application (argoproj.io/v1alpha1)?'],
  ['cert-manager.io/v1 Certifcate', 'did you mean Certificate (cert-manager.io/v1)?'],
  ['v1 Event2', 'did you mean Event (v1)?'],
  ['v1 Bar', 'Kubernetes 1.36 has no kind "Bar" in "v1"'],
])('%s is a mistake: %s', (words, reason) => {
  const [apiVersion, kind] = words.split(' ') as [string, string]
  expect(schemas.isKnown({ apiVersion, kind })).toBe(false)
  expect(schemas.scopeOf({ apiVersion, kind })).toBeUndefined()
  expect(schemas.validate({ apiVersion, kind, metadata: { name: 'x' } })).toBeUndefined()
  expect(schemas.explainUnknown({ apiVersion, kind })).toMatchObject({ isMistake: true, reason })
})

// Other groups have kinds of the same name, and kinds that are called alike.
test.each([
  ['0.1.0 ksonnet.io/app', 'a kind of another program'],
  ['foo/v1 Bar', 'its definition is not in the tree'],
  ['databases.example.org/v1 Cluster', 'its definition is not in the tree'],
  ['gateway.example.org/v1 Gateway', 'its definition is not in the tree'],
  ['serving.example.dev/v1 Service', 'its definition is not in the tree'],
  ['autoscaling.example.io/v1 HorizontalPodAutoscalr', 'its definition is not in the tree'],
  ['app.k8s.io/v1beta1 Application', 'its definition is not in the tree'],
  ['snapshot.storage.k8s.io/v1 VolumeSnapshot', 'its definition is not in the tree'],
  ['argoproj.io/v1alpha1 EventSource', 'its definition is not in the tree'],
  ['azmonitoring.coreos.com/v1 ServiceMonitor', 'its definition is not in the tree'],
  ['cert-manager.io/v1 Frobnicator', 'its definition is not in the tree'],
  ['cert-manager.io/v1alpha2 Certificate', 'cert-manager v1.20.2 has it as cert-manager.io/v1'],
])('%s may well be there: %s', (words, reason) => {
  const [apiVersion, kind] = words.split(' ') as [string, string]
  expect(schemas.isKnown({ apiVersion, kind })).toBe(false)
  expect(schemas.explainUnknown({ apiVersion, kind })).toEqual({ isMistake: false, reason })
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
    expect(faults?.map(({ message }) => message.replace(/ \(.*\)$/, ''))).toContain('unknown field "unheardOf"')
  }
})
