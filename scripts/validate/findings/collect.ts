// Gathers what stages and rules found into findings: located, one for each fault, in a stable order.
import type { Config } from '../config.ts'
import type { StageFault } from '../../tree/kustomize/graph/kustomization.ts'
import type { Located } from '../../tree/kustomize/trace/locate.ts'
import type { Resource } from '../../tree/model/build.ts'
import type { FieldPath, Finding, Occurrence, ResourceRef, Severity } from './finding.ts'
import { printable } from '../report/report.ts'
import { describeRule } from '../rules/index.ts'
import type { RuleFinding } from '../rules/rule.ts'

type Locate = (resource: Resource, path: FieldPath) => Located

export class Collector {
  readonly #findings = new Map<string, Finding & { occurrences: Occurrence[] }>()
  readonly #pending: { readonly ruleId: string; readonly finding: RuleFinding }[] = []
  readonly #rules: Config['rules']
  #suppressed = 0

  constructor(rules: Config['rules']) {
    this.#rules = rules
  }

  get suppressed(): number {
    return this.#suppressed
  }

  /** A fault of a stage, with the builds it keeps from being made. */
  addStage(
    fault: StageFault | (Omit<StageFault, 'ruleId'> & { ruleId: string }),
    builds: readonly string[],
    resource?: ResourceRef,
  ): void {
    this.#add({
      ruleId: fault.ruleId,
      message: printable(fault.message),
      remediation: describeRule(fault.ruleId).remediation,
      location: fault.location,
      chain: [],
      fieldPath: fault.fieldPath,
      ...(resource ? { resource } : {}),
      occurrences: builds.map(build => ({ build })),
    })
  }

  /** A finding of a rule; it is located when all are known. */
  addRule(ruleId: string, finding: RuleFinding): void {
    this.#pending.push({ ruleId, finding })
  }

  /** Builds whose resources have findings. */
  get pendingBuilds(): ReadonlySet<string> {
    const places = this.#pending.flatMap(({ finding }) => finding.places)
    return new Set(
      places.filter(({ resource }) => resource.origin.kind === 'rendered').map(({ resource }) => resource.build),
    )
  }

  /** Shows each finding of a rule at the place that was written last. */
  locateAll(locate: Locate): void {
    for (const { ruleId, finding } of this.#pending.splice(0)) this.#addLocated(ruleId, finding, locate)
  }

  #addLocated(ruleId: string, finding: RuleFinding, locate: Locate): void {
    const [primary] = finding.places
    let best: Located | undefined
    for (const { resource, fieldPath } of finding.places) {
      const located = locate(resource, fieldPath)
      if (!best || located.rank > best.rank) best = located
    }
    if (!best) throw new Error(`${ruleId} gave a finding without a place`)
    const { resource } = primary
    this.#add({
      ruleId,
      message: printable(finding.message),
      remediation: finding.remediation ?? describeRule(ruleId).remediation,
      location: best.range,
      chain: best.chain,
      fieldPath: primary.fieldPath,
      resource: { apiVersion: resource.object.apiVersion, kind: resource.kind, name: resource.name },
      occurrences: [
        { build: resource.build, ...(resource.namespace === undefined ? {} : { namespace: resource.namespace }) },
      ],
    })
  }

  #add(found: Omit<Finding, 'severity'>): void {
    const severity: Severity | 'off' = this.#rules[found.ruleId] ?? describeRule(found.ruleId).severity
    const { file, line, column } = found.location
    const key = JSON.stringify([found.ruleId, file, line, column, found.fieldPath])
    const known = this.#findings.get(key)
    if (known) {
      for (const occurrence of found.occurrences) {
        const isKnown = known.occurrences.some(
          one => one.build === occurrence.build && one.namespace === occurrence.namespace,
        )
        if (!isKnown) known.occurrences.push(occurrence)
      }
    } else if (severity === 'off') this.#suppressed++
    else this.#findings.set(key, { ...found, severity, occurrences: [...found.occurrences] })
  }

  /** Sorted by file, line, column and rule. */
  list(): readonly Finding[] {
    return [...this.#findings.values()]
      .map(finding => ({ ...finding, occurrences: finding.occurrences.sort(byBuild) }))
      .sort(
        (a, b) =>
          compare(a.location.file, b.location.file) ||
          a.location.line - b.location.line ||
          a.location.column - b.location.column ||
          compare(a.ruleId, b.ruleId) ||
          compare(a.message, b.message),
      )
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byBuild = (a: Occurrence, b: Occurrence): number =>
  compare(a.build, b.build) || compare(a.namespace ?? '', b.namespace ?? '')
