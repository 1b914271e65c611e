// Templates of `goTemplate: true`, rendered by the real helm: what Argo CD allows and refuses in them.
import { expect, test } from 'vitest'
import { MACHINE } from '../../../../tests/tree.ts'
import { findHelm } from '../../helm/binary.ts'
import { createRenderer } from './go-template.ts'

const helm = findHelm(MACHINE)
if (!helm) throw new Error('there is no helm on this machine')
const render = createRenderer(helm)
const parameters = { name: 'Web Shop', path: { basename: 'dev' } }
const of = (...texts: readonly string[]) => texts.map(text => ({ text, parameters }))

test.each([
  ['plain', 'plain'],
  ['{{.name}}-{{.path.basename}}', 'Web Shop-dev'],
  ['{{define "n"}}app-{{.}}{{end}}{{template "n" .path.basename}}', 'app-dev'],
  ['{{normalize .name}}', 'web-shop'],
  ['{{slugify 5 false .name}}', 'web-s'],
  ['{{/* nothing */}}', ''],
  [' {{- .name -}} ', 'Web Shop'],
  ['{{.name}}\n', 'Web Shop\n'],
])('%j becomes %j', async (text, result) => {
  expect(await render(of(text), ['missingkey=error'])).toEqual({ texts: [result] })
})

test('each template has its own text', async () => {
  expect(await render(of('{{.name}}', 'x', '{{.path.basename}}', '{{.name}}'), [])).toEqual({
    texts: ['Web Shop', 'x', 'dev', 'Web Shop'],
  })
})

test.each([
  ['{{.nam}}', 'there is no parameter .nam'],
  ['{{env "HOME"}}', 'function env is not defined'],
  ['{{.name', 'an action is not closed'],
  ['{{if .name}}', 'unexpected EOF'],
])('%j is refused, and by its text', async (text, reason) => {
  const result = await render(of('{{.name}}', text), ['missingkey=error'])
  expect(result).toEqual({ error: expect.stringContaining(reason), text })
})
