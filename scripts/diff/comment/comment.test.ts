// The second workflow: it finds the pull request by what GitHub says, keeps one comment, and takes the text as data.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PROJECT } from '../../../tests/tree.ts'
import { commentOn } from './comment.ts'
import type { Ask, Request } from './github.ts'
import { neutralize } from './neutralize.ts'
import { readRun } from './run.ts'
import { readZipEntry } from './zip.ts'

const REPOSITORY = 'acme/shop'
const COMMIT = 'a'.repeat(40)
const MARKER = '<!-- what this changes in the clusters -->'

const event = (more: Readonly<Record<string, unknown>> = {}): unknown => ({
  workflow_run: {
    ...{ id: 7, event: 'pull_request', conclusion: 'success', html_url: 'https://github.com/acme/shop/actions/runs/7' },
    ...{ head_sha: COMMIT, head_branch: 'a&b', head_repository: { full_name: 'eve/shop', owner: { login: 'eve' } } },
    ...more,
  },
})

/** An archive as the runner makes it, of files by name. */
function zip(files: Readonly<Record<string, string>>, deflate = true): Buffer {
  const [locals, entries]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const packed = deflate ? deflateRawSync(text) : Buffer.from(text)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50)
    entry.writeUInt16LE(deflate ? 8 : 0, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    locals.push(local, Buffer.from(name), packed)
    entries.push(entry, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, ...entries, end])
}

const pull = (more: Readonly<Record<string, unknown>> = {}) => ({
  number: 5,
  head: { sha: COMMIT, repo: { full_name: 'eve/shop' } },
  base: { repo: { full_name: REPOSITORY } },
  ...more,
})

interface World {
  readonly pulls?: readonly unknown[]
  readonly comments?: readonly unknown[]
  readonly size?: number
  readonly archive?: Buffer
}

/** GitHub as far as it is asked; what it does not know is a failure. */
function createGitHub({
  pulls = [pull()],
  comments = [],
  size = 100,
  archive = zip({ 'comment.md': '## 1 changed' }),
}: World = {}) {
  const written: { path: string; request: Request }[] = []
  const answers: Readonly<Record<string, unknown>> = {
    'pulls?state=open&per_page=100&head=eve%3Aa%26b': pulls,
    'actions/runs/7/artifacts?name=diff&per_page=1': { artifacts: size < 0 ? [] : [{ id: 9, size_in_bytes: size }] },
    'issues/5/comments?per_page=100&page=1': comments,
  }
  const ask: Ask = (path, request) => {
    const local = path.replace(`repos/${REPOSITORY}/`, '')
    if (request) {
      written.push({ path: local, request })
      return Buffer.from('{}')
    }
    if (local === 'actions/artifacts/9/zip') return archive
    expect(Object.keys(answers)).toContain(local)
    return Buffer.from(JSON.stringify(answers[local]))
  }
  return { ask, written }
}

function comment(world: World = {}, more: Readonly<Record<string, unknown>> = {}) {
  const { ask, written } = createGitHub(world)
  const said = commentOn(readRun(event(more), REPOSITORY), ask)
  const [one] = written
  return {
    said,
    path: one?.path,
    method: one?.request.method,
    body: (one?.request.body as { body: string })?.body,
    written,
  }
}

describe('one comment', () => {
  test('is made, with the commit and the run above the text', () => {
    const { said, path, method, body } = comment()
    expect({ said, path, method }).toEqual({ said: 'Commented on #5.', path: 'issues/5/comments', method: 'POST' })
    expect(body).toBe(
      `${MARKER}\n<sub>Commit aaaaaaaaaa, rendered by [this run](https://github.com/acme/shop/actions/runs/7) with the code of the pull request.</sub>\n\n## 1 changed`,
    )
  })

  test('is brought up to date, and no other one, whoever copies its first line', () => {
    const of = (id: number, login: string, body: string) => ({ id, user: { login }, body })
    const comments = [
      of(1, 'eve', `${MARKER}\nmine`),
      of(2, 'github-actions[bot]', 'of another workflow'),
      of(3, 'github-actions[bot]', `${MARKER}\nold`),
    ]
    const { said, path, method, written } = comment({ comments })
    expect({ said, path, method }).toEqual({
      said: 'Brought the comment of #5 up to date.',
      path: 'issues/comments/3',
      method: 'PATCH',
    })
    expect(written).toHaveLength(1)
  })

  test.each([
    ['a newer commit', [pull({ head: { sha: 'b'.repeat(40), repo: { full_name: 'eve/shop' } } })]],
    ['another repository', [pull({ head: { sha: COMMIT, repo: { full_name: 'bob/shop' } } })]],
    ['two of one branch', [pull(), pull({ number: 6 })]],
    ['none', []],
  ])('is not made where the pull request stands at %s', (_, pulls) => {
    expect(comment({ pulls })).toMatchObject({ said: expect.stringContaining('no comment'), written: [] })
  })

  test.each([
    ['was called off', { conclusion: 'cancelled' }],
    ['is of a push', { event: 'push' }],
  ])('is not made of a run that %s', (_, more) => {
    expect(comment({}, more)).toMatchObject({ said: 'Not a run of a pull request: no comment.', written: [] })
  })

  test('is made of a run that fails for a danger', () => {
    expect(comment({}, { conclusion: 'failure' }).body).toContain('## 1 changed')
  })

  test.each<[name: string, world: World, more: Readonly<Record<string, unknown>>, said: string]>([
    ['failed', { size: -1 }, { conclusion: 'failure' }, 'the run failed'],
    ['left nothing', { size: -1 }, {}, 'the run left none'],
    ['left too much', { size: 2_000_000 }, {}, 'the run left none'],
    [
      'left an archive that unpacks to too much',
      { archive: zip({ 'comment.md': 'a'.repeat(1_100_000) }) },
      {},
      'the run left none',
    ],
    ['left no archive', { archive: Buffer.from('PK') }, {}, 'the run left none'],
    ['left another file', { archive: zip({ '../comment.md': 'x' }) }, {}, 'the run left none'],
  ])('says so where the run %s', (_, world, more, said) => {
    expect(comment(world, more).body).toContain(`⚠️ **There is no diff**: ${said}`)
  })
})

test('an archive is read with and without compression, and its second file as well', () => {
  for (const deflate of [true, false]) {
    const archive = zip({ a: 'one', 'comment.md': 'two' }, deflate)
    expect(readZipEntry(archive, 'comment.md', 100)?.toString()).toBe('two')
    expect(readZipEntry(archive, 'comment.md', 2)).toBeUndefined()
    for (let length = 0; length < archive.length; length++) {
      expect(() => readZipEntry(archive.subarray(0, length), 'comment.md', 100)).not.toThrow()
    }
  }
})

describe('what somebody else wrote does nothing', () => {
  test.each([
    ['a mention', 'cc @acme/team', 'cc @<!-- -->acme/team'],
    ['a mention by its entity', '&#64;acme &#x40;acme &commat;acme', '@<!-- -->acme @<!-- -->acme @<!-- -->acme'],
    ['a mention that hides', 'a@\u200bb <!-- -->@c', 'a@<!-- -->b @<!-- -->c'],
    ['a bot', '@dependabot merge', '@<!-- -->dependabot merge'],
    ['a command', 'text\n  /merge\n> /lgtm', 'text\n<!-- -->  /merge\n<!-- -->> /lgtm'],
    [
      'a reference',
      'see #1, acme/shop#2, GH-3, &#35;4',
      'see #<!-- -->1, acme/shop#<!-- -->2, GH-<!-- -->3, &#35;<!-- -->4',
    ],
    ['a link', '[yes](https://evil.example)', '[yes]<!-- -->(https:<!-- -->//evil.example)'],
    ['an image', '![x](//evil.example/x.png)', '!<!-- -->[x]<!-- -->(//evil.example/x.png)'],
    [
      'a link that is defined below',
      '[x][y]\n\n[y]: http://evil.example',
      '[x]<!-- -->[y]\n\n[y]<!-- -->: http:<!-- -->//evil.example',
    ],
    [
      'an address',
      'www.evil.example <https://evil.example>',
      'www<!-- -->.evil.example &lt;https:<!-- -->//evil.example>',
    ],
    ['a tag', '<img src=x> <details open> <a href="x">', '&lt;img src=x> &lt;details open> &lt;a href="x">'],
    ['a marker', MARKER, '&lt;!-- what this changes in the clusters -->'],
    ['text that turns around', 'a\u202eb\u0007c', 'abc'],
    ['a fold that is left open', '<details><summary>a', '<details><summary>a\n</summary>\n</details>'],
    ['a block that is left open', '```yaml\na', '```yaml\na\n```'],
  ])('%s', (_, text, expected) => {
    expect(neutralize(text)).toBe(expected)
  })

  test('what the diff itself writes stays as it is', () => {
    const text = [
      '## 🛑 1 changed',
      '| risk | environment |\n| --- | --- |\n| ⚠️ caution | prod |',
      '<details><summary><b>prod</b>: 1 changed</summary>',
      '**Deployment** <code>web</code> changed · a\\_b &lt; c',
      '<pre>a&#58;//b</pre>\n</details>',
      '<sub>main → HEAD</sub>',
    ].join('\n\n')
    expect(neutralize(text).replaceAll('<!-- -->', '')).toBe(text)
  })

  test('what is too long is cut at a line, with all that is open closed', () => {
    const text = neutralize(`<details><summary>a</summary>\n${'<pre>@a #1</pre>\n'.repeat(20_000)}`)
    expect(text.length).toBeLessThan(65_000)
    expect(text).toMatch(
      /<\/pre>\n<\/details>\n\n\*\*Cut: there is more than a comment takes\.\*\* The run has all of it\.\n$/,
    )
  })

  test('a hostile text takes no time', () => {
    const start = performance.now()
    for (const part of ['<', '@', '[', '&#', '<pre>', '```\n', '#', ' \t>'])
      neutralize(part.repeat(1_000_000 / part.length))
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('the command', () => {
  const run = (folder: string, env: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [join(folder, 'scripts/comment.ts')], {
      encoding: 'utf8',
      env: { PATH: `${process.env.PATH}`, ...env },
    })

  test('runs without packages, on the code of the default branch alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'comment-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const path of ['package.json', 'scripts']) cpSync(join(PROJECT, path), join(folder, path), { recursive: true })
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'gh'), '#!/bin/sh\necho "[]"\n', { mode: 0o755 })
    const file = join(folder, 'event.json')
    writeFileSync(file, JSON.stringify(event()))
    const environment = { GITHUB_EVENT_PATH: file, GITHUB_REPOSITORY: REPOSITORY }
    const { status, stdout, stderr } = run(folder, { ...environment, PATH: `${bin}:${process.env.PATH}` })
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `No open pull request stands at ${COMMIT}: no comment.\n`,
      stderr: '',
    })
    writeFileSync(join(bin, 'gh'), '#!/bin/sh\necho "HTTP 403" >&2\nexit 1\n', { mode: 0o755 })
    expect(run(folder, { ...environment, PATH: `${bin}:${process.env.PATH}` })).toMatchObject({ status: 1 })
    expect(execFileSync('ls', [folder], { encoding: 'utf8' })).not.toContain('comment.md')
  })

  test('says what it is for, elsewhere', () => {
    expect(run(PROJECT, {})).toMatchObject({ status: 2, stderr: expect.stringContaining('this is for a workflow') })
  })
})
