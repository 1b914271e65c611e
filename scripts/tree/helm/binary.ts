// Finds the helm to render charts with: the one beside the pinned kubectl, or what the machine has.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Machine, unpackBundled } from '../kustomize/build/binary.ts'

export interface Helm {
  readonly command: string
  readonly source: string
}

/** helm of the package that brings kubectl: 4.2.3. Argo CD 3.6.1 ships 3.19, which renders the same but for new functions. */
const BUNDLED = { entry: 'helm/helm', file: 'helm-4.2.3' } as const

/** Undefined where there is none: then charts are not examined. Order: $HELM, the bundled one (Linux x64), `helm` on PATH. */
export function findHelm(machine: Machine): Helm | undefined {
  const { environment } = machine
  if (environment.HELM) return { command: environment.HELM, source: '$HELM' }
  const bundled = machine.platform === 'linux-x64' ? unpackBundled(machine, BUNDLED) : undefined
  if (bundled) return { command: bundled, source: 'the pinned helm' }
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'helm')
    if (folder !== '' && existsSync(candidate)) return { command: candidate, source: 'helm on PATH' }
  }
  return undefined
}
