// `npm run schemas`: makes the schemas in validate/schema/definitions anew from the pinned packages, and in that of
// validation.yaml the part on rules from the catalogue.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Command, repositoryRoot, runCommand } from './command/frame.ts'
import { makeConfigSchema } from './validate/config-schema.ts'
import { formatJson } from './validate/schema/generate/format-json.ts'
import { makeProduct } from './validate/schema/generate/product.ts'

const FOLDER = 'scripts/validate/schema/definitions'

const usage = `Usage: npm run schemas

Makes the schemas in ${FOLDER} anew from the pinned packages, and the rules in
scripts/validate/validation.schema.json from the catalogue. Tests fail where either is not current.

  -h, --help   this text

Exit code: 0 written; 2 wrong usage; 3 a fault of the program.
`

const command: Command = {
  name: 'schemas',
  usage,
  options: {},
  async run(_, { terminal }) {
    const product = makeProduct(join(repositoryRoot, 'node_modules'))
    rmSync(join(repositoryRoot, FOLDER), { recursive: true, force: true })
    for (const [path, text] of product) {
      const file = join(repositoryRoot, FOLDER, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    const schema = `${formatJson(makeConfigSchema())}\n`
    writeFileSync(join(repositoryRoot, 'scripts/validate/validation.schema.json'), schema)
    terminal.print(`${product.size} files written to ${FOLDER}\n`)
    return 0
  },
}

await runCommand(command)
