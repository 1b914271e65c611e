// Chooses the provider: the one that is asked for, else what is there.

import { usageProblem } from '../../command/problem.ts'
import { findProgram } from '../shell.ts'
import type { ProviderName } from '../state/state.ts'
import { existing } from './existing.ts'
import { kind } from './kind.ts'
import { minikube } from './minikube.ts'
import type { Provider } from './provider.ts'

export const providers: Readonly<Record<ProviderName, Provider>> = { minikube, kind, existing }

export function findProvider(path: string | undefined = process.env.PATH): 'minikube' | 'kind' | undefined {
  return (['minikube', 'kind'] as const).find(name => findProgram(name, path) !== undefined)
}

/** What is there: minikube first. */
export function chooseProvider(asked: string | undefined, path: string | undefined = process.env.PATH): Provider {
  if (asked !== undefined) {
    if (!Object.hasOwn(providers, asked)) throw usageProblem(`--provider ${asked}: minikube, kind or existing`)
    return providers[asked as ProviderName]
  }
  const found = findProvider(path)
  if (found !== undefined) return providers[found]
  throw usageProblem(
    'neither minikube nor kind was found on PATH',
    'Install one of them: https://minikube.sigs.k8s.io/docs/start or https://kind.sigs.k8s.io.',
    'For a cluster that is there already: --provider existing --context NAME --repo-url URL.',
  )
}
