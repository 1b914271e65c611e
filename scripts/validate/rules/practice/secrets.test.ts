// A secret that is found is shown nowhere: neither in a message nor in the frame of any report, nor in a baseline.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { validateTree } from '../../../../tests/tree.ts'
import { FORMATS } from '../../report/index.ts'
import { findForm, isPlausible, isRandom, isSecretName } from './secret-forms.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secrets-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

// Put together here, so that nobody's scanner takes this file for a leak.
const TOKEN = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
const PASSWORD = 'correct-horse-battery'
const RANDOM = 'q7Zr2Vw9Xk4Tn8Lm3Pb6'
const KEY = ['-----BEGIN RSA PRIVATE', 'KEY-----\nMIIBOgIBAAJBAKj34GkxFhD9\n-----END RSA PRIVATE KEY-----'].join(' ')
const encode = (text: string): string => Buffer.from(text).toString('base64')

test('what is found is in no report', async () => {
  const objects = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: web:v1
      args: [--db-password=${PASSWORD}]
      env:
        - name: DB_PASSWORD
          value: ${PASSWORD}
        - { name: ANYTHING, value: ${TOKEN} }
---
apiVersion: v1
kind: Secret
metadata: { name: web }
data:
  session: ${encode(RANDOM)}
stringData:
  password: ${PASSWORD}
  id_rsa: |
    ${KEY.replaceAll('\n', '\n    ')}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data:
  url: postgres://web:${PASSWORD}@db/web
`
  writeFileSync(join(root, 'all.yaml'), objects)
  const validation = await validateTree(root)
  const found = validation.report.findings.map(({ ruleId, location }) => `${ruleId} ${location.line}`)
  expect(found).toEqual([
    'plaintext-secret 8',
    'env-var-secret 11',
    'env-var-secret 12',
    'plaintext-secret 18',
    'plaintext-secret 20',
    'plaintext-secret 21',
    'plaintext-secret 30',
  ])
  for (const [name, format] of Object.entries(FORMATS)) {
    const text = format(validation.report, { textOf: validation.textOf, colour: false, prefix: '', verbose: true })
    for (const secret of [TOKEN, PASSWORD, RANDOM, encode(RANDOM), 'MIIBOgIBAAJBAKj34GkxFhD9'])
      expect(text.includes(secret), `${name} shows a secret`).toBe(false)
  }
})

test('literals of a generator, and an overlay that replaces a value', async () => {
  writeFileSync(
    join(root, 'kustomization.yaml'),
    `secretGenerator:\n  - name: web\n    literals:\n      - password=${PASSWORD}\n`,
  )
  const validation = await validateTree(root)
  expect(validation.report.findings.map(({ ruleId, location }) => `${ruleId} ${location.line}`)).toEqual([
    'plaintext-secret 4',
  ])
  expect(validation.textOf('kustomization.yaml')).not.toContain(PASSWORD)
})

test.each([
  ['DB_PASSWORD', true],
  ['dbPassword', true],
  ['API_KEY', true],
  ['aws.secret.access.key', true],
  ['TOKEN', true],
  ['PASSWORD_FILE', false],
  ['TOKEN_TTL', false],
  ['SECRET_NAME', false],
  ['PUBLIC_KEY', false],
  ['TOKENIZER', false],
  ['KEY', false],
  ['AWS_ACCESS_KEY_ID', false],
  ['MONKEY', false],
])('the name %s', (name, expected) => {
  expect(isSecretName(name)).toBe(expected)
})

test.each([
  ['hunter2', true],
  ['changeme', true],
  ['/run/secrets/token', false],
  ['$(OTHER)', false],
  ['<path:secret/data/web#password>', false],
  ['true', false],
  ['3600', false],
  ['30s', false],
  ['web-credentials', false],
  ['https://login.internal/token', false],
  ['REPLACE_ME', false],
  ['xxxxxxxx', false],
  ['SECRET', false],
  ['sk-no-key-required', false],
  ['not-needed', false],
])('the value %s', (value, expected) => {
  expect(isPlausible(value)).toBe(expected)
})

test('keys are made by chance, passwords by people', () => {
  expect(isPlausible('ollama', 'LLM_API_KEY')).toBe(false)
  expect(isPlausible('4f9d2c1b', 'LLM_API_KEY')).toBe(true)
  expect(isPlausible('ollama', 'LLM_PASSWORD')).toBe(true)
})

test.each([
  [RANDOM, true],
  ['d41d8cd98f00b204e9800998ecf8427e', true],
  ['a-long-name-of-a-service-01', false],
  ['aaaaaaaaaaaaaaaaAAAAAAAAAAAAAAAA11111111', false],
  ['MyApplicationConfiguration', false],
])('chance in %s', (value, expected) => {
  expect(isRandom(value)).toBe(expected)
})

test('examples of tokens are not tokens', () => {
  expect(findForm(`AKIA${'IOSFODNN7'}EXAMPLE`)).toBeUndefined()
  expect(findForm(`AKIA${'2E0A8F3B244C9986'}`)).toBe('an access key of AWS')
  expect(findForm('postgres://user:$(PASSWORD)@db')).toBeUndefined()
  expect(findForm('postgres://db/web')).toBeUndefined()
})

test('a long text takes no time', () => {
  const start = performance.now()
  for (const text of ['a'.repeat(1e6), 'eyJ'.repeat(3e5), 'a://'.repeat(2e5), `${'A '.repeat(5e5)}`]) findForm(text)
  expect(performance.now() - start).toBeLessThan(2000)
})
