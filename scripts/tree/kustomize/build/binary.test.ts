// Which kustomize is taken, and what is said when it is not the one Argo CD renders with.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Problem } from '../../../command/problem.ts'
import { findKustomize } from './binary.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binary-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function addProgram(name: string, prints: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho '${prints}'\n`)
  chmodSync(path, 0o755)
  return path
}

const find = (environment: Record<string, string> = {}) =>
  findKustomize({
    platform: 'darwin-arm64',
    environment: { PATH: folder, ...environment },
    modulesFolder: join(folder, 'none'),
    cacheFolder: join(folder, 'cache'),
  })

test('kustomize on PATH comes before kubectl', () => {
  addProgram('kubectl', 'Client Version: v1.36.3\nKustomize Version: v5.8.1')
  const command = addProgram('kustomize', 'v5.8.3')
  expect(find()).toEqual({ command, arguments: ['build'], version: 'v5.8.3', source: 'kustomize on PATH' })
})

test('the version that kubectl brings is the one that counts', () => {
  const command = addProgram('kubectl', 'Client Version: v1.32.4\nKustomize Version: v5.5.0')
  expect(find()).toMatchObject({ command, arguments: ['kustomize'], version: 'v5.5.0' })
})

test('another minor version is said, the same one is not', () => {
  addProgram('kustomize', '{Version:kustomize/v5.4.2 GitCommit:x}')
  expect(find().warning).toBe('kustomize on PATH is kustomize 5.4.2; Argo CD 3.6 renders with 5.8, results may differ')
  addProgram('kustomize', 'v5.8.0')
  expect(find().warning).toBeUndefined()
})

test('the variable KUSTOMIZE wins', () => {
  addProgram('kustomize', 'v5.8.1')
  const command = addProgram('mine', 'v5.7.0')
  expect(find({ KUSTOMIZE: command })).toMatchObject({ command, source: '$KUSTOMIZE', version: 'v5.7.0' })
})

test('nothing there: one sentence says what to install', () => {
  expect(() => find()).toThrow(Problem)
  expect(() => find()).toThrow(
    'no kustomize found: install kustomize 5.8 (or kubectl 1.36), or name one in the variable KUSTOMIZE',
  )
})

test('a program that does not tell its version is not used', () => {
  addProgram('kustomize', 'hello')
  expect(() => find()).toThrow('does not tell its version')
})
