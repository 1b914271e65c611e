// `npm run schemas`: makes the schemas in validate/schema/definitions anew from the pinned packages.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Command, repositoryRoot, runCommand } from './command/frame.ts'
import { makeProduct } from './validate/schema/generate/product.ts'

const FOLDER = 'scripts/validate/schema/definitions'

const usage = `Usage: npm run schemas

Makes the schemas in ${FOLDER} anew from the pinned packages. A test fails where
they are not current.

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
    terminal.print(`${product.size} files written to ${FOLDER}\n`)
    return 0
  },
}

await runCommand(command)
