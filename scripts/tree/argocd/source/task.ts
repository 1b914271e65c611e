// What is rendered of one source of an Application, and what comes of it.
import type { Helm } from '../../helm/binary.ts'
import type { Kustomize } from '../../kustomize/build/binary.ts'
import type { FieldPath } from '../../model/place.ts'
import type { KubernetesObject } from '../../model/resource.ts'
import type { Tree } from '../../read-tree.ts'
import type { OwnRepository, RawSource } from '../applications.ts'
import { faultOfSource, type KnownObjects } from './directory.ts'
import type { describeEnvironment } from './environment.ts'
import type { RenderedSource, SourceFault } from './rendered.ts'

export interface SourceWorld {
  readonly tree: Tree
  /** All files of the tree. */
  readonly files: readonly string[]
  readonly own: OwnRepository
  readonly kustomize: () => Kustomize
  /** Undefined where there is none. */
  readonly helm: () => Helm | undefined
  readonly cacheFolder: string | undefined
  /** The loose manifests. */
  readonly known: KnownObjects
  looseIn(folder: string): readonly KubernetesObject[]
  /** What a kustomization renders as it is written; undefined where it does not. */
  plain(folder: string): Promise<readonly KubernetesObject[] | undefined>
  /** Folders that nobody wants to know of. */
  spares?(folder: string, source: RawSource): boolean
}

export interface Task {
  readonly application: KubernetesObject
  readonly name: string
  readonly fieldPath: FieldPath
  readonly folder: string
  /** The source with its overrides. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly environment: ReturnType<typeof describeEnvironment>
  readonly references: ReadonlyMap<string, boolean>
  readonly world: SourceWorld
}

export type Outcome = Pick<
  RenderedSource,
  'state' | 'faults' | 'isPartial' | 'lacks' | 'reads' | 'chart' | 'valueFiles'
>

export const failed = (...faults: readonly SourceFault[]): Outcome => ({ state: { kind: 'failed' }, faults })

export const rendersNothing = (fieldPath: FieldPath): SourceFault =>
  faultOfSource('application-without-manifests', 'warning', [...fieldPath, 'path'], 'nothing is rendered from here', [
    'renders-nothing',
  ])
