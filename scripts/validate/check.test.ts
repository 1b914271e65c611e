// A rule sees what its scope promises, and nothing is passed over.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFiles } from '../../tests/folder.ts'
import { MACHINE } from '../../tests/tree.ts'
import { type Deployment, deploy } from '../tree/deploy.ts'
import { readAndRender, type Renderings } from '../tree/engine.ts'
import { findKustomize } from '../tree/kustomize/build/binary.ts'
import { openFolder } from '../tree/source/folder.ts'
import { checkRules } from './check.ts'
import type { Rule } from './rules/rule.ts'

const FILES: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources: [a.yaml]\n',
  'base/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: b }\n',
  'dev/kustomization.yaml': 'namespace: dev\nresources: [../base]\n',
  'broken/kustomization.yaml': 'resources: [../base]\nreplicas: [{ name: none, count: 1 }]\n',
  'loose/c.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: c }\n',
}

let root: string
let renderings: Renderings
let deployment: Deployment
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'check-'))
  writeFiles(root, FILES)
  const read = await readAndRender(openFolder(root), {
    exclude: [],
    repository: undefined,
    kustomize: () => findKustomize(MACHINE),
    parallelism: 2,
    cacheFolder: undefined,
  })
  renderings = read.value
  deployment = deploy(renderings, () => 'Namespaced').value
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const description = {
  id: 'a-rule',
  severity: 'error',
  summary: 'A.',
  why: 'B.',
  remediation: 'C.',
  source: 'D',
} as const

/** What a rule that reports everything it is shown has seen. */
const see = (rule: Rule): readonly string[] =>
  checkRules(renderings, deployment, () => true, { rules: [rule] })
    .map(({ message }) => message)
    .sort()

test('a rule without kinds sees every kind, one with kinds those alone', () => {
  const seen: (kinds: readonly string[]) => readonly string[] = kinds =>
    see({
      ...description,
      scope: 'resource',
      kinds,
      *check({ resource }) {
        const message = `${resource.build} ${resource.kind} ${resource.name}`
        yield { message, values: [], places: [{ resource, fieldPath: [] }] }
      },
    })
  expect(seen([])).toEqual(['dev ConfigMap a', 'dev Secret b', 'loose Widget c'])
  expect(seen(['/Secret'])).toEqual(['dev Secret b'])
})

test('a rule of files sees each file once, whatever reads it', () => {
  const rule: Rule = {
    ...description,
    scope: 'file',
    *check({ file }) {
      yield { message: file.path, values: [], places: [{ range: file.rangeAt(0), fieldPath: [] }] }
    },
  }
  expect(see(rule)).toEqual(Object.keys(FILES).sort())
})

test('a rule of kustomizations sees all readers, and which of them could not be rendered', () => {
  const rule: Rule = {
    ...description,
    scope: 'kustomization',
    *check({ kustomization, readers }) {
      const by = readers.map(({ root: reader, build }) => `${reader}${build ? '' : ' (not rendered)'}`).sort()
      const place = { range: kustomization.file.rangeAt(0), fieldPath: [] }
      yield { message: `${kustomization.folder}: ${by.join(', ')}`, values: [], places: [place] }
    },
  }
  expect(see(rule)).toEqual(['base: broken (not rendered), dev', 'broken: broken (not rendered)', 'dev: dev'])
})

test('what a rule throws is not swallowed', () => {
  const rule: Rule = {
    ...description,
    scope: 'tree',
    check() {
      throw new Error('a fault of the rule')
    },
  }
  expect(() => see(rule)).toThrow('a fault of the rule')
})
