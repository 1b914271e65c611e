// `npm run status`: revision, sync, health, replicas, image and drift of each environment.

import { type Command, runCommand, text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'

const usage = `Usage: npm run status -- [options]

Shows what Argo CD says of each environment: the commit that runs, whether it is Synced and Healthy, and where it answers.

  --name NAME      a cluster that \`npm run up\` made (default: the only one, or flask-api)
  --context NAME   any other cluster with Argo CD, by its kubeconfig context
  --watch          follows it until Ctrl-C
  --format FORMAT  text (default) or json; with --watch one JSON document a change
  -h, --help       this text

Exit code: 0 all environments Synced and Healthy; 1 not all are, or no answer; 2 no such cluster; 130 Ctrl-C, the end
of --watch.
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
    const { findCluster, followStatus, isWell, readStatus } = await import('./cluster/status/follow-status.ts')
    const { formats } = await import('./cluster/status/status-report.ts')
    const asked = text(values, 'format') ?? 'text'
    const format = Object.hasOwn(formats, asked) ? formats[asked] : undefined
    if (format === undefined)
      throw usageProblem(`--format ${text(values, 'format')}: ${Object.keys(formats).join(' or ')}`)
    const kube = await findCluster(text(values, 'name'), text(values, 'context'), line => progress.warn(line))
    if (values.watch !== true) {
      const report = await readStatus(kube, signal)
      process.stdout.write(format(report))
      return isWell(report) ? 0 : 1
    }
    await followStatus(kube, format, signal)
    return 0
  },
}

if (import.meta.main) await runCommand(command)
