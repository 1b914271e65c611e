// `npm run down`: removes what `up` made.

import { type Command, repositoryRoot, runCommand, text } from './cluster/command.ts'
import { listClusters } from './cluster/state.ts'

const usage = `Usage: npm run down -- [options]

Removes what \`npm run up\` made, and nothing else: the cluster (or, on an existing one, the objects), the Git server, its
bare repository and the remote. Commits that only the bare repository has are never removed without --force.

  --name NAME             of the cluster (default: flask-api)
  --force                 also where pushed commits are in no branch of this checkout
  --argocd-manifest FILE  what --provider existing was installed from (default: $ARGOCD_MANIFEST, else the pinned release)
  -h, --help              this text
`

export const command: Command = {
  usage,
  options: { name: { type: 'string' }, force: { type: 'boolean' }, 'argocd-manifest': { type: 'string' } },
  afterStop: '`npm run down` goes on from here.',
  async run(values, { signal, progress }) {
    const name = text(values, 'name') ?? 'flask-api'
    const { takeDown } = await import('./cluster/take-down.ts')
    const removed = await takeDown({
      root: repositoryRoot,
      name,
      force: values.force === true,
      argocdManifest: text(values, 'argocd-manifest') ?? process.env.ARGOCD_MANIFEST,
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
