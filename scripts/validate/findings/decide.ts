// What people decided about findings: severities, and suppressions with their reasons. What a decision no longer meets is told.
import ignore from 'ignore'
import { type Fault, faultAt } from '../../tree/model/place.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { Config, SeverityRule, SuppressionRule } from '../config.ts'
import type { Finding, Suppression } from './finding.ts'

export interface Decided {
  readonly findings: readonly Finding[]
  /** Suppressions that suppress nothing, or no longer may. */
  readonly faults: readonly Fault[]
}

export interface Decisions {
  readonly config: Config
  /** Undefined where there is no validation.yaml. */
  readonly configFile: SourceFile | undefined
  readonly sources: Sources
  /** As `2026-11-26`. */
  readonly today: string
  /** Rules that were not asked, or not of all there is: nobody can say that a suppression of theirs suppresses nothing. */
  readonly silent?: ReadonlySet<string>
}

/** Applies severities, then suppressions of validation.yaml, then those of comments. */
export function decide(
  findings: readonly Finding[],
  { config, configFile, sources, today, silent }: Decisions,
): Decided {
  const comments = sources.readPaths.flatMap(path => listComments(sources.read(path)))
  const used = new Set<SuppressionRule | Comment>()
  const asksEnvironment = new Set(
    [...config.severity, ...config.suppressions].flatMap(one => (one.environment === undefined ? [] : [one.rule])),
  )
  const faults: Fault[] = []
  /** What holds for a finding where it shows in one build. */
  const judge = (finding: Finding): Finding => {
    const level = config.severity.findLast(rule => isMeant(rule, finding))
    const graded = level && level.severity !== 'off' ? { ...finding, severity: level.severity } : finding
    const meant = config.suppressions.filter(rule => isMeant(rule, finding))
    const listed = meant.find(rule => !isExpired(rule, today))
    const comment = comments.find(one => isAbove(one, finding))
    // What is turned off as well still says why, and holds again when the rule is back.
    if (graded.suppression || level?.severity === 'off') {
      for (const one of [...meant, comment]) if (one) used.add(one)
      return graded.suppression ? graded : { ...graded, suppression: { by: 'validation.yaml' } }
    }
    for (const one of listed ? [listed] : meant) used.add(one)
    if (listed) return suppress(graded, 'validation.yaml', listed.reason)
    if (comment) used.add(comment)
    return comment?.reason ? suppress(graded, 'comment', comment.reason) : graded
  }
  const decided = findings.map((finding): Finding => {
    if (finding.occurrences.length < 2 || !asksEnvironment.has(finding.ruleId)) return judge(finding)
    const parts = finding.occurrences.map(one => judge({ ...finding, occurrences: [one] }))
    const open = parts.filter(({ suppression }) => suppression === undefined)
    const [first] = open.filter(({ severity }) => severity === 'error').concat(open, parts)
    return first ? { ...first, occurrences: (open.length ? open : parts).flatMap(one => one.occurrences) } : finding
  })
  const isIdle = (one: SuppressionRule | Comment): boolean => !used.has(one) && !silent?.has(one.rule)
  for (const [index, rule] of config.suppressions.entries()) {
    const state = isIdle(rule) ? 'idle' : isExpired(rule, today) ? 'expired' : undefined
    if (state === undefined || !configFile) continue
    const says = state === 'idle' ? 'suppresses nothing any more' : `expired on ${rule.expires}`
    const message = `the suppression of ${rule.rule} ${says}${rule.owner ? `; its owner is ${rule.owner}` : ''}`
    const path = ['suppressions', index]
    faults.push(faultAt('unused-suppression', message, configFile.rangeOf(0, path), path, [rule.rule, state]))
  }
  for (const comment of comments) {
    const state = !comment.reason ? 'bare' : isIdle(comment) ? 'idle' : undefined
    if (state === undefined) continue
    const says = state === 'bare' ? 'gives no reason' : 'suppresses nothing'
    const message = `the comment that ignores ${comment.rule} ${says}`
    faults.push(faultAt('unused-suppression', message, comment.file.rangeAt(comment.offset), [], [comment.rule, state]))
  }
  return { findings: decided, faults }
}

const suppress = (finding: Finding, by: Suppression['by'], reason: string): Finding => ({
  ...finding,
  suppression: { by, reason },
})

const isExpired = ({ expires }: SuppressionRule, today: string): boolean => expires !== undefined && expires < today

/** Whether a finding is of the rule, at the path, about the object, and in the environment. */
function isMeant(decision: SeverityRule | SuppressionRule, finding: Finding): boolean {
  const { rule, path, environment } = decision
  const object = 'object' in decision ? decision.object : undefined
  if (rule !== finding.ruleId) return false
  if (path !== undefined && !ignore().add(path).ignores(finding.location.file)) return false
  const { resource, occurrences } = finding
  if (object !== undefined && object !== `${resource?.kind ?? ''}/${resource?.name ?? ''}`) return false
  if (environment === undefined) return true
  return occurrences.length > 0 && occurrences.every(({ build }) => build.split('/').includes(environment))
}

interface Comment {
  readonly file: SourceFile
  readonly offset: number
  readonly line: number
  /** Whether nothing else stands in its line: then it means the next one. */
  readonly isAlone: boolean
  readonly rule: string
  readonly reason: string
}

const COMMENT = /^([^\n#]*)#[ \t]*validate-ignore:[ \t]*([a-z][a-z-]*)[ \t]*([^\n]*)$/gm

function listComments(file: ReturnType<Sources['read']>): readonly Comment[] {
  if (!(file instanceof SourceFile) || !file.holds('validate-ignore:')) return []
  return [...file.text.matchAll(COMMENT)].map(match => {
    const [, before = '', rule = '', reason = ''] = match
    const offset = match.index + before.length
    const { line } = file.rangeAt(offset)
    return { file, offset, line, isAlone: before.trim() === '', rule, reason: reason.trim() }
  })
}

const isAbove = ({ file, line, isAlone, rule }: Comment, { ruleId, location }: Finding): boolean =>
  rule === ruleId && file.path === location.file && location.line === (isAlone ? line + 1 : line)
