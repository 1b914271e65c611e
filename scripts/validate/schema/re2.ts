// Tests a text against an RE2 pattern in time proportional to both, whatever the pattern: a schema may come from
// anybody, and JavaScript's own engine can be made to run for years.

import { type CharacterTest, UnsupportedPattern } from './re2-classes.ts'
import { type Assertion, type PatternNode, parsePattern } from './re2-parse.ts'

export { PatternError, UnsupportedPattern } from './re2-classes.ts'

export interface Pattern {
  readonly source: string
  /** True also where the text is too long to be tested: the effort's `onTooLong` is called then. */
  test(text: string): boolean
}

type Instruction =
  | { readonly type: 'character'; readonly test: CharacterTest; readonly next: number }
  | { readonly type: 'assertion'; readonly at: Assertion; readonly next: number }
  | { readonly type: 'split'; readonly next: readonly number[] }
  | { readonly type: 'match' }

const maxInstructions = 10_000
/** Instructions tried on one text: a tenth of a second. */
const maxSteps = 5_000_000
/** And on all texts that share an effort: two seconds, for a tree that is made to be slow. */
const maxTotalSteps = 40_000_000

/** What patterns that are run together have left to spend. */
export interface Effort {
  steps: number
  readonly onTooLong: (source: string) => void
}

export function createEffort(onTooLong: (source: string) => void): Effort {
  return { steps: maxTotalSteps, onTooLong }
}

/** Throws PatternError for what RE2 would refuse, for a class unknown here and for a pattern too large to run. */
export function compilePattern(source: string, effort = createEffort(() => {})): Pattern {
  const program: Instruction[] = [{ type: 'match' }]
  const start = emit(parsePattern(source), 0, program)
  return {
    source,
    test: text => {
      const matches = run(program, start, text, effort)
      if (matches === undefined) effort.onTooLong(source)
      return matches ?? true
    },
  }
}

/** Appends the node's instructions, which go on at `next`, and answers where they begin. */
function emit(node: PatternNode, next: number, program: Instruction[]): number {
  if (program.length > maxInstructions) throw new UnsupportedPattern('too large')
  switch (node.type) {
    case 'character':
      return program.push({ type: 'character', test: node.test, next }) - 1
    case 'assertion':
      return program.push({ type: 'assertion', at: node.at, next }) - 1
    case 'sequence':
      return node.nodes.reduceRight((follower, part) => emit(part, follower, program), next)
    case 'choice':
      return program.push({ type: 'split', next: node.nodes.map(choice => emit(choice, next, program)) }) - 1
    case 'repeat':
      return emitRepeat(node.node, node.min, node.max, next, program)
  }
}

function emitRepeat(node: PatternNode, min: number, max: number, next: number, program: Instruction[]): number {
  let entry = next
  if (max === Number.POSITIVE_INFINITY) {
    const targets: number[] = [next]
    entry = program.push({ type: 'split', next: targets }) - 1
    targets.push(emit(node, entry, program))
  } else {
    for (let count = min; count < max; count++) {
      const body = emit(node, entry, program)
      entry = program.push({ type: 'split', next: [body, next] }) - 1
    }
  }
  for (let count = 0; count < min; count++) entry = emit(node, entry, program)
  return entry
}

/** Undefined: out of steps. */
function run(program: readonly Instruction[], start: number, text: string, effort: Effort): boolean | undefined {
  const allowed = Math.min(maxSteps, effort.steps)
  const { matches, steps } = simulate(program, start, text, allowed)
  effort.steps -= steps
  return matches
}

/** Follows all ways through the program at once, one character after the other. */
function simulate(
  program: readonly Instruction[],
  start: number,
  text: string,
  allowed: number,
): { readonly matches: boolean | undefined; readonly steps: number } {
  const seen = new Uint32Array(program.length)
  let waiting: number[] = []
  let steps = 0
  let previous = -1
  let position = 0
  for (let round = 1; ; round++) {
    const codePoint = position < text.length ? (text.codePointAt(position) as number) : -1
    const after: number[] = []
    // A match may begin anywhere, so the start joins at each character.
    const stack = [...waiting, start]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen[at] === round) continue
      seen[at] = round
      if (++steps > allowed) return { matches: undefined, steps }
      const instruction = program[at] as Instruction
      if (instruction.type === 'match') return { matches: true, steps }
      if (instruction.type === 'split') stack.push(...instruction.next)
      else if (instruction.type === 'assertion') {
        if (holds(instruction.at, previous, codePoint)) stack.push(instruction.next)
      } else if (codePoint >= 0 && instruction.test(codePoint)) after.push(instruction.next)
    }
    if (codePoint < 0) return { matches: false, steps }
    waiting = after
    previous = codePoint
    position += codePoint > 0xffff ? 2 : 1
  }
}

function holds(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case 'text-start':
      return before < 0
    case 'text-end':
      return after < 0
    case 'line-start':
      return before < 0 || before === 10
    case 'line-end':
      return after < 0 || after === 10
    case 'word-boundary':
      return isWord(before) !== isWord(after)
    case 'no-word-boundary':
      return isWord(before) === isWord(after)
  }
}

function isWord(codePoint: number): boolean {
  return (
    (codePoint >= 48 && codePoint <= 57) ||
    (codePoint >= 65 && codePoint <= 90) ||
    codePoint === 95 ||
    (codePoint >= 97 && codePoint <= 122)
  )
}
