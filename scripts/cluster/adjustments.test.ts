// A laptop reaches every environment, and a cluster is asked for no kind that it does not know.
import { expect, test } from 'vitest'
import { adjust } from './adjustments.ts'
import type { KubeObject } from './kube/kube.ts'

const object = (apiVersion: string, kind: string, name: string, spec: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'flask-api-prod' },
  spec,
})
const environment = (...objects: readonly KubeObject[]) => ({
  name: 'flask-api-prod',
  path: 'overlays/prod',
  namespace: 'flask-api-prod',
  image: 'flask-api:v1',
  objects,
})
const service = (type: string) => object('v1', 'Service', 'flask-api-service', { type })
const monitor = object('monitoring.coreos.com/v1', 'PodMonitor', 'flask-api-podmonitor')
const patchesOf = (...options: Parameters<typeof adjust>) =>
  adjust(...options).patches['flask-api-prod']?.map(({ target, patch }) => [target, JSON.parse(patch)])

test('the Service is opened on a cluster made here, and nowhere else', () => {
  expect(patchesOf([environment(service('ClusterIP'))], { nodePorts: true, served: new Set(['']) })).toEqual([
    [
      { kind: 'Service', name: '^flask-api-service$' },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'flask-api-service' }, spec: { type: 'NodePort' } },
    ],
  ])
  expect(patchesOf([environment(service('NodePort'))], { nodePorts: true, served: new Set(['']) })).toEqual([])
  expect(patchesOf([environment(service('ClusterIP'))], { nodePorts: false, served: new Set(['']) })).toEqual([])
})

test('a kind whose group the cluster does not serve is left out, and said', () => {
  const lacking = adjust([environment(monitor)], { nodePorts: true, served: new Set(['']) })
  expect(lacking.leftOut).toEqual(['flask-api-prod: PodMonitor'])
  expect(JSON.parse(lacking.patches['flask-api-prod']?.[0]?.patch ?? '')).toMatchObject({
    $patch: 'delete',
    kind: 'PodMonitor',
    metadata: { name: 'flask-api-podmonitor' },
  })
  const served = new Set(['', 'monitoring.coreos.com'])
  expect(adjust([environment(monitor)], { nodePorts: true, served })).toEqual({
    patches: { 'flask-api-prod': [] },
    leftOut: [],
  })
})
