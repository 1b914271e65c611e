// Trees that the trace is proved on, each about some of kustomize's steps. A file by its path.

type Files = Readonly<Record<string, string>>

const workload = (name: string, kind = 'Deployment'): string => `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      containers:
        - name: ${name}
          image: example/${name}:1
          args: [first, "second"]
          env:
            - { name: MODE, value: slow }
            - { name: WHERE, value: nowhere }
          envFrom: [{ configMapRef: { name: settings } }]
          ports: [{ name: http, containerPort: 8080 }]
        - name: helper
          image: example/helper:1
          env: [{ name: MODE, value: steady }]
      volumes:
        - name: files
          configMap: { name: files }
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app: ${name} }
  ports: [{ name: http, port: 80, targetPort: http }]
`

const configMap = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data: { LEVEL: info, COLOUR: red }
`

const list = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

const BASE: Files = {
  'base/web.yaml': workload('web'),
  'base/service.yaml': service('web'),
  'base/kustomization.yaml': list('resources: [web.yaml, service.yaml]'),
}

const over = (...lines: readonly string[]): Files => ({
  ...BASE,
  'over/kustomization.yaml': list('resources: [../base]', ...lines),
})

export const TREES: Readonly<Record<string, Files>> = {
  'several documents and lists': {
    'kustomization.yaml': list('resources: [all.yaml, list.yaml]'),
    'all.yaml': `${workload('web')}---\n${service('web')}---\n`,
    'list.yaml': list(
      'apiVersion: v1',
      'kind: List',
      'items:',
      '  - { apiVersion: v1, kind: ConfigMap, metadata: { name: one }, data: { A: left } }',
      '  - { apiVersion: v1, kind: ConfigMap, metadata: { name: two }, data: { B: right } }',
    ),
  },
  generators: {
    ...BASE,
    'base/settings.env': 'COLOUR=red\n# a comment\nSIZE=large\n',
    'base/page.html': '<p>text</p>\n',
    'base/kustomization.yaml': list(
      'resources: [web.yaml, service.yaml]',
      'generatorOptions: { labels: { made: here } }',
      'configMapGenerator:',
      '  - name: settings',
      '    literals: [LEVEL=info, "TEXT=a b"]',
      '    envs: [settings.env]',
      '  - name: files',
      '    files: [page.html, other=page.html]',
      'secretGenerator:',
      '  - name: token',
      '    type: Opaque',
      '    literals: [KEY=value]',
      '    options: { disableNameSuffixHash: true }',
    ),
    'over/kustomization.yaml': list(
      'resources: [../base]',
      'configMapGenerator:',
      '  - { name: settings, behavior: merge, literals: [LEVEL=debug, MORE=yes] }',
      '  - { name: files, behavior: replace, literals: [ONLY=this] }',
    ),
  },
  components: {
    ...over('components: [../part, ../other]', 'images: [{ name: example/web, newTag: v2 }]'),
    'part/kustomization.yaml': list(
      'apiVersion: kustomize.config.k8s.io/v1alpha1',
      'kind: Component',
      'resources: [extra.yaml]',
      'patches:',
      '  - target: { kind: Deployment }',
      '    patch: |-',
      '      - { op: replace, path: /spec/replicas, value: 5 }',
    ),
    'part/extra.yaml': configMap('extra'),
    'other/kustomization.yaml': list(
      'apiVersion: kustomize.config.k8s.io/v1alpha1',
      'kind: Component',
      'labels: [{ pairs: { part: other } }]',
    ),
  },
  'strategic merge patches': {
    ...over(
      'patches:',
      '  - path: keys.yaml',
      '  - path: drop.yaml',
      '  - target: { kind: Service }',
      '    path: any.yaml',
    ),
    'over/keys.yaml': list(
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: { name: web }',
      'spec:',
      '  template:',
      '    spec:',
      '      containers:',
      '        - name: web',
      '          env: [{ name: MODE, value: fast }, { name: NEW, value: more }]',
      '          args: [third]',
      '        - name: added',
      '          image: example/added:1',
    ),
    'over/drop.yaml': list(
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: { name: web }',
      'spec:',
      '  replicas: null',
      '  template: { spec: { containers: [{ name: helper, $patch: delete }] } }',
    ),
    'over/any.yaml': list(
      'apiVersion: v1',
      'kind: Service',
      'metadata: { name: any }',
      'spec: { sessionAffinity: ClientIP }',
    ),
  },
  'merge patches that replace and delete': {
    ...over(
      'patchesStrategicMerge:',
      '  - |-',
      '    apiVersion: apps/v1',
      '    kind: Deployment',
      '    metadata: { name: web }',
      '    spec:',
      '      template:',
      '        spec:',
      '          containers:',
      '            - $patch: replace',
      '            - name: web',
      '              image: example/other:3',
      '  - |-',
      '    apiVersion: v1',
      '    kind: Service',
      '    metadata: { name: web }',
      '    $patch: delete',
    ),
  },
  'JSON patches': {
    ...over(
      'patches:',
      '  - target: { kind: Deployment, name: web }',
      '    path: operations.yaml',
      '  - target: { kind: "Deployment|Service" }',
      '    patch: |-',
      '      - op: add',
      '        path: /metadata/annotations',
      '        value: { note: here }',
      'patchesJson6902:',
      '  - target: { group: apps, version: v1, kind: Deployment, name: web }',
      '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 7}]\'',
    ),
    'over/operations.yaml': list(
      '- { op: add, path: /spec/template/spec/containers/0/args/-, value: last }',
      '- { op: remove, path: /spec/template/spec/containers/1 }',
      '- { op: copy, from: /metadata/labels/app, path: /metadata/labels/copy }',
      '- { op: move, from: /spec/template/spec/volumes, path: /spec/template/spec/moved }',
      '- { op: test, path: /kind, value: Deployment }',
    ),
  },
  'targets by label and annotation': {
    ...over(
      'patches:',
      '  - target: { labelSelector: "app in (web),!missing" }',
      '    patch: |-',
      '      - { op: replace, path: /spec/replicas, value: 4 }',
      '  - target: { name: w.*, kind: Service }',
      '    patch: |-',
      '      - { op: replace, path: /spec/ports/0/port, value: 81 }',
    ),
  },
  'names, namespaces, labels and annotations': {
    ...over(
      'namespace: shop',
      'namePrefix: a-',
      'nameSuffix: -z',
      'labels: [{ pairs: { team: shop }, includeSelectors: true }, { pairs: { plain: label } }]',
      'commonLabels: { old: style }',
      'commonAnnotations: { note: text }',
    ),
    'base/account.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web }\n',
    'base/binding.yaml': list(
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: RoleBinding',
      'metadata: { name: web }',
      'roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }',
      'subjects: [{ kind: ServiceAccount, name: web }]',
    ),
    'base/role.yaml': list(
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: Role',
      'metadata: { name: reader }',
      'rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]',
    ),
    'base/kustomization.yaml': list('resources: [web.yaml, service.yaml, account.yaml, binding.yaml, role.yaml]'),
  },
  'images and replicas': {
    ...over(
      'images:',
      '  - { name: example/web, newName: registry.example/web, newTag: v2 }',
      '  - { name: example/helper, digest: "sha256:0123456789012345678901234567890123456789012345678901234567890123" }',
      'replicas: [{ name: web, count: 6 }]',
    ),
  },
  replacements: {
    ...over(
      'replacements:',
      '  - source: { kind: Service, name: web, fieldPath: spec.ports.0.name }',
      '    targets:',
      '      - select: { kind: Deployment }',
      "        fieldPaths: ['spec.template.spec.containers.[name=web].env.[name=WHERE].value']",
      '  - path: more.yaml',
    ),
    'over/more.yaml': list(
      '- source: { kind: Deployment, name: web, fieldPath: metadata.labels.app }',
      '  targets:',
      '    - select: { kind: Deployment }',
      "      fieldPaths: ['spec.template.spec.containers.0.image']",
      '      options: { delimiter: "/", index: 0 }',
    ),
  },
  vars: {
    ...BASE,
    'base/web.yaml': workload('web').replace('value: nowhere', 'value: http://$(NAME).local'),
    'base/kustomization.yaml': list(
      'resources: [web.yaml, service.yaml]',
      'vars:',
      '  - name: NAME',
      '    objref: { apiVersion: v1, kind: Service, name: web }',
      '    fieldref: { fieldpath: spec.selector.app }',
    ),
  },
  'references to hashed names': {
    ...over('namePrefix: b-', 'configMapGenerator: [{ name: settings, behavior: merge, literals: [LEVEL=debug] }]'),
    'base/kustomization.yaml': list(
      'resources: [web.yaml, service.yaml]',
      'configMapGenerator: [{ name: settings, literals: [LEVEL=info] }, { name: files, literals: [A=b] }]',
    ),
  },
  'built-in generators and transformers': {
    ...over('generators: [generate.yaml]', 'transformers: [label.yaml, prefix.yaml]'),
    'over/generate.yaml': list(
      'apiVersion: builtin',
      'kind: ConfigMapGenerator',
      'metadata: { name: made }',
      'literals: [LEVEL=info]',
    ),
    'over/label.yaml': list(
      'apiVersion: builtin',
      'kind: LabelTransformer',
      'metadata: { name: label }',
      'labels: { extra: label }',
      'fieldSpecs: [{ path: metadata/labels, create: true }]',
    ),
    'over/prefix.yaml': list(
      'apiVersion: builtin',
      'kind: PrefixTransformer',
      'metadata: { name: prefix }',
      'prefix: c-',
      'fieldSpecs: [{ path: metadata/name }]',
    ),
  },
  configurations: {
    ...over('configurations: [names.yaml]', 'namePrefix: d-'),
    'base/rollout.yaml': list(
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Rollout',
      'metadata: { name: web }',
      'spec: { strategy: { canary: { stableService: web } } }',
    ),
    'base/kustomization.yaml': list('resources: [web.yaml, service.yaml, rollout.yaml]'),
    'over/names.yaml': list(
      'nameReference:',
      '  - kind: Service',
      '    version: v1',
      '    fieldSpecs: [{ kind: Rollout, path: spec/strategy/canary/stableService }]',
    ),
  },
  'overlays on overlays': {
    ...over('namePrefix: e-', 'replicas: [{ name: web, count: 3 }]'),
    'top/kustomization.yaml': list(
      'resources: [../over]',
      'namePrefix: f-',
      'patches:',
      '  - target: { kind: Deployment, name: e-web }',
      '    patch: |-',
      '      - { op: replace, path: /spec/replicas, value: 9 }',
    ),
    'side/kustomization.yaml': list('resources: [../over]', 'nameSuffix: -g', 'namespace: side'),
  },
}
