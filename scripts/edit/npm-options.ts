// npm takes options that stand before `--` for its own: the person typed them, and the command never saw them.
import type { Command } from '../command/frame.ts'
import { usageProblem } from '../command/problem.ts'
import { isSlipOf } from '../tree/model/closest.ts'

/** Options of npm itself: where one is set, .npmrc may have done it. */
const OWN_OF_NPM = ['force', 'message', 'yes', 'registry']

/** What npm makes of an option that begins as one of its own does. .npmrc turns commit-hooks off, so that it is seen. */
const TAKEN_AS: Readonly<Record<string, string>> = { to: 'token-description', commit: 'commit-hooks' }

const PREFIX = 'npm_config_'

interface Swallowed {
  /** `--dry-run` harms nobody, and is honoured. */
  readonly dryRun: boolean
  /** What is said, and goes on. */
  readonly notes: readonly string[]
}

/** `given` are the options that did arrive. Throws a Problem for an option without which the command does something else. */
export function findSwallowed(
  command: string,
  options: Command['options'],
  given: (name: string) => boolean,
  environment: Readonly<Record<string, string | undefined>>,
  words: readonly string[] = [],
): Swallowed {
  if (environment.npm_lifecycle_event !== command) return { dryRun: false, notes: [] }
  const value = (name: string): string => environment[`${PREFIX}${(TAKEN_AS[name] ?? name).replaceAll('-', '_')}`] ?? ''
  const taken = Object.keys(options).filter(name => !given(name) && !['', 'false'].includes(value(name)))
  const write = (name: string): string => (value(name) === 'true' ? `--${name}` : `--${name} ${quote(value(name))}`)
  // It leaves no trace but its value: npm takes it for one of its own options that is on anyhow.
  const isFormat = !given('format') && 'format' in options && words.some(word => word === 'json')
  // The value of an option that npm does not know stays behind among the words.
  const isMixed = taken.some(name => value(name) === 'true' && options[name]?.type === 'string')
  const said = isMixed || isFormat || words.length === 0 ? '...' : words.map(quote).join(' ')
  const advice = (names: readonly string[]): string => `npm run ${command} -- ${said} ${names.map(write).join(' ')}`
  // A message for `npm version` speaks of the version; any other one was typed here.
  const isOwn = (name: string): boolean =>
    OWN_OF_NPM.includes(name) && (name !== 'message' || value(name).includes('%s'))
  const lost = taken.filter(name => name !== 'dry-run' && !isOwn(name))
  if (lost.length || isFormat) {
    const names = [...lost, ...(isFormat ? ['format'] : [])].map(name => `--${name}`).join(', ')
    const how = `${advice(taken.filter(name => name !== 'registry'))}${isFormat ? ' --format json' : ''}`
    throw usageProblem(`npm took ${names} for an option of its own`, `write options behind --: ${how}`)
  }
  refuseMistyped(command, Object.keys(options), environment)
  const unsure = taken.filter(name => name !== 'dry-run' && name !== 'registry')
  const notes = unsure.map(name => `npm has --${name} set, which this command does not see: ${advice([name])} gives it`)
  const dryRun = taken.includes('dry-run')
  return { dryRun, notes: dryRun ? ['npm took --dry-run for an option of its own; it is honoured', ...notes] : notes }
}

const quote = (value: string): string => (/^[\w./:@=-]+$/.test(value) ? value : JSON.stringify(value))

/** npm takes an unknown option, too, and a negative number: what is nearly one of ours was meant to be it. */
function refuseMistyped(
  command: string,
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): void {
  for (const key of Object.keys(environment)) {
    const typed = key.startsWith(PREFIX) ? key.slice(PREFIX.length).replaceAll('_', '-') : ''
    if (/^\d+$/.test(typed)) throw usageProblem('no number is negative here: replicas are a whole number from 0')
    if (typed.length < 4 || !environment[key] || options.includes(typed)) continue
    const meant = options.find(name => isSlipOf(typed, name) || (name.startsWith(typed) && typed !== name))
    if (meant === undefined) continue
    throw usageProblem(
      `npm took --${typed} for an option of its own; did you mean --${meant}?`,
      `write options behind --: npm run ${command} -- ... --${meant}`,
    )
  }
}
