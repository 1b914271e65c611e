// Reads what is wanted of which environment: `prod 5 qa 2`, `prod 3..10 api`.
import { usageProblem } from '../../command/problem.ts'

/** Past this a number is a slip of the finger. */
const MOST_REPLICAS = 1000

/** `5`, or `3..10` for the bounds of an autoscaler. */
export type Count = number | { readonly minimum: number; readonly maximum: number }

export interface Wish {
  readonly environment: string
  readonly count: Count
  readonly workload: string | undefined
}

/** `ENVIRONMENT COUNT [WORKLOAD]`, as often as wanted. */
export function readWishes(words: readonly string[]): readonly Wish[] {
  const wishes: Wish[] = []
  for (let at = 0; at < words.length; ) {
    const [environment = '', count, third] = words.slice(at)
    const fourth = words[at + 3]
    const isNext = fourth !== undefined && isCount(fourth)
    const workload = third !== undefined && !isNext ? third : undefined
    if (count === undefined) {
      const [, name, number] = /^([A-Za-z].*?)[=:]?(\d+)$/.exec(environment) ?? []
      const meant = name ? `: did you mean ${name} ${number}?` : ''
      throw usageProblem(`say how many replicas in ${environment}${meant}`)
    }
    if (isCount(environment) && !isCount(count)) throw usageProblem('the environment comes before the number')
    wishes.push({ environment, count: parseCount(count), workload })
    at += workload === undefined ? 2 : 3
  }
  return wishes
}

const isCount = (text: string): boolean => /^-?[\d.]+$/.test(text)

/** What the words of the command line are. */
export const WORDS = 'write npm run scale -- ENVIRONMENT COUNT [WORKLOAD], as in npm run scale -- prod 5'

export function parseCount(text: string): Count {
  const [, first = '', second] = /^(\d{1,4})(?:\.\.(\d{1,4}))?$/.exec(text) ?? []
  const [minimum, maximum] = [Number(first), Number(second ?? first)]
  if (first === '' || Math.max(minimum, maximum) > MOST_REPLICAS) {
    const what = `a whole number from 0 to ${MOST_REPLICAS}, or 3..10 for the bounds of an autoscaler`
    throw usageProblem(`replicas are ${what}, not ${JSON.stringify(text)}`)
  }
  if (second === undefined) return minimum
  if (minimum > maximum || maximum === 0) throw usageProblem(`${text}: the first number is the smaller one`)
  return { minimum, maximum }
}
