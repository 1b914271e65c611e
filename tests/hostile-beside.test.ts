// What a stranger may put beside sound files: each ends soon, and what stands beside it is examined all the same.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from './folder.ts'
import { showFindings, validateTree } from './tree.ts'

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n'

const folder = useFolder('beside')
const { write } = folder

const repeat = (text: string, count: number): string => text.repeat(count)

const PATCH = '[{"op":"remove","path":"/data"}]'
const PATCHED = 'resources: [a.yaml]\npatches: [{ target: { kind: ConfigMap }, '
const OPERATIONS = JSON.stringify(Array.from({ length: 6000 }, (_, index) => ({ op: 'add', path: `/data/k${index}` })))
const SOURCE = 'https://example.com/acme/tree.git'
const DESTINATION = '{ server: https://kubernetes.default.svc, namespace: web }'
const application = (source: string, more = ''): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: web, namespace: argocd }\nspec:\n  project: default\n  source: { repoURL: ${SOURCE}, targetRevision: HEAD, ${source} }\n  destination: ${DESTINATION}\n${more}`
const applicationSet = (generator: string, name: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: web, namespace: argocd }\nspec:\n  goTemplate: true\n  generators: [${generator}]\n  template:\n    metadata: { name: ${JSON.stringify(name)} }\n    spec: { project: default, source: { repoURL: ${SOURCE}, targetRevision: HEAD, path: web }, destination: ${DESTINATION} }\n`
const list = (key: string, count: number): string =>
  `{ list: { elements: [${Array.from({ length: count }, (_, index) => `{ ${key}: ${key}${index} }`).join(', ')}] } }`
const ONE = '{ list: { elements: [{ a: web }] } }'

/** Each stands beside a Service with a mistake, which is found whatever happens here. */
const BESIDE: readonly (readonly [string, () => void, RegExp?])[] = [
  [
    'a hundred thousand documents',
    () => write('a.yaml', repeat(`${CONFIG_MAP}---\n`, 100_000)),
    /more than 20000 documents/,
  ],
  [
    'half a million separators',
    () => write('a.yaml', `${repeat('---\n', 500_000)}${CONFIG_MAP}`),
    /more than 20000 documents/,
  ],
  [
    'a text of 15 MB',
    () => write('a.yaml', `${CONFIG_MAP}data: { a: ${repeat('a', 15_000_000)} }\n`),
    /data has 15000000 bytes/,
  ],
  ['a null byte', () => write('a.yaml', `${CONFIG_MAP}data: { a: "\0" }\n`), /null byte/],
  [
    'a kustomization in UTF-16',
    () => {
      write('app/kustomization.yaml', Buffer.from('\uFEFFresources: [a.yaml]\n', 'utf16le'))
      write('app/a.yaml', CONFIG_MAP)
    },
  ],
  [
    'a patch of thousands of operations',
    () => {
      write('app/kustomization.yaml', `${PATCHED}path: p.json }]\n`)
      write('app/a.yaml', CONFIG_MAP)
      write('app/p.json', OPERATIONS)
    },
    /app\/p\.json:1:1 more than 5000 operations in one patch/,
  ],
  [
    'the same written inline',
    () => {
      write('app/kustomization.yaml', `${PATCHED}patch: '${OPERATIONS}' }]\n`)
      write('app/a.yaml', CONFIG_MAP)
    },
    /app\/kustomization\.yaml:2:\d+ more than 5000 operations in one patch/,
  ],
  [
    'names that move the cursor and end lines',
    () => write('x\n\u001b[31m/kustomization.yaml', 'resources: [a.yaml]\n'),
    /x\?\?\[31m\/a\.yaml does not exist/,
  ],
  [
    'values that are a link to the processes of the machine',
    () => {
      write('app.yaml', application('path: chart, helm: { valueFiles: [env.yaml] }'))
      write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
      write('chart/templates/a.yaml', CONFIG_MAP)
      symlinkSync('/proc/self/environ', join(folder.root, 'chart/env.yaml'))
    },
    /value file env\.yaml: it lies outside/,
  ],
  [
    'aliases of aliases in values',
    () => {
      write('app.yaml', application('path: chart'))
      write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
      write('chart/templates/a.yaml', `${CONFIG_MAP}data: { a: {{ .Values.a8 | toJson | quote }} }\n`)
      const levels = Array.from({ length: 8 }, (_, n) => `a${n + 1}: &a${n + 1} [${repeat(`*a${n}, `, 9)}]\n`)
      write('chart/values.yaml', `a0: &a0 [x]\n${levels.join('')}`)
    },
    /cannot load values\.yaml/,
  ],
  [
    'expressions that never end',
    () => {
      write('web/a.yaml', CONFIG_MAP)
      const expressions = '["def f: f; f", "[range(1e12)]", "last(repeat(1))"]'
      const more = `  ignoreDifferences: [{ group: "", kind: ConfigMap, jqPathExpressions: ${expressions} }]\n`
      write('app.yaml', application('path: web', more))
    },
  ],
  [
    'a million Applications',
    () =>
      write(
        'set.yaml',
        applicationSet(`{ matrix: { generators: [${list('a', 1000)}, ${list('b', 1000)}] } }`, '{{ .a }}-{{ .b }}'),
      ),
  ],
  [
    'a template that calls itself',
    () => write('set.yaml', applicationSet(ONE, '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}')),
    /the template cannot be rendered/,
  ],
  [
    'a text of 2 GB',
    () => write('set.yaml', applicationSet(ONE, '{{ repeat 2000000000 .a }}')),
    /the template cannot be rendered/,
  ],
  ['the environment', () => write('set.yaml', applicationSet(ONE, '{{ env "HOME" }}')), /function env is not defined/],
  [
    'Applications that render each other',
    () => {
      write('apps/a.yaml', application('path: apps'))
      write('apps/b.yaml', application('path: apps').replace('name: web', 'name: other'))
    },
  ],
  [
    'globs that backtrack',
    () => {
      write(`web/${repeat('a', 200)}.yaml`, CONFIG_MAP)
      write('app.yaml', application(`path: web, directory: { include: "${repeat('*a', 60)}*b" }`))
      write('.gitignore', `${repeat('a*', 40)}b\n${repeat('**/', 40)}x\n`)
    },
    /nothing is rendered from here/,
  ],
  [
    'a target that backtracks',
    () => {
      write('app/a.yaml', CONFIG_MAP.replace('web', repeat('a', 60)))
      const target = '{ kind: ConfigMap, name: "(a+)+(a|aa)+b" }'
      write('app/kustomization.yaml', `resources: [a.yaml]\npatches: [{ target: ${target}, patch: '${PATCH}' }]\n`)
    },
    /^unmatched-patch-target app\/kustomization\.yaml:2:/m,
  ],
  [
    'namespaces of a project that backtrack',
    () => {
      write('web/a.yaml', CONFIG_MAP)
      write('app.yaml', application('path: web').replace('namespace: argocd', `namespace: ${repeat('a', 60)}`))
      write(
        'project.yaml',
        'apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: default, namespace: argocd }\nspec: { sourceRepos: ["*"], sourceNamespaces: ["/(a+)+(a|aa)+b$/"], destinations: [{ server: "*", namespace: "*" }] }\n',
      )
    },
    /^application-project-mismatch app\.yaml/m,
  ],
  ['nine hundred folders, one in the other', () => write(`${repeat('d/', 900)}a.yaml`, CONFIG_MAP)],
  [
    'policies that loop in loops',
    () => {
      write(
        'a.yaml',
        `${CONFIG_MAP}data: { ${Array.from({ length: 2000 }, (_, index) => `k${index}: v`).join(', ')} }\n`,
      )
      const expression = 'object.data.all(a, object.data.all(b, object.data.all(c, true)))'
      write(
        'validation.yaml',
        `policies: [{ id: loops, kinds: [ConfigMap], message: x, expression: "${expression}" }]\n`,
      )
    },
  ],
  [
    'a pattern that repeats repetitions',
    () => {
      const schema = '{ type: object, properties: { spec: { type: string, pattern: "^((a{1,500}){1,500}){1,3}b$" } } }'
      write(
        'crd.yaml',
        `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: webs.example.com }\nspec:\n  group: example.com\n  scope: Namespaced\n  names: { kind: Web, plural: webs }\n  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: ${schema} } }]\n`,
      )
      write('a.yaml', `apiVersion: example.com/v1\nkind: Web\nmetadata: { name: a }\nspec: ${repeat('a', 100_000)}\n`)
    },
    /pattern is not a regular expression/,
  ],
]

for (const [title, prepare, expected] of BESIDE) {
  test(title, async () => {
    write('beside.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: beside }\nspec: { prots: [] }\n')
    write('validation.yaml', `repository: { urls: [${SOURCE}] }\n`)
    prepare()
    const begun = performance.now()
    const findings = showFindings(await validateTree(folder.root, { cache: false }))
    // A bound on hostile input, not a measurement: twice what an idle machine may take.
    expect(performance.now() - begun).toBeLessThan(20_000)
    expect(findings.filter(one => one.startsWith('schema-validation beside.yaml:4:'))).toHaveLength(1)
    if (expected) expect(findings.join('\n')).toMatch(expected)
  })
}
