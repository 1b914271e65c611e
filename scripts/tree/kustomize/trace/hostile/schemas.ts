// Trees with schemas of their own: kustomize has one for a whole build, wherever it is named.
import { type Files, list } from './base.ts'

/** A list of objects that patches merge by one key. */
const mergedBy = (key: string) => ({
  type: 'array',
  items: { type: 'object' },
  'x-kubernetes-patch-merge-key': key,
  'x-kubernetes-patch-strategy': 'merge',
})

/** A schema that merges `spec.parts` by one key; `spec` has more fields, and the schema more definitions. */
const schema = (key: string, spec = {}, definitions = {}): string =>
  JSON.stringify({
    definitions: {
      'com.example.v1.Matrix': {
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          spec: { properties: { parts: mergedBy(key), ...spec } },
        },
        'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Matrix' }],
      },
      ...definitions,
    },
  })

const MATRIX = list(
  'apiVersion: example.com/v1',
  'kind: Matrix',
  'metadata: { name: m }',
  'spec:',
  '  parts: [{ id: one, name: a, value: left }, { id: two, name: b, value: right }]',
)

/** A patch of items, in a kustomization. */
const patch = (items: string): readonly string[] => [
  'patches:',
  '  - patch: |-',
  '      apiVersion: example.com/v1',
  '      kind: Matrix',
  '      metadata: { name: m }',
  '      spec:',
  `        parts: [${items}]`,
]

export const SCHEMA_TREES: Readonly<Record<string, Files>> = {
  'merge keys of an own schema': {
    'base/matrix.yaml': list(
      'apiVersion: example.com/v1',
      'kind: Matrix',
      'metadata: { name: m }',
      'spec:',
      '  parts: [{ id: one, value: left }, { id: two, value: right }]',
      '  template: { spec: { containers: [{ name: a, image: example/a }, { name: b, image: example/b }] } }',
    ),
    'base/kustomization.yaml': list('resources: [matrix.yaml]'),
    'over/schema.json': schema(
      'id',
      { template: { $ref: '#/definitions/io.k8s.api.core.v1.PodTemplateSpec' } },
      {
        'io.k8s.api.core.v1.PodTemplateSpec': {
          properties: { spec: { $ref: '#/definitions/io.k8s.api.core.v1.PodSpec' } },
        },
        'io.k8s.api.core.v1.PodSpec': { properties: { containers: mergedBy('name') } },
      },
    ),
    'over/kustomization.yaml': list(
      'resources: [../base]',
      'openapi: { path: schema.json }',
      ...patch('{ id: two, value: other }, { id: three, value: more }'),
      '        template: { spec: { containers: [{ name: b, image: example/c }] } }',
    ),
  },
  'a schema of an overlay in between': {
    'base/matrix.yaml': MATRIX,
    'base/kustomization.yaml': list('resources: [matrix.yaml]'),
    'mid/schema.json': schema('id'),
    'mid/kustomization.yaml': list(
      'resources: [../base]',
      'openapi: { path: schema.json }',
      ...patch('{ id: two, value: middle }'),
    ),
    'top/kustomization.yaml': list('resources: [../mid]', ...patch('{ id: one, value: top }')),
  },
  'a schema of the base': {
    'base/matrix.yaml': MATRIX,
    'base/schema.json': schema('name'),
    'base/kustomization.yaml': list(
      'resources: [matrix.yaml]',
      'openapi: { path: schema.json }',
      ...patch('{ name: b, value: base }'),
    ),
    'over/kustomization.yaml': list('resources: [../base]', ...patch('{ name: a, value: over }')),
  },
  'a schema of the overlay, and patches of the base': {
    'base/matrix.yaml': MATRIX,
    'base/kustomization.yaml': list('resources: [matrix.yaml]', ...patch('{ id: two, value: base }')),
    'over/schema.json': schema('id'),
    'over/kustomization.yaml': list(
      'resources: [../base]',
      'openapi: { path: schema.json }',
      ...patch('{ id: one, value: over }'),
    ),
  },
  'a schema of each layer': {
    'base/matrix.yaml': MATRIX,
    'base/schema.json': schema('name'),
    'base/kustomization.yaml': list(
      'resources: [matrix.yaml]',
      'openapi: { path: schema.json }',
      ...patch('{ id: two, name: b, value: base }'),
    ),
    'over/schema.json': schema('id'),
    'over/kustomization.yaml': list(
      'resources: [../base]',
      'openapi: { path: schema.json }',
      ...patch('{ id: one, name: z, value: over }'),
    ),
  },
  'a schema of a component': {
    'base/matrix.yaml': MATRIX,
    'base/kustomization.yaml': list('resources: [matrix.yaml]'),
    'part/schema.json': schema('id'),
    'part/kustomization.yaml': list(
      'apiVersion: kustomize.config.k8s.io/v1alpha1',
      'kind: Component',
      'openapi: { path: schema.json }',
      ...patch('{ id: two, value: part }'),
    ),
    'over/kustomization.yaml': list(
      'resources: [../base]',
      'components: [../part]',
      ...patch('{ id: one, value: over }'),
    ),
  },
}
