// npm run accuracy: how far validate agrees with a real API server, by kind.
import { compareWithServer, readCorpus, sumOf } from './accuracy/apiserver.ts'
import { printAgreement } from './accuracy/print.ts'
import { runCommand } from './command/frame.ts'
import { openSchemas } from './validate/schema/index.ts'

const USAGE = `Usage: npm run accuracy [-- --differences]

Judges the objects of tests/corpus/apiserver and holds the verdicts against those of a real API server.

  --differences  list the objects of which both say something else
`

await runCommand({
  usage: USAGE,
  name: 'accuracy',
  options: { differences: { type: 'boolean' } },
  async run({ differences: isLong }, { terminal }) {
    const schemas = await openSchemas({ kinds: [], customResourceDefinitions: [] })
    const { rows, differences } = compareWithServer(readCorpus(), schemas)
    terminal.print(`${printAgreement([...rows, sumOf(rows)])}\n`)
    if (isLong) for (const { id, how, text } of differences) terminal.print(`${id}: ${how}: ${text}\n`)
    return 0
  },
})
