// `npm run smoke-test`: does the commit start on a real cluster, and answer?

import { join } from 'node:path'
import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { buildArguments } from './cluster/options.ts'
import { formatSeconds } from './command/progress.ts'

const usage = `Usage: npm run smoke-test -- [options]

Makes a kind cluster of its own, builds and loads the commit's image, lets the API server check every manifest (server-side
dry run), applies overlays/dev, waits for the rollout and calls both routes from outside. The cluster is deleted, also
after a failure or Ctrl-C; after a failure its logs stay in logs/.

  --node-image IMAGE      of kind's node (default: $KIND_NODE_IMAGE, $NODE_IMAGE, else kind's own)
  --argocd-manifest FILE  file or URL for the CRDs instead of the pinned release (default: $ARGOCD_MANIFEST)
  --build-arg NAME=VALUE  for the image, may be repeated
  --logs FOLDER           where logs go (default: logs)
  --keep                  do not delete the cluster
  -h, --help              this text

Exit code: 0 all passed; 1 something failed; 2 usage or a missing program; 130 Ctrl-C.
`

export const command: Command = {
  usage,
  options: {
    'node-image': { type: 'string' },
    'argocd-manifest': { type: 'string' },
    'build-arg': { type: 'string', multiple: true },
    logs: { type: 'string' },
    keep: { type: 'boolean' },
  },
  afterStop: 'The cluster of the smoke test is deleted; `kind get clusters` shows what is left, if anything is.',
  async run(values, { signal, progress }) {
    const started = performance.now()
    const { smokeTest } = await import('./cluster/smoke/smoke.ts')
    const result = await smokeTest({
      root: repositoryRoot,
      nodeImage: text(values, 'node-image') ?? process.env.KIND_NODE_IMAGE ?? process.env.NODE_IMAGE,
      argocdManifest: text(values, 'argocd-manifest') ?? process.env.ARGOCD_MANIFEST,
      buildArgs: buildArguments(values),
      keep: values.keep === true,
      logs: text(values, 'logs') ?? join(repositoryRoot, 'logs'),
      signal,
      progress,
    })
    const lines = [
      `Accepted by the API server: ${result.dryRuns.join(', ')}`,
      ...result.unchecked.map(one => `Not checked, the cluster does not know the kind: ${one}`),
      ...result.warnings.map(one => `The API server warns of ${one.replace('Warning: ', '')}`),
      ...result.calls.flatMap(({ by, calls }) =>
        calls.map(({ method, path, status, body }) => `${by}: ${method} ${path}: ${status} ${body.trim()}`),
      ),
      `Passed in ${formatSeconds((performance.now() - started) / 1000)}.`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
    return 0
  },
}

if (import.meta.main) await runCommand(command)
