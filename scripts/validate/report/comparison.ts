// What a report says of the commit that the tree was held against: sentences, which each format writes in its own way.
import type { Report } from '../findings/finding.ts'
import { plural } from './report.ts'

const MOST_FIXED = 10

/** One line each; what it quotes comes from the tree. */
export function describeComparison({ since, policy }: Report): readonly string[] {
  const sentences: string[] = []
  if (since) {
    const { commit, known, fixed } = since
    const old = known ? `${plural(known, 'finding')} that it has, too, not counted` : 'nothing known'
    sentences.push(`Held against ${short(commit)}: ${old}, ${fixed.length || 'nothing'} fixed.`)
    for (const { ruleId, file, line, message } of fixed.slice(0, MOST_FIXED)) {
      sentences.push(`Fixed: ${file}:${line} ${message} (${ruleId})`)
    }
    if (fixed.length > MOST_FIXED) sentences.push(`Fixed: ${fixed.length - MOST_FIXED} more.`)
  }
  if (policy?.changed.length) {
    const holds = policy.commit
      ? `what holds is the policy of ${short(policy.commit)}`
      : 'it is judged by its own, which --policy-from would not allow'
    sentences.push(`The change touches the policy (${policy.changed.join(', ')}): ${holds}.`)
  }
  if (policy?.refused && policy.commit) {
    const what = policy.refused === 1 ? 'a finding counts' : `${policy.refused} findings count`
    sentences.push(
      `The change excuses what ${short(policy.commit)} does not, by a comment or an annotation: ${what} nevertheless.`,
    )
  }
  return sentences
}

const short = (commit: string): string => commit.slice(0, 10)
