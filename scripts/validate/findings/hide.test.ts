import { expect, test } from 'vitest'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import { showText } from './hide.ts'

const show = (text: string): string | undefined => {
  const file = new SourceFile('a.yaml', Buffer.from(text))
  return showText({ read: () => file } as unknown as Sources, 'a.yaml', [])
}

test('what a Secret holds is not shown, and all else is', () => {
  const text = `kind: ConfigMap
data: { a: word }
---
kind: Secret
metadata: { name: key }
data:
  token: YWJj # a comment
  "other": x
stringData:
  file: |
    user: admin
    word: b:c
type: Opaque
`
  expect(show(text)).toBe(`kind: ConfigMap
data: { a: word }
---
kind: Secret
metadata: { name: key }
data:
  token: **** # a comment
  "other": *
stringData:
  file: *
    ***** *****
    ***** ***
type: Opaque
`)
})

test('what a generator makes a Secret of is not shown', () => {
  expect(show('secretGenerator:\n  - name: key\n    literals: [token=a=b, "c=d"]\n')).toBe(
    'secretGenerator:\n  - name: key\n    literals: [token=***, "c=**]\n',
  )
  expect(show('secretGenerator: [{ name: key, files: [token] }]\n')).toBe(
    'secretGenerator: [{ name: key, files: [token] }]\n',
  )
})
