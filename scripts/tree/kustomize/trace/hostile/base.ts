// What the trees that are hard to follow have in common.

export type Files = Readonly<Record<string, string>>

export const list = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

export const WEB = list(
  'apiVersion: apps/v1',
  'kind: Deployment',
  'metadata:',
  '  name: web',
  '  labels: { app: web, tier: front }',
  '  annotations:',
  '    example.com/owner: team-a',
  'spec:',
  '  replicas: 1',
  '  selector: { matchLabels: { app: web } }',
  '  template:',
  '    metadata:',
  '      labels: { app: web }',
  '    spec:',
  '      containers:',
  '        - name: web',
  '          image: registry.example.com:5000/team/web:1.0',
  '          command: [serve, "--host=$(HOST)", --port, "$(PORT)"]',
  '          env:',
  '            - { name: HOST, value: old.example.com:80 }',
  '            - { name: MODE, value: slow }',
  '            - name: LEVEL',
  '              valueFrom: { configMapKeyRef: { name: settings, key: LEVEL } }',
  '          ports:',
  '            - { name: http, containerPort: 8080, protocol: TCP }',
  '            - { name: admin, containerPort: 9090, protocol: TCP }',
  '            - { name: stats, containerPort: 9090, protocol: UDP }',
  '          volumeMounts: [{ name: files, mountPath: /etc/files }]',
  '        - name: proxy',
  '          image: example/proxy@sha256:1111111111111111111111111111111111111111111111111111111111111111',
  '      initContainers: [{ name: init, image: example/init }]',
  '      tolerations: [{ key: spot, operator: Exists }]',
  '      volumes:',
  '        - { name: files, configMap: { name: files } }',
  '        - { name: keys, secret: { secretName: keys } }',
)

export const SERVICE = list(
  'apiVersion: v1',
  'kind: Service',
  'metadata: { name: web, labels: { app: web } }',
  'spec:',
  '  selector: { app: web }',
  '  ports:',
  '    - { name: http, port: 80, targetPort: http }',
  '    - { name: dns, port: 53, protocol: UDP }',
  '    - { name: dns-tcp, port: 53, protocol: TCP }',
)

export const BASE: Files = {
  'base/web.yaml': WEB,
  'base/service.yaml': SERVICE,
  'base/kustomization.yaml': list('resources: [web.yaml, service.yaml]'),
}

export const over = (...lines: readonly string[]): Files => ({
  ...BASE,
  'over/kustomization.yaml': list('resources: [../base]', ...lines),
})

export const component = (...lines: readonly string[]): string =>
  list('apiVersion: kustomize.config.k8s.io/v1alpha1', 'kind: Component', ...lines)
