// Puts the catalogue into words: one rule with its examples, or the page of all.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { RULES } from '../rules/index.ts'
import type { Rule } from '../rules/rule.ts'

const RULES_FOLDER = join(import.meta.dirname, '../rules')
const MOST_LINES = 60

export function explainRule(rule: Rule): string {
  const { id, severity, summary, why, remediation, source, preset } = rule
  const parts = [
    `${id} (${severity}${preset ? `, preset ${preset}` : ''})\n${summary}`,
    `Why: ${why}`,
    `What to do: ${remediation}`,
    `Source: ${source}`,
    ...showExample(id, 'invalid', 'Found in:'),
    ...showExample(id, 'valid', 'Not found in:'),
    `To accept one: a comment "# validate-ignore: ${id} REASON" above the line, or suppressions in validation.yaml.`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The page of all rules, in the order of the catalogue. */
export function listRules(): string {
  const sections = RULES.map(({ id, severity, summary, why, remediation, source, preset }) => {
    const level = preset ? `${severity}, only with preset \`${preset}\`` : severity
    return `## ${id}\n\n${plain(summary)} (${level})\n\n- Why: ${plain(why)}\n- What to do: ${plain(remediation)}\n- Source: ${plain(source)}\n`
  })
  const head = `# Rules\n\nWritten by \`npm run explain -- --write\`; \`npm run explain -- RULE\` shows examples as well.\n`
  return `${head}\n${sections.join('\n')}`
}

const ROW = /^\| `([a-z-]+)` \| /

/**
 * A page with a table of all rules, a row for each: those that are there stay as somebody wrote them, a new rule has its
 * summary behind the rule that is documented before it, and a rule that is gone has none.
 */
export function completeTable(page: string): string {
  const lines = page.split('\n').filter(line => {
    const id = ROW.exec(line)?.[1]
    return id === undefined || RULES.some(rule => rule.id === id)
  })
  const rowOf = (id: string | undefined): number => lines.findIndex(line => ROW.exec(line)?.[1] === id)
  const head = lines.findIndex((line, at) => line === '| --- | --- |' && lines[at - 1] === '| rule | finds |')
  for (const [index, { id, summary, preset }] of RULES.entries()) {
    if (rowOf(id) >= 0) continue
    const before = index === 0 ? -1 : rowOf(RULES[index - 1]?.id)
    const finds = `${summary.charAt(0).toLowerCase()}${plain(summary.slice(1)).replace(/\.$/, '')}`
    lines.splice(
      Math.max(before, head) + 1,
      0,
      `| \`${id}\` | ${finds}${preset ? ` (preset \`${preset}\` only)` : ''} |`,
    )
  }
  return lines.join('\n')
}

const plain = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('*', '\\*')

/** The first fixture, as far as a person would read it. */
function showExample(id: string, kind: 'invalid' | 'valid', title: string): readonly string[] {
  const folder = readdirSync(RULES_FOLDER, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(RULES_FOLDER, name, id, 'fixtures', kind))
    .find(path => existsSync(path))
  const first = folder && readdirSync(folder).sort()[0]
  if (!folder || first === undefined) return []
  const files = listFiles(join(folder, first)).filter(path => !path.endsWith('expected.txt'))
  const lines = files.flatMap(path => {
    const text = readFileSync(path, 'utf8').replace(/^# expect .*\n/gm, '')
    return [`# ${relative(folder, path)}`, ...text.trimEnd().split('\n')]
  })
  const shown = lines.slice(0, MOST_LINES).map(line => `    ${line}`.trimEnd())
  if (lines.length > shown.length) shown.push(`    ... and ${lines.length - shown.length} lines more`)
  return [[title, ...shown].join('\n')]
}

function listFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap(name => listFiles(join(path, name)))
}
