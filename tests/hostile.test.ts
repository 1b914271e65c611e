// What a stranger may put into a pull request: a clear finding each, in bounded time, with nothing followed or run.
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeApplication } from './application.ts'
import { useFolder } from './folder.ts'
import { showFindings, validateTree } from './tree.ts'

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n'
const ONE_FILE = 'resources: [a.yaml]\n'

const folder = useFolder('hostile')
const { write } = folder

/** A bound on hostile input, not a measurement. */
async function findIn(): Promise<string[]> {
  const begun = performance.now()
  const findings = showFindings(await validateTree(folder.root, { cache: false }))
  expect(performance.now() - begun).toBeLessThan(10_000)
  return findings
}

const repeat = (text: string, count: number): string => text.repeat(count)

const CASES: readonly (readonly [string, () => void, readonly RegExp[]])[] = [
  [
    'a FIFO, which blocks whoever opens it',
    () => {
      write('kustomization.yaml', ONE_FILE)
      execFileSync('mkfifo', [join(folder.root, 'a.yaml')])
    },
    [/^refused-input kustomization\.yaml:1:13 a\.yaml is not a regular file$/],
  ],
  [
    'a link to a device',
    () => {
      write('kustomization.yaml', ONE_FILE)
      symlinkSync('/dev/zero', join(folder.root, 'a.yaml'))
    },
    [/^refused-input kustomization\.yaml:1:13 a\.yaml leads out of the validated folder$/],
  ],
  [
    'links to a file and a folder outside',
    () => {
      write('kustomization.yaml', 'resources: [file.yaml, folder]\n')
      symlinkSync('/etc/passwd', join(folder.root, 'file.yaml'))
      symlinkSync('/etc', join(folder.root, 'folder'))
    },
    [/file\.yaml leads out of/, /folder leads out of/],
  ],
  [
    'a folder that links to itself',
    () => {
      write('kustomization.yaml', 'resources: [self]\n')
      symlinkSync('.', join(folder.root, 'self'))
    },
    [/^kustomize-build kustomization\.yaml:1:13 a kustomization cannot read itself$/],
  ],
  [
    'a file of 20 MB',
    () => {
      write('kustomization.yaml', ONE_FILE)
      write('a.yaml', repeat('a', 20_000_000))
    },
    [/^refused-input kustomization\.yaml:1:13 a\.yaml: it is larger than 16777216 bytes$/],
  ],
  [
    'a hundred thousand levels',
    () => write('a.yaml', `${CONFIG_MAP}data: ${repeat('[', 100_000)}\n`),
    [/^refused-input a\.yaml:4:\d+ nested more than 100 levels deep$/],
  ],
  [
    'a manifest on one line that does not parse',
    () => {
      write('a.json', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"\n')
      write('b.yaml', CONFIG_MAP)
    },
    [/^yaml-syntax a\.json:/],
  ],
  [
    'half of a character in UTF-16',
    () => write('a.yaml', Buffer.from(`\uFEFF${CONFIG_MAP}\uD800`, 'utf16le')),
    [/^yaml-syntax a\.yaml:1:1 the file is not valid UTF-16; save it as UTF-8$/],
  ],
  [
    'bytes that are not UTF-8',
    () => write('a.yaml', Buffer.concat([Buffer.from(CONFIG_MAP), Buffer.from([0xff, 0xfe])])),
    [/^yaml-syntax a\.yaml:4:1 the file is not valid UTF-8$/],
  ],
  [
    'a byte order mark inside',
    () => write('a.yaml', `${CONFIG_MAP}---\n\uFEFF${CONFIG_MAP}`),
    [/^yaml-syntax a\.yaml:5:1 a byte order mark inside the file/],
  ],
  [
    'bases that are read over and over',
    () => {
      for (let level = 1; level <= 14; level++) {
        for (const side of ['a', 'b']) {
          const next = level === 14 ? 'cm.yaml' : `../${level + 1}a, ../${level + 1}b`
          write(`${level}${side}/kustomization.yaml`, `namePrefix: ${side}-\nresources: [${next}]\n`)
          if (level === 14) write(`${level}${side}/cm.yaml`, CONFIG_MAP)
        }
      }
    },
    [/^refused-input 1a\/kustomization\.yaml:1:1 the build would render 2 documents 8192 times/, /^refused-input 1b/],
  ],
  [
    'two kustomizations in one folder',
    () => {
      write('kustomization.yaml', ONE_FILE)
      write('Kustomization', ONE_FILE)
      write('a.yaml', CONFIG_MAP)
    },
    [/^kustomize-build kustomization\.yaml:1:1 kustomization\.yaml and Kustomization stand in one folder/],
  ],
  [
    'a FIFO for a kustomization',
    () => {
      execFileSync('mkfifo', [join(folder.root, 'kustomization.yaml')])
      write('a.yaml', CONFIG_MAP)
    },
    [/^refused-input kustomization\.yaml:1:1 kustomization\.yaml: it is not a regular file$/],
  ],
  [
    'a link to nothing for a kustomization',
    () => {
      symlinkSync('a.yaml/nowhere.yaml', join(folder.root, 'kustomization.yaml'))
      write('a.yaml', CONFIG_MAP)
    },
    [/^refused-input kustomization\.yaml:1:1 kustomization\.yaml: it is a link to what does not exist$/],
  ],
  [
    'a link to nothing for a file',
    () => {
      write('kustomization.yaml', ONE_FILE)
      symlinkSync('nowhere.yaml', join(folder.root, 'a.yaml'))
    },
    [/^kustomize-build kustomization\.yaml:1:13 a\.yaml is a link to what does not exist$/],
  ],
  [
    'a file for a folder',
    () => {
      write('kustomization.yaml', 'resources: [a.yaml/b.yaml]\n')
      write('a.yaml', CONFIG_MAP)
    },
    [/^kustomize-build kustomization\.yaml:1:13 a\.yaml\/b\.yaml does not exist$/],
  ],
  [
    'a kustomization of a comment alone',
    () => write('kustomization.yaml', '# c\n---\n'),
    [/^kustomize-build kustomization\.yaml:1:1 the kustomization is empty$/],
  ],
  [
    'an empty kustomization',
    () => write('kustomization.yaml', ''),
    [/^kustomize-build .* the kustomization is empty$/],
  ],
  [
    'hundreds of thousands of keys for a generator',
    () => {
      write('a/kustomization.yaml', 'configMapGenerator: [{ name: a, envs: [a.env] }]\n')
      write('a/a.env', Array.from({ length: 700_000 }, (_, index) => `K${index}=v\n`).join(''))
      write('b/kustomization.yaml', `secretGenerator: [{ name: a, literals: [${repeat('a=b, ', 20_001)}] }]\n`)
      write('c/a.yaml', `${CONFIG_MAP}dota: {}\n`)
    },
    [
      /^refused-input a\/kustomization\.yaml:1:\d+ more than 20000 keys in one generator$/,
      /^refused-input b\/kustomization\.yaml:1:\d+ more than 20000 keys in one generator$/,
      /^schema-validation c\/a\.yaml:4:1 unknown field "dota"/,
    ],
  ],
  [
    'names that move the cursor',
    () => write('a.yaml', 'apiVersion: v1\nkind: "Ser\\e[31mvice"\nmetadata: { name: web }\n'),
    [/^unknown-kind a\.yaml:2:1 unknown kind Ser\?\[31mvice of v1/],
  ],
  [
    'keys that mean something to JavaScript',
    () =>
      write(
        'a.yaml',
        [
          'apiVersion: v1',
          'kind: Service',
          'metadata: { name: web }',
          'spec: { selector: { __proto__: a, constructor: b }, ports: [{ port: 80 }] }',
          '---',
          'apiVersion: v1',
          'kind: Pod',
          'metadata: { name: web, labels: { __proto__: a, constructor: c } }',
          'spec: { containers: [{ name: web, image: web:1 }] }',
          '',
        ].join('\n'),
      ),
    [
      /^api-validation a\.yaml:4:\d+ .*__proto__ has a key that must be letters/,
      /^dangling-service a\.yaml:4:\d+ .*__proto__=a, constructor=b: Pod web has constructor=c$/,
      /^api-validation a\.yaml:8:\d+ .*__proto__ has a key that must be letters/,
    ],
  ],
]

test.each(CASES)('%s', async (_, prepare, expected) => {
  prepare()
  const findings = await findIn()
  expect(findings).toHaveLength(expected.length)
  for (const [index, pattern] of expected.entries()) expect(findings[index]).toMatch(pattern)
})

test('thousands of Services without pods, beside thousands of pods', async () => {
  const documents = Array.from(
    { length: 3_000 },
    (_, index) =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: s${index}, namespace: a }\nspec: { selector: { app: a${index} }, ports: [{ port: 80 }] }\n---\n` +
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p${index}, namespace: a, labels: { app: b${index} } }\nspec: { containers: [{ name: c, image: i }] }\n`,
  )
  write('a.yaml', documents.join('---\n'))
  // Of the processor: the machine may have more to do.
  const begun = process.cpuUsage()
  const { report } = await validateTree(folder.root, { cache: false })
  const { user } = process.cpuUsage(begun)
  expect(report.summary.errors).toBe(3_000)
  expect(user / 1e6).toBeLessThan(10)
}, 60_000)

test('a jq expression without an end is listed', async () => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('web/a.yaml', CONFIG_MAP)
  write(
    'app.yaml',
    writeApplication({
      path: 'web',
      more: `  ignoreDifferences: [{ kind: ConfigMap, jqPathExpressions: ['.data | until(false; .)'] }]
`,
    }),
  )
  const { report } = await validateTree(folder.root, { cache: false })
  expect(report.findings).toEqual([])
  expect(report.notExamined).toMatchObject([
    { file: 'app.yaml', line: 8, reason: expect.stringContaining('jq expression that takes too long') },
  ])
})

test('ten thousand files', async () => {
  for (let number = 0; number < 10_000; number++) write(`${number % 100}/${number}.txt`, 'text')
  write('a.yaml', CONFIG_MAP)
  expect(await findIn()).toEqual([])
})
