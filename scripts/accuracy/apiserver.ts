// What a real API server said of many objects, and how far the validator agrees with it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import type { KubernetesObject } from '../tree/model/resource.ts'
import { judgeObject } from '../validate/schema/api/judge.ts'
import type { Schemas } from '../validate/schema/index.ts'

export interface Cause {
  readonly field: string
  readonly reason: string
  readonly message: string
}

/** A JSON Patch on a base, and the answer of the server. */
export interface Case {
  readonly id: string
  readonly base: string
  readonly patch: readonly PatchStep[]
  /** 201: taken; 400: it cannot be decoded; 422: it is not valid. */
  readonly code: number
  readonly causes?: readonly Cause[]
  readonly message?: string
  readonly warnings?: readonly string[]
}

interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

export interface Corpus {
  readonly bases: Readonly<Record<string, KubernetesObject>>
  readonly cases: readonly Case[]
  /** What the server knows and the object does not say, by the id of the case. */
  readonly exceptions: Readonly<Record<string, string>>
}

export const CORPUS_FOLDER = fileURLToPath(new URL('../../tests/corpus/apiserver/', import.meta.url))

/** Throws where the folder is not a corpus. */
export function readCorpus(folder = CORPUS_FOLDER): Corpus {
  const readJson = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const text = brotliDecompressSync(readFileSync(join(folder, 'cases.jsonl.br'))).toString('utf8')
  return {
    bases: readJson('bases.json') as Corpus['bases'],
    cases: text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Case),
    exceptions: readJson('exceptions.json') as Corpus['exceptions'],
  }
}

export const isRefusal = ({ code }: Pick<Case, 'code'>): boolean => code >= 300

/** The object of a case. Throws where the patch does not fit its base. */
export function objectOf({ bases }: Pick<Corpus, 'bases'>, { base, patch }: Case): KubernetesObject {
  const object: unknown = structuredClone(bases[base])
  for (const step of patch) applyStep(object, step)
  return object as KubernetesObject
}

function applyStep(object: unknown, { op, path, value }: PatchStep): void {
  const segments = path
    .split('/')
    .slice(1)
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = segments.pop() as string
  let holder = object as Record<string, unknown>
  for (const segment of segments) holder = holder[segment] as Record<string, unknown>
  const own = structuredClone(value)
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last)
    if (op === 'add') holder.splice(index, 0, own)
    else if (op === 'remove') holder.splice(index, 1)
    else holder[index] = own
  } else if (op === 'remove') delete holder[last]
  else holder[last] = own
}

export interface Agreement {
  /** apiVersion and kind. */
  readonly kind: string
  readonly cases: number
  readonly verdicts: number
  /** Refused here and taken by the server. */
  readonly alarms: number
  /** Refusals of both that come with causes, and those of them where both name a field. */
  readonly withCauses: number
  readonly fields: number
}

export interface Disagreement {
  readonly id: string
  readonly how: 'missed' | 'false alarm' | 'other field'
  /** What the server said, or what is said here. */
  readonly text: string
}

/** Judges each case and compares; cases that depend on more than the object are left out. */
export function compareWithServer(
  corpus: Corpus,
  schemas: Schemas,
): { rows: readonly Agreement[]; differences: readonly Disagreement[] } {
  const rows = new Map<string, { -readonly [Key in keyof Agreement]: Agreement[Key] }>()
  const differences: Disagreement[] = []
  for (const one of corpus.cases) {
    if (Object.hasOwn(corpus.exceptions, one.id)) continue
    const object = objectOf(corpus, one)
    const found = schemas.validate(object)
    const errors = judgeObject(object, found ?? []).filter(({ severity }) => severity === 'error')
    const base = corpus.bases[one.base] as KubernetesObject
    const kind = `${base.apiVersion} ${base.kind}`
    const row = rows.get(kind) ?? { kind, cases: 0, verdicts: 0, alarms: 0, withCauses: 0, fields: 0 }
    rows.set(kind, row)
    row.cases++
    if (errors.length > 0 !== isRefusal(one)) {
      if (errors[0]) row.alarms++
      differences.push({
        id: one.id,
        how: errors[0] ? 'false alarm' : 'missed',
        text:
          errors[0]?.message ??
          `${one.causes?.[0]?.field ?? ''} ${one.causes?.[0]?.message ?? one.message ?? ''}`.trim(),
      })
      continue
    }
    row.verdicts++
    if (!isRefusal(one) || !one.causes) continue
    row.withCauses++
    const wanted = new Set(one.causes.map(({ field }) => field.replaceAll('[', '.').replaceAll(']', '')))
    if (errors.some(({ fieldPath }) => wanted.has(fieldPath.join('.')))) row.fields++
    else
      differences.push({
        id: one.id,
        how: 'other field',
        text: `${[...wanted].join(', ')} is ${errors[0]?.fieldPath.join('.')} here`,
      })
  }
  return { rows: [...rows.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1)), differences }
}

export function sumOf(rows: readonly Agreement[]): Agreement {
  const sum = (field: Exclude<keyof Agreement, 'kind'>): number => rows.reduce((total, row) => total + row[field], 0)
  return {
    kind: 'all',
    cases: sum('cases'),
    verdicts: sum('verdicts'),
    alarms: sum('alarms'),
    withCauses: sum('withCauses'),
    fields: sum('fields'),
  }
}
