// The report of a bad day fits a few screens: 300 findings that are all different print at most 200 lines.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFiles } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'
import type { Validation } from '../run.ts'
import stylish from './stylish.ts'

const FINDINGS = 300
let root: string
let validation: Validation
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'length-'))
  const write = (path: string, text: string): void => {
    writeFiles(root, { [path]: text })
  }
  for (let index = 0; index < FINDINGS; index++) {
    // Another field, kind and name each time: nothing of it is the same as anything else.
    const field = `field${String.fromCharCode(97 + (index % 26)).repeat(1 + Math.floor(index / 26))}`
    const name = `n${index}`
    write(`apps/${name}/${name}.yaml`, `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${field}: 1\n`)
    write(`other/${name}.yaml`, `apiVersion: example.com/v${index + 1}\nkind: Kind${index}\nmetadata: { name: x }\n`)
  }
  validation = await validateTree(root)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const count = (verbose: boolean): number =>
  stylish(validation.report, { textOf: validation.textOf, colour: false, prefix: '', verbose }).split('\n').length

test('at most 200 lines, and all of it with --verbose', () => {
  const { errors, notExamined } = validation.report.summary
  expect(errors).toBeGreaterThanOrEqual(FINDINGS)
  expect(notExamined).toBeGreaterThanOrEqual(FINDINGS)
  expect(count(false)).toBeLessThanOrEqual(200)
  expect(count(true)).toBeGreaterThan(5 * FINDINGS)
})
