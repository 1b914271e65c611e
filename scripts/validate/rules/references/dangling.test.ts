// What is said of a reference to what is not there: nothing, a warning or an error; and where it stands.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../../../tree/model/build.ts'
import { type FieldPath, isResourcePlace } from '../../../tree/model/place.ts'
import { Elsewhere } from '../../../tree/model/references/elsewhere.ts'
import { ResourceIndex } from '../../../tree/model/resource-index.ts'
import { findDangling, isTo } from './dangling.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const make = (kind: string, name: string, more = {}, namespace: string | undefined = 'shop', apiVersion = 'v1') => ({
  ...renderedResource('web', { apiVersion, kind, metadata: { name }, ...more }, 0),
  namespace,
})
const pod = (spec: object, namespace?: string): Resource => make('Pod', 'web', { spec }, namespace)
const reading = (name: string, more = {}, key = 'mode'): object => ({
  containers: [{ name: 'a', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name, key, ...more } } }] }],
})
const mounting = (secretName: string): object => ({ volumes: [{ name: 'v', secret: { secretName } }] })

function find(
  from: Resource,
  others: readonly Resource[] = [],
  { isSynced = true, isSound = (_: Resource, __: FieldPath): boolean => true } = {},
) {
  const elsewhere = new Elsewhere([], [], new Set(isSynced ? ['web'] : []))
  const index = new ResourceIndex([from, ...others], [], elsewhere)
  return [...findDangling({ resource: from, index, isSound }, () => true)].map(
    ({ message, severity, places }) =>
      `${severity ?? 'error'} ${message} at ${places.map(place => `${isResourcePlace(place) ? place.resource.kind : ''} ${place.fieldPath.join('.')}`).join(', ')}`,
  )
}

const SETTINGS = make('ConfigMap', 'settings', { data: { mode: 'fast', level: 'info' } })
const AT = 'spec.containers.0.env.0.valueFrom.configMapKeyRef'

test.each<readonly [what: string, found: readonly string[], expected: readonly string[]]>([
  ['what is there', find(pod(reading('settings')), [SETTINGS]), []],
  [
    'what Argo CD would have brought',
    find(pod(reading('gone'))),
    [`error there is no ConfigMap gone at Pod ${AT}.name`],
  ],
  [
    'what somebody may have made by hand',
    find(pod(reading('gone')), [], { isSynced: false }),
    [`warning there is no ConfigMap gone among the manifests at Pod ${AT}.name`],
  ],
  ['what may be absent', find(pod(reading('gone', { optional: true }))), []],
  [
    'what may be absent, and is a slip',
    find(pod(reading('setings', { optional: true })), [SETTINGS]),
    [`warning there is no ConfigMap setings; did you mean settings? at Pod ${AT}.name`],
  ],
  [
    'a Secret, which is kept out of Git',
    find(pod(mounting('gone'))),
    ['warning there is no Secret gone at Pod spec.volumes.0.secret.secretName'],
  ],
  [
    'a Secret that is nearly one of the tree',
    find(pod(mounting('web-secert')), [make('Secret', 'web-secret')]),
    ['error there is no Secret web-secert; did you mean web-secret? at Pod spec.volumes.0.secret.secretName'],
  ],
  [
    'what the pod works without',
    find(pod({ imagePullSecrets: [{ name: 'gone' }] }), [], { isSynced: false }),
    ['warning there is no Secret gone among the manifests at Pod spec.imagePullSecrets.0.name'],
  ],
  [
    'an account that a binding names, which may come later',
    find(make('RoleBinding', 'b', { subjects: [{ kind: 'ServiceAccount', name: 'gone' }] }, 'shop', RBAC), [], {
      isSynced: false,
    }),
    [],
  ],
  [
    'a role of another kind',
    find(
      make(
        'RoleBinding',
        'b',
        { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' } },
        'shop',
        RBAC,
      ),
      [make('Role', 'r', {}, 'shop', RBAC)],
    ),
    ['warning there is no ClusterRole r among the manifests, but a Role of this name at RoleBinding roleRef.kind'],
  ],
  [
    'what kustomize gave a hash',
    find(pod(reading('settings')), [make('ConfigMap', 'settings-b9t2424hkf')]),
    [
      `error there is no ConfigMap settings: kustomize names it settings-b9t2424hkf, and does not know this field at Pod ${AT}.name`,
    ],
  ],
  [
    'a key that is misspelt',
    find(pod(reading('settings', {}, 'mod')), [SETTINGS]),
    [`error ConfigMap settings has no key mod; did you mean mode? at Pod ${AT}.key, ConfigMap data.mode`],
  ],
  [
    'a key that is like none',
    find(pod(reading('settings', {}, 'password')), [SETTINGS]),
    [`error ConfigMap settings has no key password; it has mode, level at Pod ${AT}.key`],
  ],
  ['a key that may be absent', find(pod(reading('settings', { optional: true }, 'mod')), [SETTINGS]), []],
  [
    'a key of what its schema refuses',
    find(pod(reading('settings', {}, 'mod')), [SETTINGS], {
      isSound: (_: Resource, path: FieldPath) => path[0] !== 'data',
    }),
    [],
  ],
])('%s', (_, found, expected) => {
  expect(found).toEqual(expected)
})

const routing = (port: object): Resource =>
  make('Ingress', 'i', { spec: { defaultBackend: { service: { name: 'web', port } } } }, 'shop', 'networking.k8s.io/v1')
const serving = (more = {}): Resource =>
  make('Service', 'web', { spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }, { port: 81 }], ...more } })

test.each([
  [{ number: 80 }, {}, []],
  [{ name: 'http' }, {}, []],
  [{ number: 8080 }, {}, ['Service web has no port 8080; 8080 is the target of its port 80']],
  [{ name: 'https' }, {}, ['Service web has no port https; it has http 80, 81']],
  [{ number: 443 }, { type: 'ExternalName' }, []],
  [{ number: 443 }, { ports: [] }, []],
])('a port %j of a Service with %j: %j', (port, more, expected) => {
  const found = find(routing(port), [serving(more)]).map(line => line.replace(/^error | at .*$/g, ''))
  expect(found).toEqual(expected)
})

test('what a resource names twice is missing once, and each rule asks for its own kinds', () => {
  const twice = pod({ ...mounting('gone'), containers: [{ name: 'a', envFrom: [{ secretRef: { name: 'gone' } }] }] })
  expect(find(twice)).toHaveLength(1)
  const index = new ResourceIndex([twice], [])
  const context = { resource: twice, index, isSound: () => true }
  expect([...findDangling(context, isTo('/ConfigMap'))]).toEqual([])
  expect([...findDangling(context, isTo('/ConfigMap', '/Secret'))]).toHaveLength(1)
})
