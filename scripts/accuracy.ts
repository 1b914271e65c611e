// npm run accuracy: how far validate agrees with a real API server and with Argo CD's own code, by kind.
import { compareWithServer, readCorpus, sumOf } from './accuracy/apiserver.ts'
import { countArgocd, measureArgocd, printArgocd, readArgocdCases } from './accuracy/argocd.ts'
import { printAgreement } from './accuracy/print.ts'
import { runCommand } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import { describeMachine } from './tree/machine.ts'
import { openSchemas } from './validate/schema/index.ts'

const USAGE = `Usage: npm run accuracy [-- --only apiserver|argocd] [--differences]

Judges the objects of tests/corpus/apiserver and holds the verdicts against those of a real API server; and writes each
case of tests/corpus/argocd as a tree, validates it and holds that against what Argo CD's own code said.

  --only NAME     apiserver or argocd; both without it
  --differences   lists the objects of which both say something else
  -h, --help      this text

Exit code: 0 compared, whatever differs; 2 wrong usage; 3 a fault of the program.
`

await runCommand({
  usage: USAGE,
  name: 'accuracy',
  options: { differences: { type: 'boolean' }, only: { type: 'string' } },
  async run({ differences: isLong, only }, { terminal }) {
    if (only !== undefined && only !== 'apiserver' && only !== 'argocd') {
      throw usageProblem(`--only ${only}: apiserver or argocd`)
    }
    if (only !== 'argocd') {
      const schemas = await openSchemas({ kinds: [], customResourceDefinitions: [] })
      const { rows, differences } = compareWithServer(readCorpus(), schemas)
      terminal.print(`${printAgreement([...rows, sumOf(rows)])}\n`)
      if (isLong) for (const { id, how, text } of differences) terminal.print(`${id}: ${how}: ${text}\n`)
    }
    if (only === undefined) terminal.print('\n')
    if (only !== 'apiserver') {
      const judged = await measureArgocd(readArgocdCases(), { machine: describeMachine(), parallelism: 2 })
      terminal.print(`${printArgocd(countArgocd(judged))}\n`)
      const differing = isLong ? judged.filter(({ agreement }) => agreement !== 'agrees') : []
      for (const { fact, agreement } of differing) {
        terminal.print(`${fact.id}: ${agreement}: ${fact.detail.message ?? fact.detail.ignored?.join('; ') ?? ''}\n`)
      }
    }
    return 0
  },
})
