// `npm run load-test`: is a request lost while the Deployment changes?

import { type Command, repositoryRoot, runCommand, text, texts } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'

const usage = `Usage: npm run load-test -- [options]

Sends POSTs at a constant rate through the Service, on new and on kept connections and never twice, while the API's
Deployment is rolled out three times, scaled, loses pods, gets an image that never becomes ready, and is drained with its
node where there are two. Argo CD looks away meanwhile. Needs a cluster of npm run up or of the smoke test (--keep).

  --name NAME         of the cluster that npm run up made (default: flask-api)
  --context NAME      a context of the kubeconfig instead
  --namespace NAME    (default: flask-api-dev)
  --url URL           of the Service, where it is reached neither by a port of this machine nor by a node's address; or of a
                      front door (https)
  --rate NUMBER       requests a second (default: 100)
  --runs NUMBER       all of it several times (default: 1)
  --only PROOF        rollout, scale, delete, kill, bad-image or drain; may be repeated
  --short             one rollout instead of all of it: half a minute
  -h, --help          this text

Exit code: 0 nothing was lost that need not be; 1 something was; 2 usage; 130 Ctrl-C.
`

export const command: Command = {
  usage,
  options: {
    name: { type: 'string' },
    context: { type: 'string' },
    namespace: { type: 'string' },
    url: { type: 'string' },
    rate: { type: 'string' },
    runs: { type: 'string' },
    only: { type: 'string', multiple: true },
    short: { type: 'boolean' },
  },
  afterStop: 'The Deployment has its number of replicas again.',
  async run(values, { signal, progress }) {
    const rate = number(text(values, 'rate') ?? '100', '--rate', 10_000)
    const runs = number(text(values, 'runs') ?? '1', '--runs', 100)
    const { connect } = await import('./cluster/kube/kube.ts')
    const { kubeconfigOf, openStore } = await import('./cluster/state/state.ts')
    const { formatResults, runLoadTest } = await import('./cluster/load/run-load-test.ts')
    const context = text(values, 'context')
    const store = openStore(repositoryRoot, text(values, 'name') ?? 'flask-api')
    const state = context === undefined ? store.read() : undefined
    if (context === undefined && state === undefined)
      throw usageProblem('there is no cluster of npm run up', 'Make one: npm run up. Or name one: --context NAME.')
    const kube = await (state === undefined
      ? connect(context ?? '')
      : connect(state.context, kubeconfigOf(state, store)))
    const results = await runLoadTest({
      kube,
      namespace: text(values, 'namespace') ?? 'flask-api-dev',
      hostPort: state?.hostPort,
      url: text(values, 'url'),
      rate,
      runs,
      only: texts(values, 'only'),
      short: values.short === true,
      signal,
      progress,
    })
    process.stdout.write(`${formatResults(results)}\n`)
    return results.every(({ passed }) => passed) ? 0 : 1
  },
}

function number(value: string, option: string, maximum: number): number {
  const found = Number(value)
  if (Number.isInteger(found) && found >= 1 && found <= maximum) return found
  throw usageProblem(`${option} ${value}: a whole number from 1 to ${maximum}`)
}

if (import.meta.main) await runCommand(command)
