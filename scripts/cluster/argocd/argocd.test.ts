// What is read off the objects of Argo CD, and off its install manifest.
import { expect, test } from 'vitest'
import { isSettled, isStuck, readApplication } from './applications.ts'
import { isReady } from '../kube/rollout.ts'
import { listImages, selectCrds } from './manifest.ts'
import type { KubeObject } from '../kube/kube.ts'

const application = (status: object): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'flask-api-dev', namespace: 'argocd' },
  status,
})

test.each([
  ['no operation yet', {}, false],
  ['at work', { operationState: { phase: 'Running' } }, false],
  ['done', { operationState: { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' } }, false],
  ['between two tries', { operationState: { phase: 'Running', finishedAt: '2026-01-01T00:00:00Z' } }, true],
  ['given up', { operationState: { phase: 'Failed', finishedAt: '2026-01-01T00:00:00Z' } }, true],
  ['not even begun', { operationState: { phase: 'Error' } }, true],
])('stuck: %s', (_, status, expected) => {
  expect(isStuck(application(status))).toBe(expected)
})

test('settled: of this revision, in sync, healthy, and nothing going on', () => {
  const status = {
    sync: { status: 'Synced', revision: 'a1' },
    health: { status: 'Healthy' },
    operationState: { phase: 'Succeeded' },
  }
  const settled = (change: object) => isSettled('a1')(readApplication(application({ ...status, ...change })))
  expect(settled({})).toBe(true)
  expect(settled({ sync: { status: 'Synced', revision: 'b2' } })).toBe(false)
  expect(settled({ sync: { status: 'OutOfSync', revision: 'a1' } })).toBe(false)
  expect(settled({ health: { status: 'Progressing' } })).toBe(false)
  expect(settled({ operationState: { phase: 'Running' } })).toBe(false)
})

test('ready: the newest template in all replicas, and no old pod left', () => {
  const workload = (status: object, generation = 2): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', generation },
    spec: { replicas: 2 },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  })
  expect(isReady(workload({}))).toBe(true)
  expect(isReady(workload({}, 3))).toBe(false)
  expect(isReady(workload({ updatedReplicas: 1 }))).toBe(false)
  expect(isReady(workload({ availableReplicas: 1 }))).toBe(false)
  expect(isReady(workload({ replicas: 3 }))).toBe(false)
})

const manifest = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: applications.argoproj.io
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - image: "quay.io/argoproj/argocd:v3.6.1"
          name: copyutil
      containers:
        - name: server
          image: quay.io/argoproj/argocd:v3.6.1 # pinned
          imagePullPolicy: Always
        - image: 'redis:8.2'
`

test('images of a manifest, each once', () => {
  expect(listImages(manifest)).toEqual(['quay.io/argoproj/argocd:v3.6.1', 'redis:8.2'])
})

test('its definitions, and nothing else', () => {
  expect(selectCrds(manifest)).toContain('name: applications.argoproj.io')
  expect(selectCrds(manifest)).not.toContain('Deployment')
})
