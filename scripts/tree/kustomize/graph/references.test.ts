// Which values of a kustomization name files or folders, and which of them are never followed.
import { expect, test } from 'vitest'
import { readYaml } from '../../argocd/applicationset/read-yaml.ts'
import { findExcessOf, isInline, listReferences } from './references.ts'

/** `PATH CONTENT` and what it may be (`f` a file, `d` a folder); `!` before what is refused, `~` before what lies elsewhere. */
const list = (kustomization: string): readonly string[] =>
  [...listReferences(readYaml(`{ ${kustomization} }`) as never)].map(one => {
    const mark = one.elsewhere ? '~' : one.refusal ? '!' : ''
    return `${mark}${one.path} ${one.content} ${one.mayBeFile ? 'f' : ''}${one.mayBeFolder ? 'd' : ''}`.trim()
  })

test.each<readonly [kustomization: string, expected: readonly string[]]>([
  ['resources: [a.yaml, ../base, 1]', ['a.yaml resource fd', '../base resource fd']],
  ['components: [../tls]', ['../tls resource d']],
  ['bases: [../base]', ['../base resource fd']],
  ['crds: [a.json], configurations: [b.yaml]', ['b.yaml yaml f', 'a.json yaml f']],
  ['openapi: { path: schema.json }', ['schema.json yaml f']],
  ['openapi: { version: v1 }', []],
  ['patches: [{ path: p.yaml }, { patch: "a: b" }]', ['p.yaml patch f']],
  ['patchesStrategicMerge: [p.yaml, "a: b\\nc: d", "{ a: b }"]', ['p.yaml patch f']],
  ['replacements: [{ path: r.yaml }, { source: {} }]', ['r.yaml yaml f']],
  [
    'configMapGenerator: [{ files: [a.txt, "b=c.txt"], envs: [d.env], env: e.env, literals: [f=g.txt] }]',
    ['a.txt data f', 'c.txt data f', 'd.env data f', 'e.env data f'],
  ],
  ['secretGenerator: [{ files: ["a=b=c"] }]', ['b=c data f']],
  ['transformers: [../labels, t.yaml]', ['../labels plugin fd', 't.yaml plugin fd']],
  ['helmCharts: []', []],
  ['helmCharts: [{ name: web, repo: "https://charts" }, { name: api }]', ['~web of https://charts and 1 more data']],
  ['helmChartInflationGenerator: [{ chartName: web }]', ['~web data']],
])('%s', (kustomization, expected) => {
  expect(list(kustomization)).toEqual(expected)
})

test.each([
  ['https://git.example/shop/config', '~'],
  ['git::https://git.example/shop/config', '~'],
  ['github.com/shop/config?ref=v1', '~'],
  ['git@git.example:shop/config.git', '~'],
  ['deploy@git.example:shop/config', '~'],
  ['ssh://git@git.example/shop', '~'],
  ['github.com:shop/config', '~'],
  ['../config?ref=v1', '~'],
  ['../config.git/web', '~'],
  ['../config', ''],
  ['./github.com', ''],
  ['web@v2', ''],
  // Not an address that kustomize knows, and so a file, which is not there.
  ['ext::sh -c touch', ''],
  ['git::ext::sh', '!'],
  ['file:///etc', '!'],
  ['https://git.example/shop?ref=--upload-pack=x', '!'],
  ['https://git.example/shop?ref=%2d', '!'],
  ['https://git.example/-x', '!'],
  ['ssh://-oProxyCommand=x/y', '!'],
  ['https://git.example/a b', '!'],
  ['https://git.example/$(x)', '!'],
])('%s is %j', (path, mark) => {
  expect(list(`resources: [${JSON.stringify(path)}]`)).toEqual([`${mark}${path} resource fd`])
})

test.each([
  ['a\nb', true],
  [' { a: b }', true],
  ['a.yaml', false],
])('%j is text in the place of a path: %s', (text, expected) => {
  expect(isInline(text)).toBe(expected)
})

test('a patch of too many operations is told, one of many is not', () => {
  const operations = (count: number): string => '- { op: add, path: /a, value: b }\n'.repeat(count)
  expect(findExcessOf(operations(100))).toBeUndefined()
  expect(findExcessOf(operations(100_000))).toMatch(/^more than \d+ operations in one patch$/)
})
