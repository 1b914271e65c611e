// The recovered schemas say what the compiled validators of the packages say, on thousands of broken documents; the
// strict ones refuse those as well.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packageOf } from './builtin.ts'
import { openDefinitions } from './definitions.ts'
import { recoverModule } from './recover.ts'
import { replacementFor } from './strict.ts'
import { type Draft, deployment, modulesFolder, openTestSchemas, seededRandom } from './testing.ts'

const documents: readonly [definition: string, document: Draft][] = [
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
const rounds = 1500

/** One to three fields changed, dropped or added, anywhere in a copy. Never null, of which api and package differ. */
function mutate(document: unknown, random: () => number): unknown {
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

test.each(documents)('%s', async (definition, document) => {
  const path = join(modulesFolder, packageOf(definition), '_schemas', `${definition}.js`)
  const original = (await import(pathToFileURL(path).href)) as { validate: (data: unknown) => boolean }
  const recovered = openDefinitions({
    cacheFolder: undefined,
    modulesFolder,
    lookupCustom: id =>
      replacementFor(id) ??
      recoverModule(id, readFileSync(join(modulesFolder, packageOf(id), '_schemas', `${id}.js`), 'utf8')),
    onTooLong: () => {},
  })
  const strict = await openTestSchemas()
  const random = seededRandom(36)
  const disagreements: unknown[] = []
  let refused = 0
  expect(original.validate(document)).toBe(true)
  for (let round = 0; round < rounds; round++) {
    const mutant = mutate(document, random) as Draft
    const accepted = original.validate(mutant)
    if (!accepted) refused++
    if ((recovered.check(definition, mutant) === null) !== accepted) disagreements.push(mutant)
    if (accepted || mutant.apiVersion !== document.apiVersion || mutant.kind !== document.kind) continue
    if (strict.validate(mutant)?.length === 0) disagreements.push(mutant)
  }
  expect(refused).toBeGreaterThan(rounds / 3)
  expect(disagreements).toEqual([])
})
