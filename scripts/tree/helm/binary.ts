// Finds the helm to render charts with: the one beside the pinned kubectl, or what the machine has.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hasBundled, type Machine, unpackBundled } from '../bundled.ts'

export interface Helm {
  readonly command: string
  readonly source: string
  /** The one that the lock file brings, the same on every machine. */
  readonly isPinned?: boolean
}

/** helm of the package that brings kubectl: 4.2.3. Argo CD 3.6.1 ships 3.19, which renders the same but for new functions. */
const BUNDLED = { entry: 'helm/helm', file: 'helm-4.2.3' } as const

/** Undefined where there is none: then charts are not examined. Order: $HELM, the bundled one (Linux x64), `helm` on PATH. */
export function findHelm(machine: Machine): Helm | undefined {
  const { environment } = machine
  if (environment.HELM) return { command: environment.HELM, source: '$HELM' }
  if (hasBundled(machine, BUNDLED)) {
    return {
      get command() {
        return unpackBundled(machine, BUNDLED)
      },
      source: 'the pinned helm',
      isPinned: true,
    }
  }
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'helm')
    if (folder !== '' && existsSync(candidate)) return { command: candidate, source: 'helm on PATH' }
  }
  return undefined
}
