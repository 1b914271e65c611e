// Puts together what says the same: a report of 300 findings has seldom more than twenty things to say.
import type { Finding, UnexaminedFile } from '../findings/finding.ts'

export interface FindingGroup {
  readonly findings: readonly [Finding, ...Finding[]]
}

/** Findings that say the same of other objects, errors first, then as they stand in the files. */
export function groupFindings(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.ruleId} ${withoutNames(finding)}`
    const known = groups.get(key)
    if (known) known.push(finding)
    else groups.set(key, [finding])
  }
  return [...groups.values()]
    .map(members => ({ findings: members }))
    .sort((a, b) => rank(a.findings[0]) - rank(b.findings[0]))
}

/** Where not all is shown each rule has its turn, errors first: of every kind of mistake one is seen. */
export function takeTurns(groups: readonly FindingGroup[]): readonly FindingGroup[] {
  const counts = new Map<string, number>()
  return groups
    .map(group => {
      const [first] = group.findings
      const key = `${first.severity} ${first.ruleId}`
      const turn = counts.get(key) ?? 0
      counts.set(key, turn + 1)
      return { group, severity: rank(first), turn }
    })
    .sort((a, b) => a.severity - b.severity || a.turn - b.turn)
    .map(({ group }) => group)
}

const rank = ({ severity }: Finding): number => (severity === 'error' ? 0 : 1)

/** The message without the names of the object, without paths and without places in lists. */
function withoutNames({ message, resource }: Finding): string {
  const plain = message
    .replace(/\[\d+\]/g, '[]')
    .replace(PATH, '…')
    .replace(/\b([A-Z]\w+|namespace|project) [\w./-]+/g, '$1 …')
  const name = resource?.name
  return name ? plain.replace(/[\w.-]+/g, word => (word === name ? '…' : word)) : plain
}

/** A path or address, but no version of an API: it is what an error of this kind is about. */
const PATH = /(?<![\w./-])(?!(?:[\w.-]+\/)?v\d+(?:(?:alpha|beta)\d+)?(?![\w./-]))[\w.@:-]*\/[\w./@:-]*/g

/** The paths that one of two findings of a group names and the other does not. */
export function pathsBeside({ message }: Finding, { message: first }: Finding): readonly string[] {
  const told = new Set(first.match(PATH))
  return (message.match(PATH) ?? []).filter(path => !told.has(path))
}

export interface UnexaminedGroup {
  readonly reason: string
  readonly entries: readonly [UnexaminedFile, ...UnexaminedFile[]]
}

/** What was not examined, by its reason, the most frequent first. */
export function groupUnexamined(entries: readonly UnexaminedFile[]): readonly UnexaminedGroup[] {
  const groups = new Map<string, [UnexaminedFile, ...UnexaminedFile[]]>()
  for (const entry of entries) {
    const known = groups.get(entry.reason)
    if (known) known.push(entry)
    else groups.set(entry.reason, [entry])
  }
  return [...groups]
    .map(([reason, members]) => ({ reason, entries: members }))
    .sort((a, b) => b.entries.length - a.entries.length)
}

/** Findings by rule and severity, errors first, the most frequent first. */
export function countByRule(
  findings: readonly Finding[],
): readonly { readonly ruleId: string; readonly severity: Finding['severity']; readonly count: number }[] {
  const counts = new Map<string, { ruleId: string; severity: Finding['severity']; count: number }>()
  for (const { ruleId, severity } of findings) {
    const entry = counts.get(`${severity} ${ruleId}`) ?? { ruleId, severity, count: 0 }
    entry.count++
    counts.set(`${severity} ${ruleId}`, entry)
  }
  return [...counts.values()].sort(
    (a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning') || b.count - a.count,
  )
}
