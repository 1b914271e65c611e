import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Problem } from '../../../command/problem.ts'
import { formatScalar } from '../yaml-text.ts'
import { listImages, setImage } from './images.ts'
import { listLiterals, removeLiteral, setLiteral } from './literals.ts'
import { listReplicas, setReplicas } from './replicas.ts'

const FILE = 'overlays/prod/kustomization.yaml'
const DIGEST = `sha256:${'a'.repeat(64)}`

const OVERLAY = `# prod: what users call.
kind: Kustomization

images:
  - name: flask-api # the base's name
    newTag: v1   # first

# Three: one drained and one lost still leave one.
replicas:
  - name: flask-api-deployment
    count: 3   # odd

configMapGenerator:
  - name: flask-api-config
    literals:
      - ENVIRONMENT=prod
      - MODEL_PATH=/models/1.json # promote
`

/** Lines that only one of the texts has, marked as a diff does. */
function differ(before: string, after: string): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  return [
    ...a.filter(line => !b.includes(line)).map(line => `-${line}`),
    ...b.filter(line => !a.includes(line)).map(line => `+${line}`),
  ]
}

describe('setReplicas', () => {
  test('changes one number and keeps the comment behind it', () => {
    const edited = setReplicas(FILE, OVERLAY, 'flask-api-deployment', 5)
    expect(differ(OVERLAY, edited)).toEqual(['-    count: 3   # odd', '+    count: 5   # odd'])
    expect(listReplicas(FILE, edited)).toEqual([{ name: 'flask-api-deployment', count: 5 }])
  })

  test('changes the entry that is named', () => {
    const text = 'replicas:\n- {name: a, count: 1}\n- {count: 2, name: b}\n'
    expect(setReplicas(FILE, text, 'b', 7)).toBe('replicas:\n- {name: a, count: 1}\n- {count: 7, name: b}\n')
  })

  test('adds an entry to a list, in its indentation and line ends', () => {
    const text = 'replicas:\r\n- name: a\r\n  count: 1 # one\r\n\r\nnamespace: x\r\n'
    expect(setReplicas(FILE, text, 'b', 2)).toBe(
      'replicas:\r\n- name: a\r\n  count: 1 # one\r\n- name: b\r\n  count: 2\r\n\r\nnamespace: x\r\n',
    )
  })

  test('adds the block in its place', () => {
    const text = 'images:\n  - name: a\n    newTag: v1\n\n# why\nconfigMapGenerator:\n  - name: c\n'
    expect(setReplicas(FILE, text, 'b', 2)).toBe(
      'images:\n  - name: a\n    newTag: v1\n\nreplicas:\n  - name: b\n    count: 2\n\n# why\nconfigMapGenerator:\n  - name: c\n',
    )
  })

  test('adds the block to a file without a last line end', () => {
    expect(setReplicas(FILE, 'namespace: x', 'b', 2)).toBe('namespace: x\n\nreplicas:\n  - name: b\n    count: 2')
  })

  test.each([
    ['a: [1', `${FILE}:1:`],
    ['- a\n', 'a mapping is expected'],
    ['a: 1\na: 2\n', `${FILE}:2:1: a key is written twice`],
    ['replicas: 3\n', 'replicas must be a list'],
  ])('refuses %j', (text, message) => {
    expect(() => setReplicas(FILE, text, 'a', 1)).toThrow(Problem)
    expect(() => setReplicas(FILE, text, 'a', 1)).toThrow(message)
  })
})

describe('setImage', () => {
  test('of two entries of one name the one that decides is changed', () => {
    const [first, second] = ['  - name: a\n    newTag: v1\n', '  - name: a\n    newTag: v2\n']
    const head = 'kind: Kustomization\nimages:\n'
    expect(setImage(FILE, head + first + second, 'a', { newTag: 'v9' })).toBe(
      `${head}${first}${second.replace('v2', 'v9')}`,
    )
    // What has another name after the first entry is not what the second one looks for.
    const renamed = first.replace('newTag', 'newName: b\n    newTag')
    expect(setImage(FILE, head + renamed + second, 'a', { newName: 'b', newTag: 'v9' })).toBe(
      `${head}${renamed.replace('v1', 'v9')}${second}`,
    )
  })

  test('replaces, adds and keeps comments', () => {
    const edited = setImage(FILE, OVERLAY, 'flask-api', {
      newName: 'ghcr.io/acme/flask-api',
      newTag: 'v2',
      digest: DIGEST,
    })
    expect(differ(OVERLAY, edited)).toEqual([
      '-    newTag: v1   # first',
      '+    newName: ghcr.io/acme/flask-api',
      '+    newTag: v2   # first',
      `+    digest: ${DIGEST}`,
    ])
    expect(setImage(FILE, edited, 'flask-api', { newTag: 'v1' })).toBe(OVERLAY)
  })

  test('a version label that says the tag goes along, and no other', () => {
    const labels = (version: string) =>
      `labels:\n  - pairs:\n      environment: prod\n      app.kubernetes.io/version: ${version} # the tag\nimages:\n  - name: a\n`
    expect(setImage(FILE, `${labels('v1')}    newTag: v1\n`, 'a', { newTag: 'v2' })).toBe(
      `${labels('v2')}    newTag: v2\n`,
    )
    expect(setImage(FILE, `${labels('spring')}    newTag: v1\n`, 'a', { newTag: 'v2' })).toBe(
      `${labels('spring')}    newTag: v2\n`,
    )
    const long = 'v'.repeat(64)
    expect(setImage(FILE, `${labels('v1')}    newTag: v1\n`, 'a', { newTag: long })).toBe(
      `${labels('v1')}    newTag: ${long}\n`,
    )
  })

  test('writes tags that look like numbers as strings', () => {
    for (const newTag of ['1.10', '12345678', '1e10', '0x10', 'on', 'null', '2026-01-01', '1:30', '1_000']) {
      const edited = setImage(FILE, OVERLAY, 'flask-api', { newTag })
      expect(parse(edited).images[0].newTag).toBe(newTag)
      expect(parse(edited, { version: '1.1' }).images[0].newTag).toBe(newTag)
    }
  })

  test('works in flow style', () => {
    const text = 'images: [{name: a, newTag: v1}, {name: b, newTag: v1}]\n'
    expect(setImage(FILE, text, 'b', { digest: DIGEST })).toBe(
      `images: [{name: a, newTag: v1}, {name: b, digest: '${DIGEST}'}]\n`.replaceAll("'", ''),
    )
    expect(listImages(FILE, setImage(FILE, text, 'c', { newTag: 'v3' })).at(-1)).toMatchObject({
      name: 'c',
      newTag: 'v3',
    })
  })

  test('removes the first pair of an entry without losing the dash', () => {
    const text = 'images:\n  - newTag: v1\n    name: a\n'
    expect(setImage(FILE, text, 'a', { digest: DIGEST })).toBe(`images:\n  - name: a\n    digest: ${DIGEST}\n`)
  })

  test('adds the entry where there is none', () => {
    expect(setImage(FILE, 'namespace: x\n', 'a', { newTag: 'v1' })).toBe(
      'namespace: x\n\nimages:\n  - name: a\n    newTag: v1\n',
    )
  })

  test('changes nothing when all is so already', () => {
    expect(setImage(FILE, OVERLAY, 'flask-api', { newTag: 'v1' })).toBe(OVERLAY)
  })
})

const place = (generator: string, key: string) => ({ list: 'configMapGenerator', generator, key }) as const

describe('literals', () => {
  test('knows which ones travel', () => {
    expect(listLiterals(FILE, OVERLAY).map(({ key, travels }) => [key, travels])).toEqual([
      ['ENVIRONMENT', false],
      ['MODEL_PATH', true],
    ])
  })

  test('sets a value and keeps its mark', () => {
    const edited = setLiteral(FILE, OVERLAY, place('flask-api-config', 'MODEL_PATH'), '/models/2.json')
    expect(differ(OVERLAY, edited)).toEqual([
      '-      - MODEL_PATH=/models/1.json # promote',
      '+      - MODEL_PATH=/models/2.json # promote',
    ])
  })

  test('adds a literal with its mark, and marks one that had none', () => {
    const added = setLiteral(FILE, OVERLAY, place('flask-api-config', 'NEW'), 'a=b c')
    expect(differ(OVERLAY, added)).toEqual(['+      - NEW=a=b c # promote'])
    const marked = setLiteral(FILE, OVERLAY, place('flask-api-config', 'ENVIRONMENT'), 'prod')
    expect(differ(OVERLAY, marked)).toEqual(['-      - ENVIRONMENT=prod', '+      - ENVIRONMENT=prod # promote'])
  })

  test('a comment of the target stays, behind the mark, and the value travels on', () => {
    for (const value of ['4', '16']) {
      const text = OVERLAY.replace('- ENVIRONMENT=prod', '- THREADS=16 # many users')
      const edited = setLiteral(FILE, text, place('flask-api-config', 'THREADS'), value)
      expect(edited).toContain(`      - THREADS=${value} # promote, many users\n`)
      expect(listLiterals(FILE, edited)[0]).toMatchObject({ key: 'THREADS', value, travels: true })
      expect(setLiteral(FILE, edited, place('flask-api-config', 'THREADS'), value)).toBe(edited)
    }
  })

  test.each(['a: b', 'x #y', "it's", '"q"', 'two\nlines', '\t', '{a}', '', 'trailing '])('value %j survives', value => {
    const edited = setLiteral(FILE, OVERLAY, place('flask-api-config', 'NEW'), value)
    expect(parse(edited).configMapGenerator[0].literals.at(-1)).toBe(`NEW=${value}`)
    expect(listLiterals(FILE, edited).at(-1)).toMatchObject({ key: 'NEW', value, travels: true })
  })

  test('removes a literal, and leaves an empty list behind the last one', () => {
    const one = removeLiteral(FILE, OVERLAY, place('flask-api-config', 'MODEL_PATH'))
    expect(differ(OVERLAY, one)).toEqual(['-      - MODEL_PATH=/models/1.json # promote'])
    const none = removeLiteral(FILE, one, place('flask-api-config', 'ENVIRONMENT'))
    expect(parse(none).configMapGenerator).toEqual([{ name: 'flask-api-config', literals: [] }])
  })

  test('refuses a generator that is not there', () => {
    expect(() => setLiteral(FILE, OVERLAY, place('other', 'A'), '1')).toThrow('no configMapGenerator "other"')
  })
})

describe('a value that is written in an unusual way', () => {
  const WAYS = [
    ...[
      '# set by CI',
      '#x',
      '   # c',
      '',
      '~ # c',
      '|\n      v1',
      '>-\n      v1\n      v1',
      '"v1" # c',
      '!!str v1',
      '&b v1',
    ],
    ...['\n      v1 # c', '\n      # why\n      v1', 'v1\n      more', '"v\\\n      1"', '\tv1', "'it''s'"],
  ]

  test.each(WAYS)('newTag: %j becomes v2, and nothing else changes', way => {
    const text = `images:\n  - name: a\n    newTag: ${way}\n    # tail\n  - name: b\n    newTag: v1\n`
    const edited = setImage(FILE, text, 'a', { newTag: 'v2' })
    expect(parse(edited)).toEqual({
      images: [
        { name: 'a', newTag: 'v2' },
        { name: 'b', newTag: 'v1' },
      ],
    })
    for (const [comment = ''] of text.matchAll(/#.*/g)) expect(edited).toContain(` ${comment}\n`)
  })

  test.each([
    ['an anchor that is used elsewhere', '&x v1', '*x', 'without changing something else'],
    ['an alias', '*x', '&x v1', 'an alias'],
  ])('%s is refused', (_, a, b, message) => {
    const [first, second] = a.startsWith('*')
      ? [
          ['b', b],
          ['a', a],
        ]
      : [
          ['a', a],
          ['b', b],
        ]
    const text = `images:\n${[first, second].map(pair => `  - name: ${pair?.[0]}\n    newTag: ${pair?.[1]}\n`).join('')}`
    expect(() => setImage(FILE, text.replace('*x', '*x '), 'a', { newTag: 'v2' })).toThrow(message)
  })

  test('so is a literal', () => {
    const text = 'configMapGenerator:\n  - name: g\n    literals:\n      - &x A=1 # promote\n      - *x\n'
    expect(() => setLiteral(FILE, text, place('g', 'A'), '2')).toThrow('without changing something else')
  })
})

test('formatScalar gives text that every YAML version reads back', () => {
  const values = [
    'v1',
    'yes',
    'NO',
    '~',
    '',
    '-',
    '- a',
    'a: b',
    'a:',
    '#a',
    'a #b',
    '@a',
    '*a',
    '&a',
    '!a',
    '%a',
    '0o7',
    '=',
    '<<',
    'é',
    '\u0007',
    '.inf',
    '---',
    '1.0',
    'sha256:ab',
    'a\tb',
    ' a',
    'a ',
  ]
  for (const value of values) {
    expect(parse(formatScalar(value)), value).toBe(value)
    expect(parse(formatScalar(value), { version: '1.1' }), value).toBe(value)
  }
})
