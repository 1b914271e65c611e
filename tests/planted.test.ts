// Plants one fault at a time in a tree that an Application syncs, and expects one finding, at its line.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROJECT, validateTree } from './tree.ts'

const TREE = join(PROJECT, 'tests/fixtures/planted')
const root = mkdtempSync(join(tmpdir(), 'planted-'))
cpSync(TREE, root, { recursive: true })
afterAll(() => rmSync(root, { recursive: true }))

/** `from` is looked for behind `after`; more than one line in `to` are all the fault's. */
type Plant = readonly [rule: string, file: string, after: string, from: string, to: string]

const PLANTS: readonly Plant[] = [
  ['application-path-missing', 'argocd/shop.yaml', 'kind: Application\n', 'path: shop', 'path: shops'],
  ['application-project-mismatch', 'argocd/shop.yaml', 'kind: Application\n', 'project: shops', 'project: shop'],
  ['application-project-mismatch', 'argocd/shop.yaml', 'source:', 'acme/platform.git', 'acme/platfrom.git'],
  [
    'application-project-mismatch',
    'argocd/shop.yaml',
    'kind: Application\n',
    'namespace: shop\n  syncPolicy',
    'namespace: shopp\n  syncPolicy',
  ],
  [
    'application-project-mismatch',
    'argocd/shop.yaml',
    'clusterResourceWhitelist',
    '{group: "", kind: Namespace}',
    '{group: core, kind: Namespace}',
  ],
  [
    'application-project-mismatch',
    'argocd/shop.yaml',
    'clusterResourceWhitelist',
    'kind: StorageClass',
    'kind: Storageclass',
  ],
  [
    'application-project-mismatch',
    'argocd/shop.yaml',
    'clusterResourceWhitelist',
    '  - {group: scheduling.k8s.io, kind: PriorityClass}\n',
    '  - {group: scheduling.k8s.io, kind: PriorityClasses}\n',
  ],
  ['ignore-differences-without-effect', 'argocd/shop.yaml', 'ignoreDifferences', 'kind: Deployment', 'kind: Deploymnt'],
  ['ignore-differences-without-effect', 'argocd/shop.yaml', 'ignoreDifferences', '/spec/replicas', 'spec/replicas'],
  ['ignore-differences-without-effect', 'argocd/shop.yaml', 'ignoreDifferences', '/spec/replicas', '/spec/replicass'],
  ['ignore-differences-without-effect', 'argocd/shop.yaml', 'ignoreDifferences', 'group: apps', 'group: app'],
  ['ineffective-source-setting', 'argocd/shop.yaml', 'images:', 'ghcr.io/acme/web=', 'ghcr.io/acme/webb='],
  [
    'invalid-application',
    'argocd/shop.yaml',
    'kind: Application\n',
    'server: https://kubernetes.default.svc',
    'server: https://kubernetes.default.svc\n    name: in-cluster',
  ],
  ['invalid-application', 'argocd/shop.yaml', 'syncOptions', 'ServerSideApply=true', 'ServerSideApply=yes'],
  ['invalid-application', 'argocd/shop.yaml', 'syncOptions', 'ServerSideApply=true', 'ServersideApply=true'],
  [
    'invalid-application',
    'argocd/shop.yaml',
    'syncOptions',
    'RespectIgnoreDifferences=true',
    'RespectIgnoreDifference=true',
  ],
  ['invalid-application', 'argocd/shop.yaml', 'backoff', 'duration: 5s', 'duration: 5 s'],
  ['invalid-application', 'argocd/shop.yaml', 'backoff', 'maxDuration: 3m', 'maxDuration: 3minutes'],
  [
    'invalid-application',
    'argocd/shop.yaml',
    'finalizers',
    'resources-finalizer.argocd.argoproj.io',
    'resource-finalizer.argocd.argoproj.io',
  ],
  ['invalid-application', 'argocd/shop.yaml', 'kustomize:', 'kustomize:', 'helm: {}\n    kustomize:'],
  ['invalid-application', 'argocd/shop.yaml', 'kind: Application\n', 'name: shop\n', 'name: Shop\n'],
  ['invalid-image', 'argocd/shop.yaml', 'images:', 'ghcr.io/acme/web:2.0.0', 'ghcr.io/acme/web:2.0.0:1'],
  ['invalid-sync-wave', 'argocd/shop.yaml', 'sync-wave', '"1"', '"one"'],
  ['schema-validation', 'argocd/shop.yaml', 'sync-wave', '"1"', '1'],
  ['schema-validation', 'argocd/shop.yaml', 'retry', 'limit: 5', 'limit: five'],
  ['schema-validation', 'argocd/shop.yaml', 'targetRevision', 'targetRevision: main', 'targetRevison: main'],
  ['schema-validation', 'argocd/shop.yaml', 'automated', 'selfHeal: true', 'selfheal: true'],
  ['schema-validation', 'argocd/shop.yaml', 'automated', 'selfHeal: true', 'selfHeal: "true"'],
  ['api-validation', 'shop/all.yaml', 'kind: Deployment\nmetadata', 'replicas: 2', 'replicas: -2'],
  ['api-validation', 'shop/all.yaml', 'ports:', 'name: http, containerPort: 8080', 'name: http, containerPort: 80800'],
  [
    'api-validation',
    'shop/all.yaml',
    'ports:',
    '{name: metrics, containerPort: 9090}',
    '{name: http, containerPort: 9090}',
  ],
  ['api-validation', 'shop/all.yaml', 'volumeMounts', '{name: files,', '{name: filez,'],
  ['api-validation', 'shop/all.yaml', 'volumeMounts', 'mountPath: /files', 'mountPath: /uploads'],
  ['api-validation', 'shop/all.yaml', 'kind: ConfigMap', 'log-level: info', '"log level": info'],
  ['api-validation', 'shop/all.yaml', 'kind: Service\nmetadata: {name: web-service', 'port: 80,', 'port: 0,'],
  [
    'api-validation',
    'shop/all.yaml',
    'kind: Service\nmetadata: {name: web-service',
    'name: metrics, port: 9090',
    'name: http, port: 9090',
  ],
  [
    'api-validation',
    'shop/all.yaml',
    'kind: HorizontalPodAutoscaler',
    'averageUtilization: 80',
    'averageUtilization: 0',
  ],
  [
    'api-validation',
    'shop/all.yaml',
    'kind: PodDisruptionBudget',
    'minAvailable: 1',
    'minAvailable: 1\n  maxUnavailable: 1',
  ],
  ['api-validation', 'shop/all.yaml', 'kind: Role\nmetadata', 'verbs: [get]', 'verbs: []'],
  ['dangling-claim', 'shop/all.yaml', 'claimName', 'web-uploads', 'nothing-like-it'],
  ['dangling-config-reference', 'shop/all.yaml', 'kind: ConfigMap', 'web-settings', 'web-setings'],
  ['dangling-config-reference', 'shop/all.yaml', 'kind: Secret', 'web-credentials', 'web-credential'],
  ['dangling-config-reference', 'shop/all.yaml', 'name: LEVEL', 'web-settings', 'web-setings'],
  ['dangling-config-reference', 'shop/all.yaml', 'name: LEVEL', 'log-level', 'loglevel'],
  ['dangling-config-reference', 'shop/all.yaml', 'name: PASSWORD', 'web-credentials', 'web-credentails'],
  ['dangling-config-reference', 'shop/all.yaml', 'name: PASSWORD', 'key: password', 'key: pasword'],
  ['dangling-config-reference', 'shop/all.yaml', 'envFrom:', 'web-settings', 'web-settngs'],
  ['dangling-config-reference', 'shop/all.yaml', '- name: files\n        configMap', 'web-settings', 'web-setting'],
  ['dangling-config-reference', 'shop/all.yaml', 'items:', 'key: mode', 'key: mod'],
  ['dangling-config-reference', 'shop/all.yaml', 'secretName', 'web-credentials', 'web-credential'],
  [
    'dangling-gateway-backend',
    'shop/all.yaml',
    'kind: Service\nmetadata: {name: web-service',
    'web-service',
    'web-servise',
  ],
  ['dangling-horizontalpodautoscaler', 'shop/all.yaml', 'kind: Deployment\nmetadata', 'web-server', 'web-sever'],
  ['dangling-horizontalpodautoscaler', 'shop/all.yaml', 'scaleTargetRef', 'web-server', 'web-serve'],
  ['dangling-horizontalpodautoscaler', 'shop/all.yaml', 'scaleTargetRef', 'kind: Deployment', 'kind: StatefulSet'],
  ['dangling-horizontalpodautoscaler', 'shop/all.yaml', 'kind: HorizontalPodAutoscaler', 'name: cpu', 'name: memroy'],
  ['dangling-poddisruptionbudget', 'shop/all.yaml', 'kind: PodDisruptionBudget', 'app: web-server', 'app: webserver'],
  ['dangling-priority-class', 'shop/all.yaml', 'priorityClassName', 'important-pods', 'important-pod'],
  ['dangling-probe-port', 'shop/all.yaml', 'readinessProbe', 'port: http', 'port: htp'],
  ['dangling-probe-port', 'shop/all.yaml', 'livenessProbe', 'port: http', 'port: https'],
  ['dangling-role', 'shop/all.yaml', 'kind: RoleBinding', 'web-reader', 'web-readers'],
  ['dangling-role', 'shop/all.yaml', 'kind: RoleBinding', 'kind: Role\n', 'kind: ClusterRole\n'],
  [
    'dangling-service',
    'shop/all.yaml',
    'kind: Service\nmetadata: {name: web-service',
    'selector: {app: web-server}',
    'selector: {app: web-sever}',
  ],
  ['dangling-service', 'shop/all.yaml', 'name: store-headless', 'app: store', 'app: stores'],
  ['dangling-storage-class', 'shop/all.yaml', 'kind: StorageClass', 'fast-disks', 'fast-disk'],
  ['dangling-storage-class', 'shop/all.yaml', 'volumeClaimTemplates', 'fast-disks', 'fast-dsks'],
  ['dangling-storage-class', 'shop/all.yaml', 'kind: PersistentVolumeClaim', 'fast-disks', 'fast-disc'],
  ['dangling-target-port', 'shop/all.yaml', 'ports:\n        - {name: http', 'name: http', 'name: web'],
  [
    'dangling-target-port',
    'shop/all.yaml',
    'kind: Service\nmetadata: {name: web-service',
    'targetPort: http',
    'targetPort: htttp',
  ],
  ['dangling-target-port', 'shop/all.yaml', 'name: store-headless', 'targetPort: db', 'targetPort: database'],
  [
    'docker-sock',
    'shop/all.yaml',
    'volumes:',
    'persistentVolumeClaim: {claimName: web-uploads}',
    'hostPath: {path: /var/run/docker.sock}',
  ],
  ['duplicate-env-var', 'shop/all.yaml', 'env:', '- name: PASSWORD\n', '- name: LEVEL\n'],
  [
    'env-var-secret',
    'shop/all.yaml',
    'env:',
    '- name: LEVEL\n',
    '- name: DB_PASSWORD\n          value: hunter2hunter2x9\n        - name: LEVEL\n',
  ],
  [
    'host-pid',
    'shop/all.yaml',
    'serviceAccountName: web-account',
    'serviceAccountName: web-account',
    'serviceAccountName: web-account\n      hostPID: true',
  ],
  [
    'invalid-hook',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    '{name: web-server}',
    '{name: web-server, annotations: {argocd.argoproj.io/hook: PreSyncc}}',
  ],
  [
    'invalid-hook',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    '{name: web-server}',
    '{name: web-server, annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceded}}',
  ],
  [
    'invalid-sync-wave',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    '{name: web-server}',
    '{name: web-server, annotations: {argocd.argoproj.io/sync-wave: first}}',
  ],
  [
    'mismatching-selector',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    'metadata: {labels: {app: web-server, tier: front}}',
    'metadata: {labels: {app: web-servr, tier: front}}',
  ],
  ['non-existent-service-account', 'shop/all.yaml', 'kind: ServiceAccount', 'web-account', 'web-acount'],
  ['non-existent-service-account', 'shop/all.yaml', 'serviceAccountName', 'web-account', 'web-acount'],
  ['non-existent-service-account', 'shop/all.yaml', 'serviceAccountName', 'web-account', 'completely-else'],
  ['non-existent-service-account', 'shop/all.yaml', 'kind: RoleBinding', 'web-account', 'web-accnt'],
  ['pdb-blocks-eviction', 'shop/all.yaml', 'kind: PodDisruptionBudget', 'minAvailable: 1', 'minAvailable: 100%'],
  [
    'privileged-container',
    'shop/all.yaml',
    'containers:\n      - name: web',
    'image: ghcr.io/acme/web:1.2.3',
    'image: ghcr.io/acme/web:1.2.3\n        securityContext: {privileged: true}',
  ],
  ['schema-validation', 'shop/all.yaml', 'kind: Deployment\nmetadata', 'replicas: 2', 'replicas: "2"'],
  ['schema-validation', 'shop/all.yaml', 'kind: Deployment\nmetadata', 'replicas: 2', 'replica: 2'],
  ['schema-validation', 'shop/all.yaml', 'resources: {requests', 'cpu: 100m', 'cpu: 100mm'],
  ['schema-validation', 'shop/all.yaml', 'kind: PersistentVolumeClaim', 'ReadWriteOnce', 'ReadWriteOnse'],
  ['schema-validation', 'shop/all.yaml', 'kind: PersistentVolumeClaim', 'storage: 1Gi', 'storage: 1 Gi'],
  ['schema-validation', 'shop/all.yaml', 'kind: RoleBinding', 'kind: Role\n', 'kind: Roles\n'],
  ['statefulset-without-headless-service', 'shop/all.yaml', 'kind: StatefulSet', 'store-headless', 'store-headles'],
  ['unknown-kind', 'shop/all.yaml', 'kind: StorageClass', 'kind: StorageClass', 'kind: StorageClas'],
  [
    'unknown-sync-option',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    '{name: web-server}',
    '{name: web-server, annotations: {argocd.argoproj.io/sync-options: Prunne=false}}',
  ],
  [
    'unknown-sync-option',
    'shop/all.yaml',
    'kind: Deployment\nmetadata',
    '{name: web-server}',
    '{name: web-server, annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneus}}',
  ],
  ['api-validation', 'shop/net.yaml', 'kind: Ingress', 'host: shop.example.com', 'host: Shop.example.com'],
  ['api-validation', 'shop/net.yaml', 'kind: Ingress', 'path: /metrics', 'path: metrics'],
  ['api-validation', 'shop/net.yaml', 'kind: NetworkPolicy', 'port: http', 'port: 70000'],
  ['api-validation', 'shop/net.yaml', 'kind: CronJob', '"0 3 * * *"', '"0 25 * * *"'],
  ['api-validation', 'shop/net.yaml', 'kind: CronJob', 'restartPolicy: Never', 'restartPolicy: Always'],
  [
    'api-validation',
    'shop/net.yaml',
    'kind: CronJob',
    'name: nightly\n',
    'name: nightly-job-with-a-name-that-is-much-too-long-for-a-cron-job-of-it\n',
  ],
  ['dangling-config-reference', 'shop/net.yaml', 'kind: CronJob', 'web-credentials', 'web-credental'],
  ['dangling-gateway-backend', 'shop/net.yaml', 'kind: HTTPRoute', 'web-gateway', 'web-gatway'],
  ['dangling-gateway-backend', 'shop/net.yaml', 'kind: HTTPRoute', 'sectionName: plain', 'sectionName: plian'],
  ['dangling-gateway-backend', 'shop/net.yaml', 'kind: HTTPRoute', 'web-service', 'web-svc'],
  ['dangling-gateway-backend', 'shop/net.yaml', 'kind: HTTPRoute', 'port: 80', 'port: 81'],
  [
    'dangling-gateway-backend',
    'shop/net.yaml',
    'kind: Gateway\nmetadata: {name: web-gateway',
    'web-gateway',
    'web-gatewy',
  ],
  ['dangling-ingress-backend', 'shop/net.yaml', 'kind: Ingress', 'web-service', 'web-servce'],
  ['dangling-ingress-backend', 'shop/net.yaml', 'kind: Ingress', 'web-service', 'other-thing'],
  ['dangling-ingress-backend', 'shop/net.yaml', 'kind: Ingress', '{name: http}', '{name: htp}'],
  ['dangling-ingress-backend', 'shop/net.yaml', 'kind: Ingress', 'number: 9090', 'number: 9091'],
  ['dangling-ingress-backend', 'shop/net.yaml', 'kind: Ingress', 'number: 9090', 'number: 8080'],
  ['dangling-networkpolicy', 'shop/net.yaml', 'kind: NetworkPolicy', 'app: store', 'app: stor'],
  ['dangling-servicemonitor', 'shop/net.yaml', 'kind: ServiceMonitor', 'monitored: web', 'monitored: wep'],
  ['dangling-servicemonitor', 'shop/net.yaml', 'kind: ServiceMonitor', 'port: metrics', 'port: metrik'],
  ['schema-validation', 'shop/net.yaml', 'kind: Ingress', 'pathType: Prefix', 'pathType: prefix'],
]

const list = async (): Promise<readonly string[]> =>
  (await validateTree(root)).report.findings.map(
    ({ ruleId, location: { file, line }, message }) => `${ruleId} ${file}:${line} ${message}`,
  )

let clean: ReadonlySet<string> = new Set()
beforeAll(async () => {
  clean = new Set(await list())
})

test.each(PLANTS)('%s: %s, behind %j, %j becomes %j', async (rule, file, after, from, to) => {
  const text = readFileSync(join(TREE, file), 'utf8')
  const before = text.indexOf(after)
  const at = text.indexOf(from, before)
  expect(Math.min(before, at)).toBeGreaterThanOrEqual(0)
  writeFileSync(join(root, file), text.slice(0, at) + to + text.slice(at + from.length))
  const found = (await list()).filter(finding => !clean.has(finding))
  writeFileSync(join(root, file), text)
  expect(found).toHaveLength(1)
  const [, id, place, line] = /^(\S+) (\S+):(\d+) /.exec(found[0] ?? '') ?? []
  expect([id, place]).toEqual([rule, file])
  const first = text.slice(0, at).split('\n').length
  expect(Number(line)).toBeGreaterThanOrEqual(first)
  expect(Number(line)).toBeLessThan(first + to.split('\n').length)
})
