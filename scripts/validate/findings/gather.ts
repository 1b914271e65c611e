// The one door to the report: faults become findings, located, one for each mistake, in a stable order.

import { printable } from '../../command/text.ts'
import type { Located } from '../../tree/kustomize/trace/locate.ts'
import { readNumber } from '../../tree/kustomize/trace/value.ts'
import type { Resource } from '../../tree/model/build.ts'
import { type Fault, type FieldPath, isResourcePlace, type NotExamined, type Place } from '../../tree/model/place.ts'
import type { Config } from '../config.ts'
import { describeRule, isAsked } from '../rules/index.ts'
import { readAnnotation } from './annotations.ts'
import type { Finding, Occurrence, Suppression, UnexaminedFile } from './finding.ts'
import { markFinding, numberTwins } from './fingerprint.ts'

/** Finds the line that wrote a field of a resource. */
export type Locate = (resource: Resource, path: FieldPath) => Located

/**
 * Locates each fault at the place that was written last. The same rule at the same place about the same values is one
 * finding with several occurrences. What the configuration turns off is kept, and marked.
 */
export function gatherFindings(
  all: readonly Fault[],
  { locate, rules, preset = 'recommended' }: { locate: Locate; rules: Config['rules']; preset?: Config['preset'] },
): readonly Finding[] {
  const found = new Map<string, Finding & { occurrences: Occurrence[] }>()
  for (const fault of all) {
    if (!isAsked(describeRule(fault.ruleId), { preset, rules })) continue
    const best = fault.places
      .map(place => locatePlace(place, locate))
      .reduce((last, one) => (one.rank > last.rank && !isGeneratedBelow(one, last, fault) ? one : last))
    const { file, line, column } = best.range
    // By its own name only: one entry of `images` writes the field of every workload that runs it.
    const field = fault.places[0].fieldPath?.at(-1)
    const key = JSON.stringify([fault.ruleId, file, line, column, field, fault.values])
    const occurrences = occurrencesOf(fault)
    const known = found.get(key)
    const finding = (): Finding => describeFault(fault, best, rules)
    if (!known) found.set(key, { ...finding(), occurrences: [...occurrences] })
    else {
      known.occurrences.push(...occurrences)
      // What is certain in one build is not doubtful because it is in another, nor excused because the object there is.
      const isExcused = suppressionOf(fault, rules) !== undefined
      const isWorse = known.severity === 'warning' && severityOf(fault, rules) === 'error'
      if (isExcused === (known.suppression !== undefined) ? isWorse : !isExcused) {
        found.set(key, { ...finding(), occurrences: known.occurrences })
      }
    }
  }
  const sorted = [...found.values()]
    .map(finding => ({ ...finding, occurrences: sortOccurrences(finding.occurrences) }))
    .sort(byPlace)
  return numberTwins(withoutEchoes(sorted))
}

/**
 * What a generator makes is written after the manifests that it knows nothing of. Only that of the build itself, over
 * manifests of a base, is the later word; else who names the field may be as wrong.
 */
function isGeneratedBelow({ chain: [first] }: Located, { range }: Located, { places: [place] }: Fault): boolean {
  if (first?.role !== 'generator' || !isResourcePlace(place)) return false
  const folder = folderOf(first.file)
  return folder === folderOf(range.file) || folder !== place.resource.build
}

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.')

/** That a value is read as another type is said once, by who misses the right one. */
function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const lineOf = ({ location: { file, line } }: Finding): string => `${file}:${line}`
  const told = new Set(findings.filter(({ ruleId }) => TYPED.has(ruleId)).map(lineOf))
  return findings.filter(finding => finding.ruleId !== 'ambiguous-scalar' || !told.has(lineOf(finding)))
}

const TYPED = new Set(['schema-validation', 'kustomize-build'])

/** Two lists of findings as one, in the order of the report. */
export const mergeFindings = (one: readonly Finding[], other: readonly Finding[]): readonly Finding[] =>
  [...one, ...other].sort(byPlace)

/** Where the things stand that could not be judged, sorted, each once. */
export function gatherNotExamined(entries: readonly NotExamined[], locate: Locate): readonly UnexaminedFile[] {
  const files = new Map<string, UnexaminedFile>()
  for (const { place, reason, detail } of entries) {
    const { file, line } = locatePlace(place, locate).range
    const more = detail === undefined ? {} : { detail: printable(detail) }
    files.set(JSON.stringify([file, line, reason, detail]), { file, line, reason, ...more })
  }
  return [...files.values()].sort((a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.reason, b.reason))
}

/** Where a place stands in the files. */
export const locatePlace = (place: Place, locate: Locate): Located =>
  isResourcePlace(place)
    ? locate(place.resource, place.fieldPath)
    : { range: place.range, chain: [], rank: 0, proved: true }

function severityOf({ ruleId, severity }: Fault, rules: Config['rules']): Finding['severity'] {
  const set = rules[ruleId]
  return set === undefined || set === 'off' ? (severity ?? describeRule(ruleId).severity) : set
}

function describeFault(fault: Fault, located: Located, rules: Config['rules']): Finding {
  const { range, chain, proved } = located
  const { ruleId, places } = fault
  const rule = describeRule(ruleId)
  const suppression = suppressionOf(fault, rules)
  const [primary] = places
  const resource = isResourcePlace(primary) ? refOf(primary.resource) : fault.resource
  const finding = {
    ruleId,
    severity: severityOf(fault, rules),
    message: printable(inOwnWords(fault.message, located)),
    remediation: fault.remediation ?? rule.remediation,
    location: range,
    chain,
    ...(proved ? {} : { proved: false as const }),
    fieldPath: fault.fieldPath ?? primary.fieldPath,
    ...(resource ? { resource } : {}),
    occurrences: [],
    ...(suppression ? { suppression } : {}),
  }
  return { ...finding, ...markFinding(finding, fault.values) }
}

/** Numbers are shown as they are written; and where a var or replacement brought one, quotes at this place do not help. */
function inOwnWords(message: string, { via, written }: Located): string {
  const [, before = '', number, rest = ''] = /^(.*\bnot the number )(\S+?)(: quote it|)$/.exec(message) ?? []
  if (number === undefined) return message
  const shown = written !== undefined && readNumber(written) === Number(number) ? written : number
  return `${before}${shown}${via && rest ? `, which a ${via} copies here` : rest}`
}

function suppressionOf({ ruleId, places: [primary] }: Fault, rules: Config['rules']): Suppression | undefined {
  if (rules[ruleId] === 'off') return { by: 'validation.yaml' }
  return isResourcePlace(primary) ? readAnnotation(primary.resource, ruleId) : undefined
}

const refOf = ({ object, kind, name }: Resource) => ({ apiVersion: object.apiVersion, kind, name })

function occurrencesOf({ places: [primary], builds }: Fault): readonly Occurrence[] {
  if (!isResourcePlace(primary)) return (builds ?? []).map(build => ({ build }))
  const { build, namespace } = primary.resource
  return [{ build, ...(namespace === undefined ? {} : { namespace }) }]
}

function sortOccurrences(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const distinct = new Map(occurrences.map(one => [JSON.stringify([one.build, one.namespace]), one]))
  return [...distinct.values()].sort(
    (a, b) => compare(a.build, b.build) || compare(a.namespace ?? '', b.namespace ?? ''),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byPlace = (a: Finding, b: Finding): number =>
  compare(a.location.file, b.location.file) ||
  a.location.line - b.location.line ||
  a.location.column - b.location.column ||
  compare(a.ruleId, b.ruleId) ||
  compare(a.message, b.message)
