// `npm run status`: revision, sync, health, replicas, image and drift of each environment.

import { type Command, repositoryRoot, runCommand, text } from './cluster/command.ts'
import { findGitServer } from './cluster/git-server.ts'
import { connect, type Kube, kinds } from './cluster/kube.ts'
import { names } from './cluster/manifests.ts'
import { messageOf, Problem, usageProblem } from './cluster/problem.ts'
import { kubeconfigOf, listClusters, openStore } from './cluster/state.ts'
import { formats, readReport, type StatusReport } from './cluster/status-report.ts'
import { pause, watchUntil, within } from './cluster/watch.ts'

const usage = `Usage: npm run status -- [options]

  --name NAME      a cluster that \`npm run up\` made (default: the only one, or flask-api)
  --context NAME   any other cluster with Argo CD, by its kubeconfig context
  --watch          follow it until Ctrl-C
  --format FORMAT  text (default) or json; with --watch one JSON document a change
  -h, --help       this text

Exit code: 0 all environments Synced and Healthy (with --watch always); 1 not all are; 2 no such cluster.
`

export const command: Command = {
  usage,
  options: {
    name: { type: 'string' },
    context: { type: 'string' },
    watch: { type: 'boolean' },
    format: { type: 'string' },
  },
  afterStop: 'The cluster goes on.',
  async run(values, { signal, progress }) {
    const format = formats[text(values, 'format') ?? 'text']
    if (format === undefined)
      throw usageProblem(`--format ${text(values, 'format')}: ${Object.keys(formats).join(' or ')}`)
    const kube = await findCluster(text(values, 'name'), text(values, 'context'), line => progress.warn(line))
    if (values.watch !== true) {
      const report = await answered(readReport(kube), kube, signal)
      process.stdout.write(format(report))
      return isWell(report) ? 0 : 1
    }
    await follow(kube, format, signal)
    return 0
  },
}

async function findCluster(
  name: string | undefined,
  context: string | undefined,
  warn: (line: string) => void,
): Promise<Kube> {
  if (context !== undefined) return connect(context)
  const clusters = listClusters(repositoryRoot)
  const chosen = name ?? (clusters.length === 1 ? clusters[0] : 'flask-api')
  const store = openStore(repositoryRoot, chosen ?? 'flask-api')
  const state = store.read()
  if (state === undefined || state.cluster === 'none' || state.cluster === 'creating') {
    const known =
      clusters.length === 0 ? 'This checkout has made none.' : `Clusters of this checkout: ${clusters.join(', ')}.`
    throw usageProblem(
      `there is no cluster ${chosen}`,
      `${known} Make it: npm run up.`,
      'Any other cluster: --context NAME.',
    )
  }
  if (
    state.gitPort !== undefined &&
    (await findGitServer(store, state.gitListen ?? '127.0.0.1', state.gitPort)) === undefined
  ) {
    warn('The Git server is not running, so Argo CD sees no new commit. npm run up starts it.')
  }
  return connect(state.context, kubeconfigOf(state, store))
}

async function answered<T>(question: Promise<T>, kube: Kube, signal: AbortSignal): Promise<T> {
  try {
    return await within(question, 15_000, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new Problem(`${kube.context} (${kube.server}) does not answer: ${messageOf(error)}`, {
      advice: ['Start it again, and what was made on it: npm run up.'],
    })
  }
}

/** Prints at every change, at most four times a second. */
async function follow(kube: Kube, format: (report: StatusReport) => string, signal: AbortSignal): Promise<void> {
  let last = ''
  let changed = true
  const touch = () => {
    changed = true
    return undefined
  }
  const forever = { timeout: 2 ** 31 - 1, signal, unmet: '' }
  const watches = [
    watchUntil(kube, { kind: kinds.application, namespace: names.namespace }, forever, touch),
    watchUntil(kube, { kind: kinds.deployment }, forever, touch),
  ]
  for (const watch of watches) watch.catch(() => {})
  for (;;) {
    if (changed) {
      changed = false
      const text = format(await answered(readReport(kube), kube, signal))
      if (text !== last)
        process.stdout.write(process.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : `${last === '' ? '' : '\n'}${text}`)
      last = text
    }
    await pause(250, signal)
  }
}

function isWell({ environments }: StatusReport): boolean {
  return environments.length > 0 && environments.every(({ sync, health }) => sync === 'Synced' && health === 'Healthy')
}

if (import.meta.main) await runCommand(command)
