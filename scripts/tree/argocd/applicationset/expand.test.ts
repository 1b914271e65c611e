// The Applications of an ApplicationSet, and what Argo CD would refuse on the way.
import { expect, test } from 'vitest'
import { valueAt } from '../../model/build.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import { expandApplicationSet } from './expand.ts'
import type { GeneratorWorld } from './generators/world.ts'
import { readYaml } from './read-yaml.ts'

const WORLD: GeneratorWorld = {
  isOwn: repoUrl => repoUrl === 'here',
  files: ['apps/web/a.yaml', 'apps/api/a.yaml'],
  readText: () => undefined,
  clusters: undefined,
  /** What is not known is refused, as with `missingkey=error`. */
  render: async (tasks, options) => {
    if (options.includes('odd')) return { error: 'option odd is unknown', option: 'odd' }
    const lost = tasks.find(({ text }) => text.includes('.lost'))
    if (lost) return { error: 'there is no parameter .lost', text: lost.text }
    return { texts: tasks.map(({ text, parameters }) => text.replaceAll('{{.name}}', String(parameters.name))) }
  },
}

const TEMPLATE = "metadata: { name: '{{name}}' }, spec: { project: shop, source: { path: '{{name}}' } }"
const GO = "metadata: { name: '{{.name}}' }, spec: { project: shop, source: { path: a } }"

async function expand(generators: string, template = TEMPLATE, more = '', world: Partial<GeneratorWorld> = {}) {
  const set = readYaml(
    `{ metadata: { name: all, namespace: argocd }, spec: { generators: ${generators}, template: { ${template} }, ${more} } }`,
  )
  const { applications, faults, unknown } = await expandApplicationSet(set as KubernetesObject, { ...WORLD, ...world })
  return {
    names: applications.map(one => String(valueAt(one, ['metadata', 'name']))),
    faults: faults.map(({ fieldPath, values, severity }) => {
      const mark = severity === 'warning' ? '?' : ''
      return `${fieldPath.slice(1).join('.')}: ${values.join(' ')}${mark}`
    }),
    unknown: unknown.length,
    applications,
  }
}

const LIST = '{ list: { elements: [{ name: dev }, { name: prod }] } }'

test.each<
  readonly [what: string, generators: string, names: readonly string[], faults: readonly string[], unknown: number]
>([
  ['a list', `[${LIST}]`, ['dev', 'prod'], [], 0],
  ['two generators', `[${LIST}, { list: { elements: [{ name: qa }] } }]`, ['dev', 'prod', 'qa'], [], 0],
  [
    'a selector',
    `[{ list: { elements: [{ name: dev }, { name: prod }] }, selector: { matchLabels: { name: dev } } }]`,
    ['dev'],
    [],
    0,
  ],
  ['an entry of no generator', `[{ lists: {} }, ${LIST}]`, ['dev', 'prod'], ['generators.0: unknown-generator?'], 0],
  ['nothing but such an entry', '[{}]', [], ['generators.0: unknown-generator?'], 0],
  [
    'an element that is not a mapping',
    '[{ list: { elements: [dev] } }]',
    [],
    ['generators.0: refused-generator list'],
    0,
  ],
  ['a generator of other machines', '[{ scmProvider: {} }]', [], [], 1],
  ['one of them, beside a list', `[{ pullRequest: {} }, ${LIST}]`, ['dev', 'prod'], [], 1],
  ['nothing', '[{ list: { elements: [] } }]', [], ['generators: makes-nothing?'], 0],
  ['generators that are no list', 'none', [], [], 0],
  [
    'a name twice',
    `[${LIST}, { list: { elements: [{ name: dev }] } }]`,
    ['dev', 'prod', 'dev'],
    ['template.metadata.name: repeated-name dev'],
    0,
  ],
  ['a name that is empty', '[{ list: { elements: [{ name: "" }] } }]', [''], ['template.metadata.name: no-name'], 0],
])('%s', async (_, generators, names, faults, unknown) => {
  const made = await expand(generators)
  expect({ names: made.names, faults: made.faults, unknown: made.unknown }).toEqual({ names, faults, unknown })
})

test('an Application has the namespace of its ApplicationSet, and needs a project', async () => {
  const own = "metadata: { name: '{{name}}', namespace: other }, spec: { project: '' }"
  const { applications, faults } = await expand(`[${LIST}]`, own)
  expect(applications.map(one => valueAt(one, ['metadata', 'namespace']))).toEqual(['argocd', 'argocd'])
  expect(faults).toEqual(Array(2).fill('template.spec.project: no-project'))
})

const GO_TEMPLATE = 'goTemplate: true'

test.each<readonly [what: string, template: string, more: string, faults: readonly string[]]>([
  ['what can be rendered', GO, GO_TEMPLATE, []],
  [
    'a parameter that is not there',
    GO.replace('path: a', "path: '{{.lost}}'"),
    GO_TEMPLATE,
    ['template.spec.source.path: template-not-rendered {{.lost}}'],
  ],
  ['an option that is none', GO, `${GO_TEMPLATE}, goTemplateOptions: [odd]`, ['goTemplateOptions: unknown-option odd']],
  ['a patch', GO, `${GO_TEMPLATE}, templatePatch: "spec: { source: { path: '{{.name}}' } }"`, []],
  ['a patch of nothing', GO, `${GO_TEMPLATE}, templatePatch: ""`, []],
  [
    'a patch that is not rendered',
    GO,
    `${GO_TEMPLATE}, templatePatch: "{{.lost}}"`,
    ['templatePatch: patch-not-rendered'],
  ],
  ['a patch that is not YAML', GO, `${GO_TEMPLATE}, templatePatch: "a: ["`, ['templatePatch: patch-not-yaml']],
  ['a patch that is a list', GO, `${GO_TEMPLATE}, templatePatch: "[a]"`, ['templatePatch: patch-not-mapping']],
  [
    'a patch of the project',
    GO,
    `${GO_TEMPLATE}, templatePatch: "spec: { project: b }"`,
    ['templatePatch: patched-project?'],
  ],
  ['a patch of the same project', GO, `${GO_TEMPLATE}, templatePatch: "spec: { project: shop }"`, []],
  [
    'a directive that is none',
    GO,
    `${GO_TEMPLATE}, templatePatch: "spec: { $patch: odd }"`,
    ['templatePatch: odd-directive'],
  ],
])('%s', async (_, template, more, faults) => {
  expect((await expand('[{ list: { elements: [{ name: dev }] } }]', template, more)).faults).toEqual(faults)
})

test('a patch is laid over what the template made, and its nulls take away', async () => {
  const patch = `${GO_TEMPLATE}, templatePatch: "spec: { source: { path: null, chart: '{{.name}}' }, project: b }"`
  const { applications } = await expand('[{ list: { elements: [{ name: dev }] } }]', GO, patch)
  expect(applications[0]).toMatchObject({ spec: { project: 'shop', source: { chart: 'dev' } } })
  expect(valueAt(applications[0], ['spec', 'source', 'path'])).toBeUndefined()
})

test('without helm a Go template is not known, and a plain one is', async () => {
  expect(await expand(`[${LIST}]`, GO, GO_TEMPLATE, { render: undefined })).toMatchObject({ names: [], unknown: 1 })
  expect(await expand(`[${LIST}]`, TEMPLATE, '', { render: undefined })).toMatchObject({ unknown: 0 })
})

test('of what is not expanded, the names of sources that nothing has are known all the same', async () => {
  const chart = 'repoURL: charts, chart: web, helm: { valueFiles: ["$deploy/{{.name}}.yaml"] }'
  const elements = `[{ sources: [{ repoURL: git, ref: secrets }, { ${chart} }] }, { sources: [{ repoURL: git, ref: deploy }, { ${chart} }] }]`
  const generators = `[{ matrix: { generators: [{ clusters: {} }, { list: { elements: ${elements} } }] } }]`
  expect(await expand(generators)).toMatchObject({
    unknown: 1,
    faults: ['generators.0.matrix.generators.1.list.elements.0.sources.0.ref: unknown-ref deploy'],
  })
})
