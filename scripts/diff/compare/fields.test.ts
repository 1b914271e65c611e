import { parse } from 'yaml'
import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { compareObjects } from './fields.ts'

const read = (text: string): KubernetesObject => parse(text) as KubernetesObject

const pod = (kind: string, spec: string, more = ''): KubernetesObject =>
  read(`apiVersion: apps/v1
kind: ${kind}
metadata: { name: web }
spec:
  ${more}
  template:
    spec: { ${spec} }
`)
const deployment = (spec: string, more = ''): KubernetesObject => pod('Deployment', spec, more)
const container = (fields: string): KubernetesObject =>
  deployment(`containers: [{ name: web, image: web:v1, ${fields} }]`)
const object = (kind: string, fields: string): KubernetesObject =>
  read(`kind: ${kind.split('/').pop()}
apiVersion: ${kind.split('/').slice(0, -1).join('/')}
metadata: { name: web }
${fields}
`)

/** What differs, a line a field: its path, before and after. */
const tell = (before: KubernetesObject, after: KubernetesObject): readonly string[] =>
  compareObjects(before, after).map(
    ({ fieldPath, before: old, after: next, order }) =>
      `${fieldPath.join('/')} ${JSON.stringify(old)} -> ${JSON.stringify(next)}${order ? ' (order)' : ''}`,
  )

const CONTAINER = 'spec/template/spec/containers/0'

test.each<[name: string, before: KubernetesObject, after: KubernetesObject]>([
  [
    'a CPU in thousandths',
    container('resources: { limits: { cpu: 1000m } }'),
    container('resources: { limits: { cpu: 1 } }'),
  ],
  [
    'memory in another unit',
    container('resources: { limits: { memory: 1024Mi } }'),
    container('resources: { limits: { memory: 1Gi } }'),
  ],
  ['an exponent', container('resources: { limits: { cpu: 0.5e1 } }'), container('resources: { limits: { cpu: "5" } }')],
  [
    'a protocol',
    container('ports: [{ containerPort: 80 }]'),
    container('ports: [{ containerPort: 80, protocol: TCP }]'),
  ],
  ['a pull policy', container('imagePullPolicy: IfNotPresent'), container('tty: false')],
  [
    'probe periods',
    container('livenessProbe: { httpGet: { port: 80 } }'),
    container(
      'livenessProbe: { httpGet: { port: 80, path: /, scheme: HTTP }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 }',
    ),
  ],
  ['an empty value', container('env: [{ name: A }]'), container('env: [{ name: A, value: "" }]')],
  [
    'a strategy',
    deployment('containers: []'),
    deployment('containers: []', 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 25% } }'),
  ],
  ['replicas', deployment('containers: []'), deployment('containers: []', 'replicas: 1')],
  [
    'a restart policy',
    deployment('containers: []'),
    deployment('containers: [], restartPolicy: Always, dnsPolicy: ClusterFirst'),
  ],
  [
    'a volume mode',
    deployment('volumes: [{ name: a, configMap: { name: a } }]'),
    deployment('volumes: [{ name: a, configMap: { name: a, defaultMode: 420 } }]'),
  ],
  [
    'a number as text',
    deployment('containers: []', 'strategy: { rollingUpdate: { maxSurge: 1 } }'),
    deployment('containers: []', 'strategy: { rollingUpdate: { maxSurge: "1" } }'),
  ],
  ['null', deployment('containers: [], nodeSelector: null'), deployment('containers: []')],
  [
    'no labels',
    object('v1/ConfigMap', 'data: { a: "1" }'),
    read('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, labels: {} }\ndata: { a: "1" }'),
  ],
  [
    'texts of a Secret',
    object('v1/Secret', 'stringData: { a: hello }'),
    object('v1/Secret', 'data: { a: aGVsbG8= }\ntype: Opaque'),
  ],
  [
    'order of Service ports',
    object('v1/Service', 'spec: { ports: [{ name: a, port: 1 }, { name: b, port: 2 }] }'),
    object('v1/Service', 'spec: { ports: [{ name: b, port: 2 }, { name: a, port: 1 }] }'),
  ],
  [
    'order of verbs',
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ verbs: [get, list] }]'),
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ verbs: [list, get] }]'),
  ],
  [
    'order of rules',
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ verbs: [get] }, { verbs: [list] }]'),
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ verbs: [list] }, { verbs: [get] }]'),
  ],
  [
    'an autoscaler of v2',
    object('autoscaling/v1/HorizontalPodAutoscaler', 'spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 70 }'),
    object(
      'autoscaling/v2/HorizontalPodAutoscaler',
      'spec: { maxReplicas: 3, minReplicas: 1, metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }] }',
    ),
  ],
  [
    'policy types',
    object('networking.k8s.io/v1/NetworkPolicy', 'spec: { podSelector: {}, egress: [{}] }'),
    object(
      'networking.k8s.io/v1/NetworkPolicy',
      'spec: { podSelector: {}, egress: [{}], policyTypes: [Ingress, Egress] }',
    ),
  ],
  ['a status', object('v1/Service', 'spec: {}'), object('v1/Service', 'spec: {}\nstatus: { loadBalancer: {} }')],
])('%s is not a change', (_name, before, after) => {
  expect(tell(before, after)).toEqual([])
  expect(tell(after, before)).toEqual([])
})

test.each<[name: string, before: KubernetesObject, after: KubernetesObject, told: readonly string[]]>([
  [
    'a number',
    deployment('containers: []', 'replicas: 3'),
    deployment('containers: []', 'replicas: 5'),
    ['spec/replicas 3 -> 5'],
  ],
  [
    'a field that is left to its default',
    deployment('containers: []', 'replicas: 3'),
    deployment('containers: []'),
    ['spec/replicas 3 -> 1'],
  ],
  [
    'a label where none was',
    object('v1/Service', 'spec: {}'),
    read('apiVersion: v1\nkind: Service\nmetadata: { name: web, labels: { a/b: c } }\nspec: {}'),
    ['metadata/labels/a/b undefined -> "c"'],
  ],
  [
    'an image behind an inserted container',
    container('tty: true'),
    deployment('containers: [{ name: sidecar, image: s:v1 }, { name: web, image: web:v2, tty: true }]'),
    [
      'spec/template/spec/containers/1/image "web:v1" -> "web:v2"',
      'spec/template/spec/containers/0 undefined -> {"name":"sidecar","image":"s:v1"}',
    ],
  ],
  [
    'a variable in the midst',
    container('env: [{ name: A, value: a }, { name: B, value: b }]'),
    container('env: [{ name: B, value: c }]'),
    [`${CONTAINER}/env/0/value "b" -> "c"`, `${CONTAINER}/env/0 {"name":"A","value":"a"} -> undefined`],
  ],
  [
    'a probe that is gone',
    container('livenessProbe: { httpGet: { port: 80 } }'),
    container(''),
    [`${CONTAINER}/livenessProbe {"httpGet":{"port":80}} -> undefined`],
  ],
  [
    'the number of a named port',
    container('ports: [{ name: http, containerPort: 80 }]'),
    container('ports: [{ name: http, containerPort: 81 }]'),
    [`${CONTAINER}/ports/0/containerPort 80 -> 81`],
  ],
  [
    'arguments',
    container('args: [-a, -b]'),
    container('args: [-a, -c]'),
    [`${CONTAINER}/args ["-a","-b"] -> ["-a","-c"]`],
  ],
  [
    'the order of arguments',
    container('args: [-a, -b]'),
    container('args: [-b, -a]'),
    [`${CONTAINER}/args ["-a","-b"] -> ["-b","-a"] (order)`],
  ],
  [
    'the order of variables',
    container('env: [{ name: A, value: a }, { name: B, value: b }]'),
    container('env: [{ name: B, value: b }, { name: A, value: a }]'),
    [`${CONTAINER}/env ["A","B"] -> ["B","A"] (order)`],
  ],
  [
    'an order of another kind',
    object('networking.istio.io/v1/VirtualService', 'spec: { http: [{ a: 1 }, { b: 1 }] }'),
    object('networking.istio.io/v1/VirtualService', 'spec: { http: [{ b: 1 }, { a: 1 }] }'),
    ['spec/http [0,1] -> [1,0] (order)'],
  ],
  [
    'a value of a Secret',
    object('v1/Secret', 'stringData: { a: hello, b: x }'),
    object('v1/Secret', 'stringData: { a: world, c: y }'),
    [
      'data/a "(hidden)" -> "(hidden, another one)"',
      'data/c undefined -> "(hidden)"',
      'data/b "(hidden)" -> undefined',
    ],
  ],
  [
    'all of a Secret',
    object('v1/Secret', ''),
    object('v1/Secret', 'data: { a: aGVsbG8= }'),
    ['data/a undefined -> "(hidden)"'],
  ],
  [
    'defaults of a kind that is not known',
    object('example.com/v1/Thing', 'spec: {}'),
    object('example.com/v1/Thing', 'spec: { replicas: 1 }'),
    ['spec/replicas undefined -> 1'],
  ],
  [
    'an image that turns to latest says nothing of the policy',
    container(''),
    deployment('containers: [{ name: web, image: web:latest }]'),
    [`${CONTAINER}/image "web:v1" -> "web:latest"`],
  ],
  [
    'a strategy',
    deployment('containers: []'),
    deployment('containers: []', 'strategy: { type: Recreate }'),
    ['spec/strategy/type "RollingUpdate" -> "Recreate"'],
  ],
  [
    'a verb',
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ resources: [pods], verbs: [get] }]'),
    object('rbac.authorization.k8s.io/v1/Role', 'rules: [{ resources: [pods], verbs: [get, "*"] }]'),
    ['rules/0/verbs ["get"] -> ["get","*"]'],
  ],
  [
    'host network',
    deployment('hostNetwork: true, containers: []'),
    deployment('hostNetwork: false, containers: []'),
    ['spec/template/spec/hostNetwork true -> false'],
  ],
])('%s is told', (_name, before, after, told) => {
  expect(tell(before, after)).toEqual(told)
})

test('the paths say where a field stands in either version', () => {
  const [first, second] = compareObjects(
    container('env: [{ name: A, value: a }, { name: B, value: b }]'),
    container('env: [{ name: B, value: c }]'),
  )
  expect([first?.beforePath?.slice(-3), first?.afterPath?.slice(-3)]).toEqual([
    ['env', 1, 'value'],
    ['env', 0, 'value'],
  ])
  expect([second?.beforePath?.slice(-2), second?.afterPath]).toEqual([['env', 0], undefined])
})

test('a text of a Secret is found where it is written', () => {
  const secret = (value: string) => object('v1/Secret', `stringData: { a: ${value} }`)
  expect(compareObjects(secret('b'), secret('c'))[0]?.afterPath).toEqual(['stringData', 'a'])
})

test('a cluster address that nobody asks for any more is kept, and a new one is told', () => {
  const [headless, plain] = [object('v1/Service', 'spec: { clusterIP: None }'), object('v1/Service', 'spec: {}')]
  expect(tell(headless, plain)).toEqual([])
  expect(tell(plain, headless)).toEqual(['spec/clusterIP undefined -> "None"'])
})
