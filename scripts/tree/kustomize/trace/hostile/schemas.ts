// Trees with schemas of their own: kustomize has one for a whole build, wherever it is named.
import { type Files, list } from './base.ts'

/** A schema that merges `spec.parts` by one key. */
const schema = (key: string): string =>
  JSON.stringify({
    definitions: {
      'com.example.v1.Matrix': {
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          spec: {
            properties: {
              parts: {
                type: 'array',
                items: { type: 'object' },
                'x-kubernetes-patch-merge-key': key,
                'x-kubernetes-patch-strategy': 'merge',
              },
            },
          },
        },
        'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Matrix' }],
      },
    },
  })

const MATRIX = list(
  'apiVersion: example.com/v1',
  'kind: Matrix',
  'metadata: { name: m }',
  'spec:',
  '  parts: [{ id: one, name: a, value: left }, { id: two, name: b, value: right }]',
)

/** A patch of one item, in a kustomization. */
const patch = (item: string): readonly string[] => [
  'patches:',
  '  - patch: |-',
  '      apiVersion: example.com/v1',
  '      kind: Matrix',
  '      metadata: { name: m }',
  '      spec:',
  `        parts: [${item}]`,
]

export const SCHEMA_TREES: Readonly<Record<string, Files>> = {
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
