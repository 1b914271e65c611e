// `npm run down`: removes what `up` made.

import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { listClusters } from './cluster/state/state.ts'

const usage = `Usage: npm run down -- [options]

Removes what \`npm run up\` made, and nothing else: the cluster (or, on an existing one, the objects), the Git server, its
bare repository and the remote. Commits that only the bare repository has are never removed without --force.

The images that were built (\`docker image ls 'flask-api:git-*'\`) and a downloaded Argo CD stay: the next \`up\` is quick,
and other clusters may use them.

  --name NAME  of the cluster (default: flask-api)
  --force      also where pushed commits are in no branch of this checkout
  --local      only what is on this machine: for a cluster that is gone for good, or that is to stay as it is
  -h, --help   this text

Exit code: 0 removed, or nothing was there; 1 refused or failed; 2 wrong usage or a missing program; 130 Ctrl-C.
`

export const command: Command = {
  usage,
  options: { name: { type: 'string' }, force: { type: 'boolean' }, local: { type: 'boolean' } },
  afterStop: '`npm run down` goes on from here.',
  async run(values, { signal, progress }) {
    const name = text(values, 'name') ?? 'flask-api'
    const { takeDown } = await import('./cluster/down/take-down.ts')
    const removed = await takeDown({
      root: repositoryRoot,
      name,
      force: values.force === true,
      local: values.local === true,
      signal,
      progress,
    })
    const others = listClusters(repositoryRoot)
    const left = others.length === 0 ? '' : ` Other clusters of this checkout: ${others.join(', ')} (--name).`
    process.stdout.write(
      removed.length === 0
        ? `There is nothing to remove for ${name}.${left}\n`
        : `Removed: ${removed.join(', ')}.${left}\n`,
    )
    return 0
  },
}

if (import.meta.main) await runCommand(command)
