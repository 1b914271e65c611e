// The shape of a row of the tables: what kustomize says, where that is written, and how it is told.
import type { Fault, FieldPath, SourceRange } from '../../model/place.ts'
import { faultAt } from '../../model/place.ts'
import type { Sources } from '../../source/sources.ts'
import type { Kustomization } from '../graph/kustomization.ts'

/** A build that failed: what it reads, itself first. */
export interface Failure {
  readonly root: string
  readonly reach: readonly Kustomization[]
  readonly sources: Sources
}

export interface Spot {
  readonly range: SourceRange
  readonly fieldPath: FieldPath
  /** What is known there, for the message. */
  readonly note?: string
}

export interface Explanation {
  /** What kustomize says; its groups are handed on. */
  readonly pattern: RegExp
  /** The rule that tells it; `kustomize-build` where none is named. */
  readonly rule?: string
  readonly lacks?: Fault['lacks']
  /** Where it is written; undefined: not here, and the next row is asked. */
  find(match: readonly string[], failure: Failure): Spot | undefined
  say(match: readonly string[], spot: Spot, failure: Failure): string
}

/** The first row that knows what is meant and where. */
export function explainBy(table: readonly Explanation[], text: string, failure: Failure): Fault | undefined {
  for (const { pattern, rule = 'kustomize-build', lacks, find, say } of table) {
    const match = pattern.exec(text)
    const spot = match && find(match, failure)
    if (!spot) continue
    const fault = faultAt(rule, say(match, spot, failure), spot.range, spot.fieldPath)
    return lacks === undefined ? fault : { ...fault, lacks }
  }
  return undefined
}

/** A field of a kustomization. */
export const spotIn = ({ file }: Kustomization, fieldPath: FieldPath, note?: string): Spot => ({
  range: file.rangeOf(0, fieldPath),
  fieldPath,
  ...(note === undefined ? {} : { note }),
})

/** `Deployment.v1.apps/web.ns` as people say it. */
export function readId(id: string): string {
  const [, kind, name] = /^([^.]+)\.[^/]*\/(.+?)(?:\.\[?[\w-]*\]?)?$/.exec(id) ?? []
  return kind && name ? `${kind} ${name}` : id
}
