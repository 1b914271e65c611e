// Every rule has valid and invalid fixtures; each invalid one names all findings of its tree, word for word.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { showFindings, validateTree } from '../../../tests/tree.ts'
import type { Finding } from '../findings/finding.ts'
import { describeRule, RULES } from './index.ts'

const HERE = dirname(fileURLToPath(import.meta.url))

/** rules/<family>/<rule-id> */
const FOLDERS = new Map(
  readdirSync(HERE, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(family =>
      readdirSync(join(HERE, family.name), { withFileTypes: true }).map(rule => join(family.name, rule.name)),
    )
    .filter(path => statSync(join(HERE, path)).isDirectory())
    .map(path => [basename(path), join(HERE, path)]),
)

test('each rule has a folder of its name and each folder a rule', () => {
  expect([...FOLDERS.keys()].sort()).toEqual(RULES.map(({ id }) => id).sort())
})

test.each(RULES.map(rule => [rule.id, rule] as const))('%s says what, why and what to do', (_, rule) => {
  expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)*$/)
  expect(rule.summary).toMatch(/^(?:[A-Z]|kustomize).*\.$/)
  expect(rule.why).toMatch(/\.$/)
  expect(rule.remediation).toMatch(/^[A-Z].*\.$/)
  expect(rule.source).not.toBe('')
})

describe.each(RULES.map(({ id }) => id))('%s', id => {
  const folder = join(FOLDERS.get(id) ?? '', 'fixtures')
  const list = (kind: string): string[] =>
    existsSync(join(folder, kind)) ? readdirSync(join(folder, kind)).sort() : []

  test('has valid and invalid fixtures', () => {
    expect(list('valid').length).toBeGreaterThan(0)
    expect(list('invalid').length).toBeGreaterThan(0)
  })

  test.each(list('valid'))('nothing in %s', async name => {
    expect(await findIn(join(folder, 'valid', name), id)).toEqual([])
  })

  test.each(list('invalid'))('all of %s', async name => {
    const path = join(folder, 'invalid', name)
    const expected = readExpected(path, id)
    expect(expected.some(line => line.startsWith(`${id} `))).toBe(true)
    expect(await findIn(path, id)).toEqual(expected)
  })
})

/** A folder is a tree; a file is the only one of its tree. A copy is not part of this checkout. A strict rule is asked for. */
async function findIn(path: string, id: string): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'fixture-'))
  try {
    cpSync(path, statSync(path).isDirectory() ? root : join(root, basename(path)), { recursive: true })
    const { preset, severity } = describeRule(id)
    const bytes = Buffer.from(JSON.stringify({ rules: { [id]: severity } }))
    const isAsked = preset !== 'strict' || existsSync(join(root, 'validation.yaml'))
    const validation = await validateTree(root, isAsked ? {} : { config: { path: 'validation.yaml', bytes } })
    const { findings } = validation.report
    return showFindings(validation).map((line, at) => line + markSeverity(findings[at]))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** A severity that is not the rule's own stands at the end of a line: then a test sees that it changed. */
function markSeverity(finding: Finding | undefined): string {
  if (!finding || finding.severity === describeRule(finding.ruleId).severity) return ''
  return ` (${finding.severity})`
}

/** `expected.txt` of a tree, `# expect LINE:COLUMN MESSAGE` in a file. */
function readExpected(path: string, id: string): string[] {
  if (statSync(path).isDirectory()) return readFileSync(join(path, 'expected.txt'), 'utf8').trimEnd().split('\n')
  const lines = readFileSync(path, 'utf8').matchAll(/^# expect (?:([a-z-]+) )?(\d+:\d+) (.+)$/gm)
  return [...lines].map(([, rule, place, message]) => `${rule ?? id} ${basename(path)}:${place} ${message}`)
}
