// What the tests of this folder share: schemas without a cache of anybody's, and a Deployment that is good.

import { join } from 'node:path'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { openSchemas, type Schemas } from './index.ts'

export const modulesFolder = join(import.meta.dirname, '../../../node_modules')

export function openTestSchemas(customResourceDefinitions: readonly KubernetesObject[] = []): Promise<Schemas> {
  return openSchemas({ kinds: [], customResourceDefinitions })
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

/** Good documents, with the packages' names of their definitions. */
export const documents: readonly [definition: string, document: Draft][] = [
  [
    'IoK8sApiAppsV1Deployment',
    deployment(draft => {
      draft.spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } }
      draft.spec.template.spec.volumes = [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }]
      draft.spec.template.spec.tolerations = [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }]
    }),
  ],
  [
    'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1ServiceMonitor',
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'm' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        namespaceSelector: { any: true },
        sampleLimit: 10,
        endpoints: [
          {
            port: 'http',
            interval: '30s',
            honorLabels: true,
            scheme: 'http',
            relabelings: [{ action: 'replace', sourceLabels: ['a'], targetLabel: 'b' }],
          },
        ],
      },
    },
  ],
  [
    'ComGithubArgoprojArgoCdV3PkgApisApplicationV1alpha1Application',
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'a', labels: { a: 'b' } },
      spec: {
        project: 'p',
        destination: { server: 'https://kubernetes.default.svc', namespace: 'n' },
        source: { repoURL: 'https://example.com/r', path: 'p', kustomize: { replicas: [{ name: 'x', count: 2 }] } },
        syncPolicy: { automated: { prune: true }, retry: { limit: 5, backoff: { factor: 2 } }, syncOptions: ['a=b'] },
        ignoreDifferences: [{ kind: 'X', jsonPointers: ['/a'] }],
        revisionHistoryLimit: 3,
      },
    },
  ],
]

const values: readonly unknown[] = ['text', '5', 5, -1, 1.5, 3_000_000_000, true, [], ['a'], {}, { a: 1 }, '1Gi', '1Gx']

/** One to three fields changed, dropped or added, anywhere in a copy. Never null, of which api and package differ. */
export function mutate(document: unknown, random: () => number): unknown {
  const copy = structuredClone(document)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
    const places: [Draft, string | number][] = []
    const visit = (value: Draft): void => {
      if (typeof value !== 'object') return
      for (const key of Object.keys(value)) {
        places.push([value, Array.isArray(value) ? Number(key) : key])
        visit(value[key])
      }
    }
    visit(copy)
    const [holder, key] = pick(places)
    const choice = random()
    if (choice < 0.2 && !Array.isArray(holder)) delete holder[key]
    else if (choice < 0.25 && !Array.isArray(holder)) holder[`${key}x`] = holder[key]
    else holder[key] = structuredClone(pick(values))
  }
  return copy
}
