// Takes what `up` was given in an earlier run for what is not given now, so that plain `npm run up` really goes on.

import { resolve } from 'node:path'
import { findProvider } from '../provider/choose.ts'
import type { RememberedOptions, State } from '../state/state.ts'

/** Undefined is what was before; the empty string (`--repo-url=`) and the empty list are the default. */
export interface GivenOptions {
  readonly provider?: string | undefined
  readonly context?: string | undefined
  readonly repoUrl?: string | undefined
  readonly revision?: string | undefined
  readonly remote?: string | undefined
  readonly argocdManifest?: string | undefined
  readonly buildArgs?: readonly string[] | undefined
}

export interface Recalled {
  readonly options: GivenOptions & { readonly remote: string; readonly buildArgs: readonly string[] }
  /** For the next run. */
  readonly remembered: RememberedOptions
  /** What was not given and is used nevertheless, as one would type it. */
  readonly used: readonly string[]
}

/** `found` is the provider that would be taken if nobody named one. */
export function recall(given: GivenOptions, state: State | undefined, found = findProvider()): Recalled {
  const before = state?.options ?? {}
  const used: string[] = []
  const choose = (option: string, asked: string | undefined, known: string | undefined): string | undefined => {
    if (asked !== undefined) return asked === '' ? undefined : asked
    if (known !== undefined) used.push(`--${option} ${known}`)
    return known
  }
  const provider = given.provider ?? state?.provider
  if (given.provider === undefined && provider !== undefined && provider !== found) used.push(`--provider ${provider}`)
  const context = provider === 'existing' ? choose('context', given.context, state?.context) : given.context
  const repoUrl = choose('repo-url', given.repoUrl, before.repoUrl)
  // A revision belongs to its remote.
  const revision = choose('revision', given.revision, repoUrl === before.repoUrl ? before.revision : undefined)
  const remote = choose('remote', given.remote, before.remote)
  const argocdManifest = choose('argocd-manifest', given.argocdManifest, before.argocdManifest)
  const buildArgs = given.buildArgs ?? before.buildArgs ?? []
  // The values may be secrets.
  if (given.buildArgs === undefined) used.push(...buildArgs.map(argument => `--build-arg ${argument.split('=', 1)[0]}`))
  return {
    options: { provider, context, repoUrl, revision, remote: remote ?? 'cluster', argocdManifest, buildArgs },
    remembered: {
      ...(repoUrl === undefined ? {} : { repoUrl }),
      ...(revision === undefined ? {} : { revision }),
      ...(remote === undefined ? {} : { remote }),
      ...(argocdManifest === undefined ? {} : { argocdManifest: locate(argocdManifest) }),
      ...(buildArgs.length === 0 ? {} : { buildArgs }),
    },
    used,
  }
}

/** The same file from any folder. */
function locate(manifest: string): string {
  return /^https?:/.test(manifest) ? manifest : resolve(manifest)
}
