// Which builds and findings a run is about, once a person names paths.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { renderedResource } from '../tree/model/build.ts'
import { faultAt, fileOf } from '../tree/model/place.ts'
import { layOver } from '../tree/source/edit.ts'
import { readTree } from '../tree/read-tree.ts'
import { openFolder } from '../tree/source/folder.ts'
import type { Finding } from './findings/finding.ts'
import { narrow } from './scope.ts'

const empty = mkdtempSync(join(tmpdir(), 'scope-'))
afterAll(() => rmSync(empty, { recursive: true }))

const FILES = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n',
  'overlays/dev/kustomization.yaml': 'resources: [../../base]\n',
  'overlays/prod/kustomization.yaml': 'resources: [../../base, own.yaml]\n',
  'overlays/prod/own.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
  'overlays/prod2/kustomization.yaml': 'resources: [own.yaml]\n',
  'overlays/prod2/own.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n',
  'notes/README.md': 'Nothing to judge.\n',
  'apps/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\n',
  'loose/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n',
}
const sources = layOver(
  openFolder(empty),
  new Map(Object.entries(FILES).map(([path, text]) => [path, new TextEncoder().encode(text)])),
)
const { value: tree, ...rest } = readTree(sources, [])
const read = { ...rest, value: { tree } }
const rootsFor = (...paths: readonly string[]) => narrow(sources, paths).rootsOf(read.value.tree)

test.each([
  [[], ['overlays/dev', 'overlays/prod', 'overlays/prod2']],
  [['.'], ['overlays/dev', 'overlays/prod', 'overlays/prod2']],
  [['base'], ['overlays/dev', 'overlays/prod']],
  [['base/service.yaml'], ['overlays/dev', 'overlays/prod']],
  [['overlays/prod'], ['overlays/prod']],
  [['overlays/prod/'], ['overlays/prod']],
  [
    ['overlays/prod/own.yaml', 'overlays/dev'],
    ['overlays/dev', 'overlays/prod'],
  ],
  [['notes'], []],
  [['loose'], []],
])('%j means the builds %j', (paths, roots) => {
  expect([...rootsFor(...paths)].sort()).toEqual(roots)
})

test('a path that is not there is wrong usage, and one without manifests has no matter', () => {
  expect(() => narrow(sources, ['overlays/staging'])).toThrow('path overlays/staging does not exist')
  expect(narrow(sources, ['notes']).hasMatter({ ...read, faults: [] })).toBe(false)
  for (const path of ['base', 'loose', 'loose/map.yaml']) {
    expect(narrow(sources, [path]).hasMatter({ ...read, faults: [] }), path).toBe(true)
  }
})

test('what is wrong with a file is matter as well, and what is wrong elsewhere is not', () => {
  const faultIn = (file: string) => [faultAt('yaml-syntax', 'm', fileOf(file).range)]
  const resource = renderedResource('notes', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, 0)
  const ofResource = { ruleId: 'r', message: 'm', values: [], places: [{ resource, fieldPath: [] }] } as const
  const scope = narrow(sources, ['notes'])
  expect(scope.hasMatter({ ...read, faults: faultIn('notes/a.yaml') })).toBe(true)
  expect(scope.hasMatter({ ...read, faults: faultIn('base/a.yaml') })).toBe(false)
  expect(scope.hasMatter({ ...read, faults: [ofResource] })).toBe(false)
})

test('one of several builds is enough for a finding to belong to a run', () => {
  const scope = narrow(sources, ['overlays/prod'])
  const builds = ['overlays/dev', 'overlays/prod'].map(build => ({ build }))
  const finding = { location: { file: 'base/service.yaml', line: 1 }, occurrences: builds } as unknown as Finding
  expect(scope.includes(finding, new Set(scope.rootsOf(read.value.tree)))).toBe(true)
})

test('a finding belongs to a run by its file or by a build', () => {
  const finding = (file: string, build: string) =>
    ({ location: { file, line: 1 }, occurrences: [{ build }] }) as unknown as Finding
  const scope = narrow(sources, ['overlays/prod'])
  const roots = new Set(scope.rootsOf(read.value.tree))
  expect(scope.includes(finding('overlays/prod/own.yaml', 'x'), roots)).toBe(true)
  expect(scope.includes(finding('base/service.yaml', 'overlays/prod'), roots)).toBe(true)
  expect(scope.includes(finding('overlays/prod2/own.yaml', 'overlays/prod2'), roots)).toBe(false)
})
