// `npm run oracle`: makes tests/corpus/apiserver anew from a cluster, and says what its API server says otherwise.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { CORPUS_FOLDER, readCorpus } from './accuracy/apiserver.ts'
import { askAll, listChanges, openServer } from './accuracy/oracle.ts'
import { runCommand } from './command/frame.ts'
import { Problem, usageProblem } from './command/problem.ts'

const USAGE = `Usage: npm run oracle -- --context NAME [--write]

Sends each object of tests/corpus/apiserver to the API server of a cluster, as a dry run with strict field validation in
a namespace of its own, and prints what it says otherwise than the corpus. Nothing is left in the cluster.

  --context NAME    the context of the kubeconfig
  --namespace NAME  where the objects would be made, oracle by default; the command makes it and removes it
  --write           keeps the new answers in tests/corpus/apiserver
  -h, --help        this text

Exit code: 0 every answer is as it was, or is kept by --write; 1 some differ; 2 wrong usage, or no cluster; 3 a fault of
the program.
`

await runCommand({
  usage: USAGE,
  name: 'oracle',
  options: { context: { type: 'string' }, namespace: { type: 'string' }, write: { type: 'boolean' } },
  async run({ context, namespace: wanted, write }, { terminal, signal }) {
    if (typeof context !== 'string') throw usageProblem('--context is needed: no cluster is asked by chance')
    const namespace = typeof wanted === 'string' ? wanted : 'oracle'
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    config.loadFromDefault()
    if (config.getContextObject(context) === null) throw usageProblem(`there is no context ${context}`)
    config.setCurrentContext(context)
    const ask = await openServer(config)
    const { body } = await ask('GET', '/version')
    terminal.note(`asking Kubernetes ${(body as { gitVersion?: string }).gitVersion ?? 'of an unknown version'}`)
    const made = await ask('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    })
    if (made.code === 409)
      throw new Problem(`the namespace ${namespace} is there already`, {
        exitCode: 2,
        advice: ['Name another one with --namespace, or remove it.'],
      })
    if (made.code !== 201)
      throw new Problem(`the namespace ${namespace} cannot be made: the server answers ${made.code}`, { exitCode: 2 })
    try {
      const corpus = readCorpus()
      await waitForDefaultAccount()
      const cases = await askAll(ask, corpus, namespace, done => {
        signal.throwIfAborted()
        terminal.note(`${done} of ${corpus.cases.length}`)
      })
      const changes = listChanges(corpus.cases, cases)
      terminal.print(
        `${changes.map(line => `${line}\n`).join('')}${changes.length} of ${cases.length} answers differ\n`,
      )
      if (write === true) writeFileSync(join(CORPUS_FOLDER, 'cases.jsonl.br'), compress(cases))
      return changes.length > 0 && write !== true ? 1 : 0
    } finally {
      await ask('DELETE', `/api/v1/namespaces/${namespace}`)
    }

    /** A pod is refused until the account that it runs as is made. */
    async function waitForDefaultAccount(): Promise<void> {
      for (let attempt = 0; attempt < 50; attempt++) {
        const { code } = await ask('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)
        if (code === 200) return
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
  },
})

function compress(cases: readonly unknown[]): Buffer {
  const text = Buffer.from(cases.map(one => `${JSON.stringify(one)}\n`).join(''))
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants
  return brotliCompressSync(text, {
    params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: text.length },
  })
}
