// What the tests of this folder share: schemas without a cache of anybody's, and a Deployment that is good.

import { join } from 'node:path'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { openSchemas, type Schemas } from './index.ts'

export const modulesFolder = join(import.meta.dirname, '../../../node_modules')

export function openTestSchemas(customResourceDefinitions: readonly KubernetesObject[] = []): Promise<Schemas> {
  return openSchemas({ kinds: [], customResourceDefinitions, cacheFolder: undefined, modulesFolder })
}

/** Messages alone; an unknown kind is one too. */
export function messagesOf(schemas: Schemas, object: unknown): readonly string[] {
  const faults = schemas.validate(object as KubernetesObject)
  return faults ? faults.map(fault => fault.message) : ['unknown kind']
}

// biome-ignore lint/suspicious/noExplicitAny: tests write into any field of it
export type Draft = any

/** A good Deployment, changed. */
export function deployment(change: (draft: Draft) => void = () => {}): Draft {
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:1',
              imagePullPolicy: 'IfNotPresent',
              ports: [{ containerPort: 80 }],
              resources: { limits: { cpu: '500m', memory: '1Gi' } },
              livenessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
        },
      },
    },
  }
  change(draft)
  return draft
}

export function container(draft: Draft): Draft {
  return draft.spec.template.spec.containers[0]
}

/** Park and Miller's generator: the same numbers from the same seed, from 0 up to 1. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return (state - 1) / 2147483646
  }
}

/** A CustomResourceDefinition of `widgets.example.com` with one version. */
export function widgetDefinition(openAPIV3Schema: unknown, version: object = {}): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }],
    },
  }
}

export function widget(fields: object): KubernetesObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, ...fields }
}
