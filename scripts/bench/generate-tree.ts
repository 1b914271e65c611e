// Writes a tree of many apps for measuring: each with a base, three overlays and an Application for each.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ENVIRONMENTS = ['dev', 'qa', 'prod'] as const
const REPOSITORY = 'https://git.example.com/team/tree.git'

/** Writes `apps` apps into an empty folder, with a text of their own; returns the folders that `kustomize build` takes. */
export function generateTree(folder: string, apps: number, text: string): readonly string[] {
  const roots: string[] = []
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('validation.yaml', `repository:\n  urls: [${REPOSITORY}]\n`)
  for (let number = 1; number <= apps; number++) {
    const name = `app-${number}`
    write(`apps/${name}/base/kustomization.yaml`, kustomization(['deployment.yaml', 'service.yaml', 'config.yaml']))
    write(`apps/${name}/base/deployment.yaml`, deployment(name))
    write(`apps/${name}/base/service.yaml`, service(name))
    write(`apps/${name}/base/config.yaml`, config(name, text))
    for (const [index, environment] of ENVIRONMENTS.entries()) {
      const overlay = `apps/${name}/overlays/${environment}`
      roots.push(overlay)
      const lines = [
        `namespace: ${name}-${environment}`,
        'labels:',
        '  - pairs:',
        `      environment: ${environment}`,
        'images:',
        `  - name: ${name}`,
        `    newTag: v${index + 1}`,
        'patches:',
        '  - path: patch.yaml',
      ]
      write(`${overlay}/kustomization.yaml`, `${kustomization(['../../base'])}${lines.join('\n')}\n`)
      write(`${overlay}/patch.yaml`, patch(name, index + 1))
      write(`applications/${name}-${environment}.yaml`, application(name, environment, overlay))
    }
  }
  const files = roots.map(root => `${root.split('/')[1]}-${root.split('/')[3]}.yaml`)
  write('applications/kustomization.yaml', kustomization(files))
  return [...roots, 'applications']
}

/** Edits one overlay, as a person with a pull request does. */
export function changeOverlay(folder: string): void {
  writeFileSync(join(folder, 'apps/app-1/overlays/dev/patch.yaml'), patch('app-1', 7))
}

const kustomization = (resources: readonly string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map(one => `  - ${one}\n`).join('')}`

const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
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
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`

const config = (name: string, text: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  NAME: ${name}
  TEXT: ${text}
`

const patch = (name: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: ${name}
          env:
            - name: REPLICAS
              value: '${replicas}'
`

const application = (name: string, environment: string, path: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}-${environment}
  namespace: argocd
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
`
