// One mistake is one finding, whoever asks: practices beside what the API server says of the same field.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { validateTree } from '../../../../tests/tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'practice-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function look(preset: 'recommended' | 'strict', text: string) {
  writeFileSync(join(root, 'all.yaml'), text)
  const { report } = await validateTree(root, { preset })
  return report.findings.map(({ severity, ruleId, location }) => `${severity} ${ruleId} ${location.line}`)
}

const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    kubernetes.io/ingress.class: nginx
spec:
  rules: [{ host: web.example }]
`

test('what the preset does not ask for hides nothing', async () => {
  expect(await look('recommended', INGRESS)).toEqual(['warning api-validation 6'])
  expect(await look('strict', INGRESS)).toEqual(['warning deprecated-annotation 6'])
})

const POD = (resources: string): string => `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  automountServiceAccountToken: false
  securityContext: { runAsNonRoot: true }
  containers:
    - name: web
      image: web:v1
      securityContext:
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
      resources:
        ${resources}
`

test('a warning takes the place of no error', async () => {
  const twice = '{ name: A, value: a }, { name: A, value: b, valueFrom: { fieldRef: { fieldPath: metadata.name } } }'
  expect(await look('strict', POD(`limits: { memory: 2Gi, cpu: 1 }\n      env: [${twice}]`))).toEqual([
    'warning duplicate-env-var 14',
    'error api-validation 14',
  ])
  expect(await look('strict', POD('limits: { memory: 2Gi }'))).toEqual(['warning unset-cpu-requirements 12'])
  // Of a quantity that nobody can read the schema speaks, and the practice does not.
  expect(await look('strict', POD('limits: { memory: 2Gi, cpu: much }'))).toEqual(['error schema-validation 13'])
})

test('a pod that keeps all practices', async () => {
  expect(await look('strict', POD('limits: { memory: 1Gi, cpu: 1 }'))).toEqual([])
})
