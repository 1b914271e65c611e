import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { MACHINE } from '../../../../tests/tree.ts'
import { findKustomize } from '../build/binary.ts'
import { checkKustomization, KUSTOMIZATION_FIELDS } from './kustomization-schema.ts'

const kustomize = findKustomize(MACHINE)
const folder = mkdtempSync(join(tmpdir(), 'fields-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What kustomize says of a kustomization with these fields, none of which has a value. */
function build(fields: readonly string[]): string {
  writeFileSync(join(folder, 'kustomization.yaml'), fields.map(field => `${field}: null\n`).join(''))
  const { stderr } = spawnSync(kustomize.command, [...kustomize.arguments, folder], { encoding: 'utf8' })
  return stderr
}

test('the pinned kustomize knows every field of the table', () => {
  const stderr = build(KUSTOMIZATION_FIELDS)
  expect(stderr).not.toContain('unknown field')
  expect(stderr).toContain('kustomization.yaml is empty')
})

// Of other versions, of neighbours, and misspelt: https://github.com/kubernetes-sigs/kustomize, api/types/kustomization.go
test.each(['helmChart', 'inventory', 'labelSelector', 'patchesJSON', 'prune', 'resource', 'validate'])(
  '%s is known to neither',
  field => {
    expect(build(['resources', field])).toContain(`unknown field "${field}"`)
    expect([...checkKustomization({ [field]: [] })]).not.toEqual([])
  },
)
