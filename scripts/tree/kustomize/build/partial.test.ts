// What stands beside a chart, a URL or a missing file is rendered, and nobody takes it for the whole.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFiles } from '../../../../tests/folder.ts'
import { validateTree } from '../../../../tests/tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'partial-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  writeFiles(root, { [path]: text })
}

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
const broken = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { portz: [] }\n`

const look = async () => {
  const { report } = await validateTree(root)
  return {
    findings: report.findings.map(({ ruleId, location: { file } }) => `${ruleId} ${file}`),
    places: report.findings.map(
      ({ location: { file, line }, proved }) => `${file}:${line}${proved === false ? ' near' : ''}`,
    ),
    messages: report.findings.map(({ message }) => message).sort(),
    notExamined: report.notExamined.map(({ reason, detail }) => `${reason}: ${detail ?? ''}`),
    builds: report.summary.builds,
  }
}

test('beside a URL, without the patches of what it brings, all else is examined', async () => {
  write(
    'kustomization.yaml',
    [
      'resources: [own.yaml, "https://example.com/base.yaml"]',
      'patches: [{ path: lost.yaml }, { path: kept.yaml }]',
      'replicas: [{ name: theirs, count: 2 }]',
    ].join('\n'),
  )
  write('own.yaml', broken('own'))
  write('lost.yaml', configMap('theirs'))
  write('kept.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: own }\nspec: { porty: 1 }\n')
  const { places, messages, notExamined, builds } = await look()
  // Not those of the entries that were left out before them.
  expect(places).toEqual(['kept.yaml:4', 'own.yaml:4'])
  expect(messages).toEqual([expect.stringContaining('"porty"'), expect.stringContaining('"portz"')])
  expect(builds).toBe(1)
  expect(notExamined).toEqual([
    'a URL: what it brings is not here: https://example.com/base.yaml',
    'a build that is rendered in part: .: without 1 entry',
  ])
})

test('a patch of what is not here is let go, whatever namespace it names', async () => {
  const patch = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: theirs.v1, namespace: shop } }'
  write(
    'kustomization.yaml',
    `resources: [own.yaml, "https://example.com/base.yaml"]\npatches: [{ patch: "${patch}" }]\n`,
  )
  write('own.yaml', broken('own'))
  const { findings, builds } = await look()
  expect(findings).toEqual(['schema-validation own.yaml'])
  expect(builds).toBe(1)
})

test('a chart below a root leaves what stands beside it', async () => {
  write('all/kustomization.yaml', 'resources: [../cache, ../app]\nnamespace: shop\n')
  write('cache/kustomization.yaml', 'helmCharts: [{ name: cache, repo: https://charts.example.com }]\n')
  write('app/kustomization.yaml', 'resources: [service.yaml]\n')
  write(
    'app/service.yaml',
    'apiVersion: v1\nkind: Service\nmetadata: { name: app }\nspec: { ports: [{ port: 80 }], selector: { app: x }, portz: 1 }\n',
  )
  const { findings, notExamined } = await look()
  // The pods may be the chart's: that none is selected is not said.
  expect(findings).toEqual(['schema-validation app/service.yaml'])
  expect(notExamined).toContain('a chart: what it brings is not here: cache of https://charts.example.com')
})

test('of a root that brings charts alone what the tree says of it was read', async () => {
  write('base/kustomization.yaml', 'helmCharts: [{ name: cache, repo: https://charts.example.com }]\n')
  write('top/kustomization.yaml', 'resources: [../base]\nnamespace: shop\n')
  const { findings, notExamined } = await look()
  expect(findings).toEqual([])
  expect(notExamined).toEqual([
    'a chart: what it brings is not here: cache of https://charts.example.com',
    'a build that is rendered in part: top: without 1 entry',
  ])
})

test('the same where it merges into what they bring', async () => {
  const merging = 'configMapGenerator: [{ name: theirs, behavior: merge, literals: [a=b] }]'
  write('kustomization.yaml', `resources: ["https://example.com/base.yaml"]\n${merging}\n`)
  const { findings, notExamined } = await look()
  expect(findings).toEqual([])
  expect(notExamined).toContain('a build that is rendered in part: .: without 1 entry')
})

test('a root that cannot be rendered is not a build, and the sound folder below it is one', async () => {
  write('base/kustomization.yaml', 'resources: [a.yaml]\n')
  write('base/a.yaml', broken('lonely'))
  write('other/kustomization.yaml', 'resources: [../base]\nreplicas: [{ name: none, count: 1 }]\n')
  const { findings, notExamined, builds } = await look()
  expect(findings).toEqual(['schema-validation base/a.yaml', 'unmatched-replica other/kustomization.yaml'])
  expect(builds).toBe(1)
  expect(notExamined).toContain('a build that is not rendered: other: 1 file that no other build reads')
})

test('what would run a program is an error, and the rest is examined all the same', async () => {
  write('kustomization.yaml', 'resources: [a.yaml]\ngenerators: [run.yaml]\n')
  write('run.yaml', 'apiVersion: example.com/v1\nkind: Run\nmetadata: { name: run }\n')
  write('a.yaml', broken('a'))
  expect((await look()).findings).toEqual(['schema-validation a.yaml', 'refused-input run.yaml'])
})

test('what fails whatever is left out of the root is an error of the folder, and what stands beside it is examined', async () => {
  write('top/kustomization.yaml', 'resources: ["https://example.com/base.yaml", ../all]\n')
  write('all/kustomization.yaml', 'resources: [../web, ../beside]\n')
  write('web/kustomization.yaml', 'resources: [a.yaml]\npatches: [{ path: b.yaml }]\n')
  write('web/a.yaml', configMap('web'))
  write('web/b.yaml', configMap('wab'))
  write('beside/kustomization.yaml', 'resources: [a.yaml]\n')
  write('beside/a.yaml', broken('beside'))
  const { findings, places, notExamined } = await look()
  expect(findings).toEqual(['schema-validation beside/a.yaml', 'kustomize-build web/b.yaml'])
  expect(places).toEqual(['beside/a.yaml:4', 'web/b.yaml:3'])
  expect(notExamined).toContain('a build that is rendered in part: top: without 1 entry')
})

test('the same where the root cannot be rendered at all', async () => {
  write('top/kustomization.yaml', 'resources: ["https://example.com/base.yaml", ../all]\n')
  write('all/kustomization.yaml', 'resources: [../web, ../beside]\n')
  write('web/kustomization.yaml', 'resources: [a.yaml]\nreplicas: [{ name: none, count: 1 }]\n')
  write('web/a.yaml', configMap('web'))
  write('beside/kustomization.yaml', 'resources: [a.yaml]\n')
  write('beside/a.yaml', broken('beside'))
  const { findings } = await look()
  expect(findings).toEqual(['schema-validation beside/a.yaml', 'unmatched-replica web/kustomization.yaml'])
})
