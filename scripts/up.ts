// `npm run up`: a cluster, the commit's image, Argo CD and all environments, answering.

import type { UpResult } from './cluster/up/bring-up.ts'
import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { buildArguments, port, repositoryUrl } from './cluster/options.ts'

const usage = `Usage: npm run up -- [options]

Makes a cluster with Argo CD that syncs the commit you are on, in all environments. It works without a GitHub account: a
bare repository becomes the remote \`cluster\`, and \`git push cluster\` is the merge. Run again, it goes on where it stopped.

  --provider NAME         minikube, kind or existing (default: what is there, minikube first)
  --name NAME             of the cluster (default: flask-api)
  --context NAME          for --provider existing: the kubeconfig context. No other cluster is ever touched
  --repo-url URL          let Argo CD read a real remote instead; --repo-url= goes back to the bare repository.
                          A password has no place in it: Argo CD reads a private remote with a Secret of its own
  --revision REVISION     branch, tag or commit of it (default: the one in argocd/repository)
  --remote NAME           of the Git remote that is added to this checkout (default: cluster)
  --port NUMBER           first of ten host ports for the API (default: free ones, from 8080)
  --node-image IMAGE      of kind's node (default: $KIND_NODE_IMAGE, $NODE_IMAGE, else kind's own)
  --argocd-manifest FILE  file or URL instead of the pinned release (default: $ARGOCD_MANIFEST); its checksum is not verified
  --build-arg NAME=VALUE  for the image, may be repeated; PIP_INDEX_URL and the like are passed on from the environment
  -h, --help              this text

The next run of the same cluster remembers --provider, --context, --repo-url, --revision, --remote, --argocd-manifest and
--build-arg, and says so. What is given then wins; an empty one (--argocd-manifest=) goes back to the default.

Exit code: 0 all environments Synced, Healthy and answering; 1 something failed; 2 usage or a missing program; 130 Ctrl-C.
`

export const command: Command = {
  usage,
  options: {
    provider: { type: 'string' },
    name: { type: 'string' },
    context: { type: 'string' },
    'repo-url': { type: 'string' },
    revision: { type: 'string' },
    remote: { type: 'string' },
    port: { type: 'string' },
    'node-image': { type: 'string' },
    'argocd-manifest': { type: 'string' },
    'build-arg': { type: 'string', multiple: true },
  },
  afterStop: 'Nothing of yours is lost. `npm run up` goes on from here, `npm run down` removes what was made.',
  async run(values, { signal, progress }) {
    // The client of the API server takes most of a second to load: not for --help and wrong options.
    const { bringUp } = await import('./cluster/up/bring-up.ts')
    const result = await bringUp({
      root: repositoryRoot,
      name: text(values, 'name') ?? 'flask-api',
      provider: text(values, 'provider'),
      context: text(values, 'context'),
      nodeImage: text(values, 'node-image') ?? process.env.KIND_NODE_IMAGE ?? process.env.NODE_IMAGE,
      argocdManifest: text(values, 'argocd-manifest') ?? (process.env.ARGOCD_MANIFEST || undefined),
      buildArgs: values['build-arg'] === undefined ? undefined : buildArguments(values),
      repoUrl: repositoryUrl(values, 'repo-url'),
      revision: text(values, 'revision'),
      remote: text(values, 'remote'),
      port: port(values, 'port'),
      signal,
      progress,
    })
    if (result.dirty) {
      progress.warn('There are uncommitted changes. The cluster runs the commit.')
    }
    process.stdout.write(describeResult(result))
    return 0
  },
}

export function describeResult({ state, kube, store, environments, remote }: UpResult): string {
  const width = Math.max(...environments.map(({ name }) => name.length))
  // What runs, not what is here: a real remote has commits of its own.
  const revisions = new Set(environments.map(({ status }) => status.revision.slice(0, 12)))
  const lines = environments.map(({ name, namespace, url, status }) => {
    const way = url ?? `kubectl -n ${namespace} port-forward service/flask-api-service 8080:80`
    return `  ${name.padEnd(width)}  ${status.sync}, ${status.health}  ${way}`
  })
  const kubectl =
    state.cluster === 'found'
      ? `kubectl --context ${kube.context}`
      : `kubectl --kubeconfig ${store.kubeconfig} --context ${kube.context}`
  const first = environments.find(({ url }) => url !== undefined)?.url
  const push = {
    added: `Change something, commit, and \`git push ${state.remote}\`.`,
    there: `Change something, commit, and \`git push ${state.remote}\`.`,
    taken: `This checkout has another remote named ${state.remote}. Push with: git push ${store.repository} HEAD:main`,
    none: `Argo CD follows ${state.gitUrl}.`,
  }[remote]
  const example =
    first === undefined ? [] : ['', `curl -X POST ${first}/predict -d '{"text": "This is a great movie!"}'`]
  const answer = environments[0]?.calls.find(({ method }) => method === 'POST')?.body.trim()
  return [
    `${[...revisions].join(', ')} ${revisions.size === 1 ? 'runs' : 'run'} on ${kube.context}:`,
    ...lines,
    ...example,
    ...(answer === undefined || first === undefined ? [] : [answer]),
    '',
    push,
    `See it: npm run status -- --watch. By hand: ${kubectl} get pods -A`,
    '',
  ].join('\n')
}

if (import.meta.main) await runCommand(command)
