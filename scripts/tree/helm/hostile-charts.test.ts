// Charts of a stranger in a tree of others: each is rendered, refused or listed, and what stands beside them is examined.
import { execFileSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { showFindings, validateTree } from '../../../tests/tree.ts'

const folder = useFolder('hostile-charts')
const { write } = folder

const SOURCE = 'https://git.example.org/all'
const CHART = 'apiVersion: v2\nname: web\nversion: 0.1.0\n'
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n'
const found = (data: string): string => `${CONFIG_MAP}data:\n  found: ${data}\n`
/** Beside the private copies, where a dependency would put its files. */
const ESCAPED = `hostile-charts-escaped-${process.pid}`

const repeat = (text: string, count: number): string => text.repeat(count)

/** One file, link or folder of an archive. */
interface Entry {
  readonly name: string
  readonly content?: string
  readonly type?: '0' | '1' | '2' | '3' | '5' | '6'
  readonly link?: string
}

function pack(entries: readonly Entry[]): Buffer {
  const blocks = entries.map(({ name, content = '', type = '0', link = '' }) => {
    const header = Buffer.alloc(512)
    const size = Buffer.byteLength(content)
    header.write(name, 0, 100)
    header.write('0000644\0', 100)
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write('        ', 148)
    header.write(type, 156)
    header.write(link, 157, 100)
    header.write('ustar\u000000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (size % 512)) % 512)])
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 1 })
}

const SUBCHART = { name: 'sub/Chart.yaml', content: 'apiVersion: v2\nname: sub\nversion: 1.0.0\n' }
const packed = (...entries: readonly Entry[]): Files => ({ 'charts/sub-1.0.0.tgz': pack([SUBCHART, ...entries]) })

type Files = Readonly<Record<string, string | Uint8Array>>

interface Hostile {
  readonly files?: Files
  /** Makes what is not a plain file. */
  readonly make?: (path: string) => void
  /** Of the Application's source. */
  readonly helm?: string
  /** What is said of it; left out where nothing is. */
  readonly finding?: RegExp
  readonly notExamined?: RegExp
}

const template = (text: string): Files => ({ 'templates/a.yaml': text })
const linked = (target: string, at: string) => (path: string) => symlinkSync(target, join(path, at))
const dependency = (fields: string): Files => ({ 'Chart.yaml': `${CHART}dependencies: [{ ${fields} }]\n` })

const STOPPED = /helm was stopped/

const CHARTS: Readonly<Record<string, Hostile>> = {
  // Templates
  'a mapping in itself': {
    finding: /nothing is rendered/,
    files: template('{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d | toYaml }}'),
  },
  'a mapping in itself printed': {
    finding: STOPPED,
    files: template('{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d }}'),
  },
  'a long sequence': { finding: STOPPED, files: template(found('{{ len (seq 1 200000000) }}')) },
  'steps without end': { finding: STOPPED, files: template('{{ range untilStep 0 2000000000 1 }}{{ end }}') },
  'a step of zero': { finding: /not the number 0/, files: template(found('{{ len (untilStep 0 10 0) }}')) },
  'a width of its own': {
    finding: /not the number 13/,
    files: template(found('{{ len (printf "%*d" 2000000000 1) }}')),
  },
  'an indentation': { finding: STOPPED, files: template(`${CONFIG_MAP}data: {{ "x" | nindent 2000000000 }}`) },
  'templates in turn': {
    finding: STOPPED,
    files: template(
      '{{ define "a" }}{{ tpl "{{ include \\"b\\" . }}" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
    ),
  },
  'a million actions': { finding: /nothing is rendered/, files: template(repeat('{{ "" }}', 200_000)) },
  'parentheses in parentheses': {
    finding: /^application-source chart\/templates\/a\.yaml:1:1 .*max expression depth/,
    files: template(`{{ ${repeat('(', 100_000)}1${repeat(')', 100_000)} }}`),
  },
  'blocks in blocks': {
    finding: /YAML parse error/,
    files: template(`${repeat('{{ if true }}', 50_000)}x${repeat('{{ end }}', 50_000)}`),
  },
  'repetitions of repetitions': {
    finding: /not the boolean false/,
    files: template(found('{{ regexMatch "((a{1,1000}){1,1000}){1,1000}" "a" }}')),
  },
  'a replacement that grows': {
    finding: STOPPED,
    files: template(found('{{ len (regexReplaceAll "a" (repeat 10000 "a") (repeat 1000000 "b")) }}')),
  },
  'a file of notes': {
    finding: STOPPED,
    files: { 'templates/NOTES.txt': '{{ repeat 2000000000 "x" }}', ...template(CONFIG_MAP) },
  },
  // What comes out
  'levels of lists': { finding: /max depth/, files: template(`${CONFIG_MAP}data: ${repeat('[', 50_000)}`) },
  'documents without number': {
    finding: /nothing is rendered/,
    files: template('{{ range until 25000 }}\n---\na: 1\n{{ end }}'),
  },
  'aliases that come out': {
    finding: /excessive aliasing/,
    files: template(
      `${CONFIG_MAP}data:\n  a0: &a0 [x]\n${Array.from({ length: 9 }, (_, n) => `  a${n + 1}: &a${n + 1} [${repeat(`*a${n}, `, 9)}]\n`).join('')}`,
    ),
  },
  'a source above': {
    finding: /^schema-validation chart\/crds\/a\.yaml:\d+:1 unknown field "bar"/m,
    files: {
      'crds/a.yaml': `${CONFIG_MAP}---\n# Source: web/../../../../../../../etc/passwd\n${CONFIG_MAP}bar: 1\n`,
    },
  },
  // Files
  'a null byte': { finding: /control characters/, files: template(found('"\0"')) },
  'half a character': {
    finding: /invalid leading UTF-8/,
    files: { 'templates/a.yaml': Buffer.concat([Buffer.from(`${CONFIG_MAP}# `), Buffer.from([0xff, 0xfe])]) },
  },
  'a line of 8 MB': { finding: /maximum file size/, files: template(found(repeat('a', 8_000_000))) },
  'three thousand templates': {
    finding: /^application-source chart\/templates\/\d+\.yaml:1:1 .*YAML parse error/,
    files: Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`templates/${n}.yaml`, `${CONFIG_MAP}${n}`])),
  },
  'more files than a chart has': {
    notExamined: /too large/,
    files: Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`files/${n}`, 'x'])),
  },
  'names that are patterns': {
    files: {
      'files/[a-z]*{b,c}?.txt': 'x',
      'files/\n---\n# Source: x': 'x',
      ...template(found('{{ len (.Files.Glob "files/**") | quote }}')),
    },
  },
  'a pattern that is none': { files: template(found('{{ len (.Files.Glob "[") | quote }}')) },
  'a glob over glob': {
    finding: /not the number 0/,
    files: template(found(`{{ len (.Files.Glob "${repeat('{a,', 500)}b${repeat('}', 500)}") }}`)),
  },
  'ignored files by odd patterns': {
    finding: /double-star/,
    files: { '.helmignore': '**/x\n[\n', ...template(CONFIG_MAP) },
  },
  'a schema of itself': {
    finding: /reference cycle/,
    files: { 'values.schema.json': '{"$ref":"#"}', 'values.yaml': 'a: 1\n', ...template(CONFIG_MAP) },
  },
  'a schema that branches': {
    finding: STOPPED,
    files: {
      'values.schema.json': JSON.stringify({
        $defs: Object.fromEntries(
          Array.from({ length: 31 }, (_, n) => {
            const next = { $ref: `#/$defs/d${n + 1}` }
            return [`d${n}`, n < 30 ? { allOf: [next, next] } : {}]
          }),
        ),
        $ref: '#/$defs/d0',
      }),
      'values.yaml': 'a: 1\n',
      ...template(CONFIG_MAP),
    },
  },
  'definitions without number': {
    finding: /duplicate-resource/,
    files: { 'crds/a.yaml': repeat(`${CONFIG_MAP}---\n`, 15_000) },
  },
  'a plugin': {
    files: {
      'plugin.yaml': 'name: x\nversion: 0.1.0\ncommand: touch ran\n',
      'plugins/x/plugin.yaml': 'name: x\ncommand: touch ran\nhooks: { install: touch ran }\n',
      ...template(CONFIG_MAP),
    },
  },
  // Links and devices
  'a device for values': { files: template(CONFIG_MAP), make: linked('/dev/zero', 'values.yaml') },
  'a pipe for a template': {
    files: template(CONFIG_MAP),
    make: path => execFileSync('mkfifo', [join(path, 'templates/b.yaml')]),
  },
  'a folder of itself': { files: template(CONFIG_MAP), make: linked('..', 'templates/up') },
  'the machine for templates': { finding: /nothing is rendered/, make: linked('/etc', 'templates') },
  'the machine for a subchart': {
    finding: /Chart\.yaml file is missing/,
    files: { ...template(CONFIG_MAP), 'charts/x': '' },
    make: linked('/etc', 'charts/etc'),
  },
  // Names and options
  'a name above': {
    finding: /chart\.metadata\.name .* is invalid/,
    files: { 'Chart.yaml': CHART.replace('name: web', 'name: ../../../web'), ...template(CONFIG_MAP) },
  },
  'a dependency above': {
    notExamined: /dependencies are not in the tree/,
    files: {
      ...dependency(`name: ../../../${ESCAPED}, version: 0.1.0, repository: "file://../beside"`),
      ...template(CONFIG_MAP),
    },
  },
  'a dependency of the machine': {
    notExamined: /dependencies are not in the tree/,
    files: { ...dependency('name: etc, version: 0.1.0, repository: "file:///etc"'), ...template(CONFIG_MAP) },
  },
  'a dependency on itself': {
    finding: /duplicate-resource/,
    files: { ...dependency('name: web, version: 0.1.0, repository: "file://."'), ...template(CONFIG_MAP) },
  },
  'a dependency where a file is': {
    finding: /Chart\.yaml file is missing/,
    files: {
      ...dependency('name: beside, version: 0.1.0, repository: "file://../beside"'),
      'charts/beside': 'x',
      ...template(CONFIG_MAP),
    },
  },
  'an alias above': {
    finding: /disallowed characters in the alias/,
    files: { ...dependency('name: sub, alias: ../../x, version: 1.0.0'), ...packed(), ...template(CONFIG_MAP) },
  },
  'values of another program': {
    finding: /does not exist/,
    files: template(CONFIG_MAP),
    helm: 'valueFiles: ["--post-renderer=/bin/sh"]',
  },
  'a version of another program': {
    finding: /invalid kube version/,
    files: template(CONFIG_MAP),
    helm: 'kubeVersion: "--post-renderer=/bin/sh"',
  },
  'a parameter of a billion': {
    finding: /greater than maximum supported index/,
    files: template(CONFIG_MAP),
    helm: 'parameters: [{ name: "a[2000000000]", value: x }]',
  },
  'a parameter of many levels': {
    finding: /maximum supported nested level/,
    files: template(CONFIG_MAP),
    helm: `parameters: [{ name: "${repeat('a.', 5_000)}a", value: x }]`,
  },
  // Archives
  'an archive that is none': {
    finding: /invalid header/,
    files: { 'charts/sub-1.0.0.tgz': 'no archive', ...template(CONFIG_MAP) },
  },
  'an archive cut short': {
    finding: /unexpected EOF/,
    files: { 'charts/sub-1.0.0.tgz': pack([SUBCHART]).subarray(0, 60), ...template(CONFIG_MAP) },
  },
  'an archive with a root': { files: { ...packed({ name: '/etc/x', content: 'x' }), ...template(CONFIG_MAP) } },
  'an archive with a link': {
    files: { ...packed({ name: 'sub/templates/a.yaml', type: '2', link: '/etc/hostname' }), ...template(CONFIG_MAP) },
  },
  'an archive with a device': {
    files: { ...packed({ name: 'sub/templates/a.yaml', type: '3' }), ...template(CONFIG_MAP) },
  },
  'an archive of doubles': {
    finding: /duplicate-resource/,
    files: {
      ...packed(
        { name: 'sub/templates/a.yaml', content: CONFIG_MAP },
        { name: 'sub/templates/a.yaml', content: found('x') },
      ),
      ...template(CONFIG_MAP),
    },
  },
  'an archive of archives': {
    finding: /error unpacking subchart/,
    files: { 'charts/sub-1.0.0.tgz': nest(20), ...template(CONFIG_MAP) },
  },
  'an archive of nothing': {
    files: {
      ...packed(...Array.from({ length: 30_000 }, (_, n) => ({ name: `sub/files/${n}` }))),
      ...template(CONFIG_MAP),
    },
  },
}

function nest(levels: number): Buffer {
  let inner: Buffer | undefined
  for (let level = 0; level < levels; level++) {
    const more = inner ? [{ name: 'sub/charts/sub-1.0.0.tgz', content: inner.toString('latin1') }] : []
    inner = pack([SUBCHART, ...more])
  }
  return inner ?? Buffer.alloc(0)
}

const application = (path: string, more: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: ${path}, namespace: argocd }\nspec:\n  project: default\n  source: { repoURL: ${SOURCE}, targetRevision: HEAD, path: ${path}${more} }\n  destination: { name: in-cluster, namespace: ${path} }\n`

const BESIDE = /^schema-validation beside\/a\.yaml:4:/

test.each(Object.entries(CHARTS))('%s', async (_, { files = {}, make, helm, finding, notExamined }) => {
  write('validation.yaml', `repository: { urls: [${SOURCE}] }\n`)
  write('beside/a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: beside }\nspec: { prots: [] }\n')
  write('apps/beside.yaml', application('beside', ''))
  write('apps/chart.yaml', application('chart', helm ? `, helm: { ${helm} }` : ''))
  for (const [path, content] of Object.entries({ 'Chart.yaml': CHART, ...files })) write(`chart/${path}`, content)
  make?.(join(folder.root, 'chart'))
  const begun = performance.now()
  const validation = await validateTree(folder.root, { cache: false })
  // A bound on hostile input, not a measurement: twice what an idle machine may take.
  expect(performance.now() - begun).toBeLessThan(20_000)
  const findings = showFindings(validation)
  expect(findings.filter(one => BESIDE.test(one))).toHaveLength(1)
  const said = findings.filter(one => !BESIDE.test(one)).join('\n')
  expect(said).toMatch(finding ?? /^$/)
  const listed = validation.report.notExamined.map(({ reason }) => reason).join('\n')
  if (notExamined) expect(listed).toMatch(notExamined)
  const host = execFileSync('cat', ['/etc/hostname'], { encoding: 'utf8' }).trim()
  expect(JSON.stringify(validation.report)).not.toContain(`found: ${host}`)
  expect(existsSync(join(tmpdir(), ESCAPED))).toBe(false)
})
