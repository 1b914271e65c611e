// The table of references speaks of fields that there are, and knows each reference that kustomize knows.
import { expect, test } from 'vitest'
import { openTestSchemas } from '../../../validate/schema/testing.ts'
import { NAME_REFERENCES } from '../../kustomize/trace/tables/name-references.ts'
import type { Resource } from '../build.ts'
import { POD_KINDS } from '../pod-template.ts'
import { CLUSTER_KINDS, type KindId, REFERENCE_FIELDS } from '../references.ts'
import type { KubernetesObject } from '../resource.ts'
import { readReferences } from './read.ts'

const VERSIONS: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io/TCPRoute': 'v1alpha2',
  'gateway.networking.k8s.io/UDPRoute': 'v1alpha2',
  'gateway.networking.k8s.io/TLSRoute': 'v1alpha2',
  'autoscaling/HorizontalPodAutoscaler': 'v2',
  'keda.sh/ScaledObject': 'v1alpha1',
  'helm.toolkit.fluxcd.io/HelmRelease': 'v2',
  'argoproj.io/Rollout': 'v1alpha1',
  'traefik.io/IngressRoute': 'v1alpha1',
  'traefik.io/IngressRouteTCP': 'v1alpha1',
  'traefik.io/IngressRouteUDP': 'v1alpha1',
}

function apiVersionOf(kind: KindId): string {
  const [group = ''] = kind.split('/')
  const version = VERSIONS[kind] ?? 'v1'
  return group === '' ? version : `${group}/${version}`
}

const POD_SPECS: Readonly<Record<KindId, string>> = {
  '/Pod': 'spec',
  'batch/CronJob': 'spec/jobTemplate/spec/template/spec',
}
const podSpecOf = (kind: KindId): string => POD_SPECS[kind] ?? 'spec/template/spec'

const join = (...parts: readonly string[]): string => parts.filter(part => part !== '').join('/')

/** Every field of the table, from the root of each kind that has it. */
const FIELDS = REFERENCE_FIELDS.flatMap(field =>
  (field.of === 'pods' ? POD_KINDS : field.of).map(kind => ({
    field,
    kind,
    at: field.of === 'pods' ? join(podSpecOf(kind), field.at) : field.at,
  })),
)

/** An object with one value at a path and nothing else. */
const nest = (path: string, value: unknown): unknown =>
  path
    .split(/(?<!\\)\//)
    .filter(segment => segment !== '')
    .reduceRight<unknown>((below, one) => (one === '*' ? [below] : { [one.replaceAll('\\/', '/')]: below }), value)

test('each field is one of its kind', async () => {
  const schemas = await openTestSchemas()
  const wrong: string[] = []
  for (const { field, kind, at } of FIELDS) {
    const apiVersion = apiVersionOf(kind)
    const name = kind.split('/')[1] ?? ''
    if (!schemas.isKnown({ apiVersion, kind: name })) {
      wrong.push(`${kind} is unknown`)
      continue
    }
    const kinds = typeof field.to === 'string' ? [] : [field.to.group ?? [], field.to.kind].flat()
    const optional = field.mayBeOptional ? ['optional'] : []
    const more = [
      field.namespace ?? [],
      field.unless ?? [],
      field.keys ?? [],
      field.ports ?? [],
      kinds,
      optional,
    ].flat()
    for (const path of [field.name, ...more]) {
      const object = { ...(nest(join(at, path), 'x') as object), apiVersion, kind: name } as KubernetesObject
      const unknown = schemas.validate(object)?.filter(({ keyword }) => keyword === 'additionalProperties') ?? []
      for (const { message } of unknown) wrong.push(`${kind} ${at} ${path}: ${message}`)
    }
  }
  // Their schemas are in no package.
  expect([...new Set(wrong)]).toEqual(OUTSIDE.map(kind => `${kind} is unknown`))
})

const OUTSIDE = [
  'apps.openshift.io/DeploymentConfig',
  // The same as those of traefik.io.
  ...['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP'].map(kind => `traefik.containo.us/${kind}`),
]

/** What kustomize renames and nothing asks for: a permission may name what is not there; the field is gone or vendors'. */
const WITHOUT_LOOK_UP = [
  'rules/resourceNames',
  'spec/configSource/configMap',
  'parameters/secretName',
  'parameters/adminSecretName',
  'parameters/userSecretName',
  'parameters/secretRef',
  // Of Ingresses that no server has any more.
  'spec/rules/http/paths/backend/serviceName',
  'spec/backend/serviceName',
]

test('the table knows each reference that kustomize knows', () => {
  const known = new Set(
    FIELDS.flatMap(({ field, kind, at }) => {
      const to = typeof field.to === 'string' ? field.to.split('/')[1] : '*'
      const path = join(at, field.name).replaceAll('/*', '')
      return [`${to} ${kind.split('/')[1]} ${path}`, `* ${kind.split('/')[1]} ${path}`]
    }),
  )
  const missing: string[] = []
  for (const { to, from } of NAME_REFERENCES) {
    for (const [path, kinds] of Object.entries(from)) {
      if (WITHOUT_LOOK_UP.includes(path)) continue
      for (const kind of kinds) {
        const [name, holder] = [to.split(' ').at(-1), kind.split(' ').at(-1) ?? '']
        // Knative's Service is not a kind of the table, and a PodTemplate makes no pods.
        if (kind.startsWith('serving.knative.dev') || holder === 'PodTemplate') continue
        const paths = [path, `${path}/name`]
        if (!paths.some(one => known.has(`${name} ${holder} ${one}`) || known.has(`* ${holder} ${one}`))) {
          missing.push(`${name} ${holder} ${path}`)
        }
      }
    }
  }
  expect(missing).toEqual([])
})

test('the table goes beyond what kustomize knows', () => {
  const theirs = new Set(
    NAME_REFERENCES.flatMap(({ from }) =>
      Object.entries(from).flatMap(([path, kinds]) => kinds.map(kind => `${kind.split(' ').at(-1)} ${path}`)),
    ),
  )
  const more = FIELDS.filter(
    ({ field, kind, at }) => !theirs.has(`${kind.split('/')[1]} ${join(at, field.name).replaceAll('/*', '')}`),
  )
  expect(more.length).toBeGreaterThan(100)
})

test('kinds without a namespace are those of the schemas', async () => {
  const schemas = await openTestSchemas()
  const targets = new Set(REFERENCE_FIELDS.flatMap(({ to }) => (typeof to === 'string' ? [to] : [to.usually])))
  targets.delete('')
  targets.add('rbac.authorization.k8s.io/ClusterRole')
  for (const kind of targets) {
    const scope = schemas.scopeOf({ apiVersion: apiVersionOf(kind), kind: kind.split('/')[1] ?? '' })
    if (scope !== undefined) expect([kind, scope === 'Cluster']).toEqual([kind, CLUSTER_KINDS.has(kind)])
  }
})

const resource = (object: unknown, group: string, namespace?: string): Resource => ({
  object: object as KubernetesObject,
  build: '.',
  origin: { kind: 'rendered', index: 0 },
  group,
  kind: (object as KubernetesObject).kind,
  name: 'x',
  namespace,
  isNamespaced: namespace !== undefined,
  isClusterScoped: false,
})

test('a reference says what it names, where, and what of it', () => {
  const pod = {
    kind: 'Pod',
    spec: {
      serviceAccount: 'a',
      volumes: [{ configMap: { name: 'c', optional: true, items: [{ key: 'k', path: 'p' }] } }, { secret: {} }, null],
    },
  }
  expect(readReferences(resource(pod, '', 'n')).map(({ field, from, ...rest }) => rest)).toEqual([
    {
      fieldPath: ['spec', 'volumes', 0, 'configMap', 'name'],
      to: '/ConfigMap',
      name: 'c',
      namespace: 'n',
      isOptional: true,
      keys: [{ value: 'k', fieldPath: ['spec', 'volumes', 0, 'configMap', 'items', 0, 'key'] }],
      port: undefined,
    },
    {
      fieldPath: ['spec', 'serviceAccount'],
      to: '/ServiceAccount',
      name: 'a',
      namespace: 'n',
      isOptional: false,
      keys: [],
      port: undefined,
    },
  ])
})

test('a kind is read from the fields that say it', () => {
  const route = {
    kind: 'HTTPRoute',
    spec: {
      rules: [
        {
          backendRefs: [
            { name: 'a', port: 80 },
            { name: 'b', group: 'x.io', kind: 'Y', namespace: 'other' },
          ],
        },
      ],
    },
  }
  const found = readReferences(resource(route, 'gateway.networking.k8s.io', 'n'))
  expect(found.map(({ to, name, namespace, port }) => [to, name, namespace, port?.value])).toEqual([
    ['/Service', 'a', 'n', 80],
    ['x.io/Y', 'b', 'other', undefined],
  ])
})
