// Paths that lead nowhere: each by itself, or most of a list as the one mistake that they are.
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { validateTree } from '../../tests/tree.ts'

const folder = useFolder('missing-paths')
const { write } = folder
const look = async () =>
  (await validateTree(folder.root)).report.findings.map(
    ({ ruleId, severity, location, message }) => `${severity} ${ruleId}:${location.line} ${message}`,
  )
const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: web }\n'
const list = (missing: number, there: number) =>
  write(
    'web/kustomization.yaml',
    `resources:\n${[...Array(missing)].map((_, at) => `- m${at}.yaml\n`).join('')}${[...Array(there)].map((_, at) => `- t${at}.yaml\n`).join('')}`,
  )

test.each([
  [6, 2, '6 of its 8 paths do not exist: m0.yaml, m1.yaml, m2.yaml, m3.yaml, m4.yaml and 1 more'],
  [5, 0, 'none of its 5 paths exists: m0.yaml, m1.yaml, m2.yaml, m3.yaml, m4.yaml'],
])('%i that are missing beside %i are one', async (missing, there, message) => {
  list(missing, there)
  for (let at = 0; at < there; at++) write(`web/t${at}.yaml`, MAP.replace('name: web', `name: web-${at}`))
  expect(await look()).toEqual([`error kustomize-build:2 ${message}`])
})

test.each([
  [4, 0],
  [5, 5],
])('%i that are missing beside %i are each told', async (missing, there) => {
  list(missing, there)
  for (let at = 0; at < there; at++) write(`web/t${at}.yaml`, MAP.replace('name: web', `name: web-${at}`))
  const lines = [...Array(missing)].map((_, at) => `error kustomize-build:${at + 2} web/m${at}.yaml does not exist`)
  expect(await look()).toEqual(lines)
})
