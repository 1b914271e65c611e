import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { showFindings, validateTree } from '../../../tests/tree.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'named-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
}
const definition = (field: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Widget, plural: widgets }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { ${field}: { type: integer } } } } } }
`
const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w }\nspec: { siz: 1 }\n'
const unknown = 'schema-validation w.yaml:4:9 unknown field "siz" in spec: did you mean "size"?'

test('a named definition is that of a kind that the tree does not define', async () => {
  write({ 'w.yaml': widget })
  expect(showFindings(await validateTree(root))).toEqual([])
  write({ 'crd.yml.txt': definition('size'), 'validation.yaml': 'schemas: [crd.yml.txt]\n' })
  expect(showFindings(await validateTree(root))).toEqual([unknown])
})

test('so is a JSON Schema with the kind that it describes', async () => {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } }
  write({
    'w.yaml': widget,
    'widget.json': JSON.stringify(schema),
    'validation.yaml':
      'exclude: [widget.json]\nschemas: [{ file: widget.json, apiVersion: example.com/v1, kind: Widget }]\n',
  })
  expect(showFindings(await validateTree(root))).toEqual([unknown])
})

test('the definition of the tree wins', async () => {
  write({
    'w.yaml': widget,
    'crd.yaml': definition('siz'),
    'old.txt': definition('size'),
    'validation.yaml': 'schemas: [old.txt]\n',
  })
  expect(showFindings(await validateTree(root))).toEqual([])
})

test.each([
  ['[none.yaml]', 'none.yaml: it does not exist'],
  ['[../a.yaml]', '../a.yaml: it is not below the root'],
  ['[w.yaml]', 'w.yaml: there is no CustomResourceDefinition in it'],
])('schemas: %s is a fault of the configuration', async (schemas, message) => {
  write({ 'w.yaml': widget, 'validation.yaml': `schemas: ${schemas}\n` })
  await expect(validateTree(root)).rejects.toThrow(`validation.yaml: schemas: ${message}`)
})
