// `npm run e2e`: does a commit, and only a commit, change what runs?

import { join } from 'node:path'
import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { buildArguments } from './cluster/options.ts'

const usage = `Usage: npm run e2e -- [options]

Brings the commit up on a kind cluster of its own, with Argo CD, then: (a) commits a replica count, (b) scales by hand,
(c) deletes a pod and kills a process, (d) removes a resource from Git, (e) commits an image that does not exist and
reverts it, (f) names what the project does not permit, (g) looks whether prod noticed. The cluster is deleted afterwards.

  --name NAME             of the cluster (default: flask-api-e2e)
  --node-image IMAGE      of kind's node (default: $KIND_NODE_IMAGE, $NODE_IMAGE, else kind's own)
  --argocd-manifest FILE  file or URL instead of the pinned release (default: $ARGOCD_MANIFEST)
  --build-arg NAME=VALUE  for the image, may be repeated
  --logs FOLDER           where logs of a failure go (default: logs)
  --keep                  leave the cluster; the next run is faster by its start
  -h, --help              this text

Exit code: 0 all passed; 1 something failed; 2 wrong usage or a missing program; 130 Ctrl-C.
`

export const command: Command = {
  usage,
  options: {
    name: { type: 'string' },
    'node-image': { type: 'string' },
    'argocd-manifest': { type: 'string' },
    'build-arg': { type: 'string', multiple: true },
    logs: { type: 'string' },
    keep: { type: 'boolean' },
  },
  afterStop: 'The cluster of the test is deleted, unless --keep was given.',
  async run(values, { signal, progress }) {
    const { runE2e } = await import('./cluster/e2e/e2e.ts')
    const { passed, failed } = await runE2e({
      root: repositoryRoot,
      name: text(values, 'name') ?? 'flask-api-e2e',
      nodeImage: text(values, 'node-image') ?? process.env.KIND_NODE_IMAGE ?? process.env.NODE_IMAGE,
      argocdManifest: text(values, 'argocd-manifest') ?? process.env.ARGOCD_MANIFEST,
      buildArgs: buildArguments(values),
      logs: text(values, 'logs') ?? join(repositoryRoot, 'logs'),
      keep: values.keep === true,
      report: line => process.stdout.write(`${line}\n`),
      signal,
      progress,
    })
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
    return failed === 0 ? 0 : 1
  },
}

if (import.meta.main) await runCommand(command)
