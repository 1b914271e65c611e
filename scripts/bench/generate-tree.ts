// Writes a tree of many apps for measuring: each with a base, three overlays and an Application for each.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * `light`: three objects, and a merge patch an overlay. `heavy`: seven objects, a generated ConfigMap that each overlay
 * merges into, a JSON patch and a merge patch an overlay.
 */
export type TreeKind = 'light' | 'heavy'

const ENVIRONMENTS = ['dev', 'qa', 'prod'] as const
const REPOSITORY = 'https://git.example.com/team/tree.git'

/** Writes `apps` apps into an empty folder, with a text of their own; returns the folders that `kustomize build` takes. */
export function generateTree(folder: string, apps: number, text: string, kind: TreeKind = 'light'): readonly string[] {
  const roots: string[] = []
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  write('validation.yaml', `repository:\n  urls: [${REPOSITORY}]\n`)
  for (let number = 1; number <= apps; number++) {
    const name = `app-${number}`
    const objects = kind === 'light' ? lightObjects(name, text) : heavyObjects(name)
    const generator = kind === 'light' ? '' : generated(name, `  - NAME=${name}\n      - TEXT=${text}`)
    const files = Object.keys(objects)
    write(`apps/${name}/base/kustomization.yaml`, `${kustomization(files)}${generator}`)
    for (const [file, content] of Object.entries(objects)) write(`apps/${name}/base/${file}`, content)
    for (const [index, environment] of ENVIRONMENTS.entries()) {
      const overlay = `apps/${name}/overlays/${environment}`
      roots.push(overlay)
      const more = kind === 'light' ? '' : heavyOverlay(name, environment)
      write(
        `${overlay}/kustomization.yaml`,
        `${kustomization(['../../base'])}${lightOverlay(name, environment, index)}${more}`,
      )
      write(`${overlay}/patch.yaml`, patch(name, index + 1))
      write(`applications/${name}-${environment}.yaml`, application(name, environment, overlay))
    }
  }
  const files = roots.map(root => `${root.split('/')[1]}-${root.split('/')[3]}.yaml`)
  write('applications/kustomization.yaml', kustomization(files))
  return [...roots, 'applications']
}

/** Edits some overlays, as a person with a pull request does; no more than there are apps. */
export function changeOverlays(folder: string, count: number, replicas: number): void {
  for (let number = 1; number <= count; number++) {
    const path = join(folder, `apps/app-${number}/overlays/dev/patch.yaml`)
    if (existsSync(path)) writeFileSync(path, patch(`app-${number}`, replicas))
  }
}

const lightObjects = (name: string, text: string): Readonly<Record<string, string>> => ({
  'deployment.yaml': deployment(name),
  'service.yaml': service(name),
  'config.yaml': config(name, text),
})

const heavyObjects = (name: string): Readonly<Record<string, string>> => ({
  'deployment.yaml': deployment(name),
  'service.yaml': service(name),
  'serviceaccount.yaml': object('v1', 'ServiceAccount', name, ''),
  'hpa.yaml': object(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    name,
    `spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
  minReplicas: 2
  maxReplicas: 5
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
`,
  ),
  'pdb.yaml': object(
    'policy/v1',
    'PodDisruptionBudget',
    name,
    `spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app: ${name}\n`,
  ),
  'networkpolicy.yaml': object(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    name,
    `spec:\n  podSelector:\n    matchLabels:\n      app: ${name}\n  ingress:\n    - ports:\n        - port: http\n`,
  ),
  'ingress.yaml': object(
    'networking.k8s.io/v1',
    'Ingress',
    name,
    `spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: ${name}
                port:
                  name: http
`,
  ),
})

const kustomization = (resources: readonly string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map(one => `  - ${one}\n`).join('')}`

const lightOverlay = (name: string, environment: string, index: number): string => `namespace: ${name}-${environment}
labels:
  - pairs:
      environment: ${environment}
images:
  - name: ${name}
    newTag: v${index + 1}
patches:
  - path: patch.yaml
`

const heavyOverlay = (name: string, environment: string): string => `  - target:
      kind: Ingress
    patch: |
      - op: replace
        path: /spec/rules/0/host
        value: ${name}.${environment}.example.com
${generated(name, `  - ENVIRONMENT=${environment}`, 'merge')}`

const generated = (name: string, literals: string, behavior = 'create'): string => `configMapGenerator:
  - name: ${name}
    behavior: ${behavior}
    literals:
    ${literals}
`

const object = (apiVersion: string, kind: string, name: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${spec}`

const deployment = (name: string): string =>
  object(
    'apps/v1',
    'Deployment',
    name,
    `  labels:
    app: ${name}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: ${name}
          image: ${name}:latest
          envFrom:
            - configMapRef:
                name: ${name}
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
`,
  )

const service = (name: string): string =>
  object(
    'v1',
    'Service',
    name,
    `spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`,
  )

const config = (name: string, text: string): string =>
  object('v1', 'ConfigMap', name, `data:\n  NAME: ${name}\n  TEXT: ${text}\n`)

const patch = (name: string, replicas: number): string =>
  object(
    'apps/v1',
    'Deployment',
    name,
    `spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: ${name}
          env:
            - name: REPLICAS
              value: '${replicas}'
`,
  )

const application = (name: string, environment: string, path: string): string =>
  object(
    'argoproj.io/v1alpha1',
    'Application',
    `${name}-${environment}`,
    `  namespace: argocd
spec:
  project: default
  source:
    repoURL: ${REPOSITORY}
    targetRevision: main
    path: ${path}
  destination:
    server: https://kubernetes.default.svc
    namespace: ${name}-${environment}
  syncPolicy:
    automated:
      prune: true
`,
  )
