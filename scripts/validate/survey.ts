// What a run of validate finds out about a tree that a first configuration should say.
import { availableParallelism } from 'node:os'
import { describeMachine } from '../tree/machine.ts'
import { validate } from './run.ts'

export interface UnknownKind {
  readonly apiVersion: string
  readonly kind: string
  /** As `3 objects`. */
  readonly objects: string
}

/** Kinds in use of which no definition is known. Throws a Problem as validate does. */
export async function surveyKinds(root: string): Promise<readonly UnknownKind[]> {
  const { report } = await validate({
    root,
    paths: [],
    machine: describeMachine(),
    parallelism: availableParallelism(),
    tool: { name: 'gitops-validate', version: '' },
  })
  return report.notExamined.flatMap(({ reason, detail = '' }) => {
    const [, objects, apiVersion, kind] = /^(\d+ objects?) of (\S+) (\S+)$/.exec(detail) ?? []
    if (!reason.startsWith('a kind without a schema') || !objects || !apiVersion || !kind) return []
    return [{ apiVersion, kind, objects }]
  })
}
