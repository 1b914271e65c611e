// `npm run explain -- RULE`: the catalogue for people who met a finding.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, repositoryRoot } from '../../command/frame.ts'
import { usageProblem } from '../../command/problem.ts'
import { closest } from '../../tree/model/closest.ts'
import { RULES } from '../rules/index.ts'
import { completeTable, explainRule, listRules } from './explain.ts'

/** The page of all rules, which a test keeps current. */
export const RULES_PAGE = 'scripts/validate/rules/README.md'
export const TABLE_PAGE = 'scripts/validate/README.md'
const CONFIG_SCHEMA = 'scripts/validate/validation.schema.json'

const usage = `Usage: npm run explain -- RULE

Says what a rule finds, why it matters, what to do, where the rule comes from, and shows an example of each kind.

  --all        lists all rules
  --write      writes what the catalogue says to the page of all rules, ${RULES_PAGE},
               to the table in ${TABLE_PAGE} and to the schema of validation.yaml
  -h, --help   this text

Exit code: 0 explained; 2 wrong usage, or no such rule; 3 a fault of the program.
`

export const command: Command = {
  name: 'explain',
  usage,
  options: { all: { type: 'boolean' }, write: { type: 'boolean' } },
  takesPositionals: true,
  async run(values, { positionals, terminal }) {
    if (values.write === true) {
      const { makeConfigSchema } = await import('../config-schema.ts')
      const { formatJson } = await import('../schema/generate/format-json.ts')
      const table = join(repositoryRoot, TABLE_PAGE)
      writeFileSync(join(repositoryRoot, RULES_PAGE), listRules())
      writeFileSync(table, completeTable(readFileSync(table, 'utf8')))
      writeFileSync(join(repositoryRoot, CONFIG_SCHEMA), `${formatJson(makeConfigSchema())}\n`)
      return 0
    }
    if (values.all === true) {
      terminal.print(RULES.map(({ id, severity, summary }) => `${id}  ${severity}  ${summary}\n`).join(''))
      return 0
    }
    const [id, second] = positionals
    if (id === undefined || second !== undefined) throw usageProblem('name one rule', 'See npm run explain -- --all')
    const rule = RULES.find(one => one.id === id)
    if (!rule) {
      const near = closest(
        id,
        RULES.map(one => one.id),
      )
      throw usageProblem(
        `there is no rule ${id}${near ? `: did you mean ${near}?` : ''}`,
        'See npm run explain -- --all',
      )
    }
    terminal.print(explainRule(rule))
    return 0
  },
}
