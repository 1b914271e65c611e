// npm takes options that stand before `--` for its own: the person typed them, and the command never saw them.
import { usageProblem } from '../command/problem.ts'

/** Options of npm itself: where one is set, .npmrc may have done it. */
const OWN_OF_NPM = ['force', 'message', 'yes', 'registry']

interface Swallowed {
  /** `--dry-run` harms nobody, and is honoured. */
  readonly dryRun: boolean
  /** What is said, and goes on. */
  readonly notes: readonly string[]
}

/** `given` are the options that did arrive. Throws a Problem for an option without which the command does something else. */
export function findSwallowed(
  command: string,
  options: readonly string[],
  given: (name: string) => boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Swallowed {
  if (environment.npm_lifecycle_event !== command) return { dryRun: false, notes: [] }
  const value = (name: string): string => environment[`npm_config_${name.replaceAll('-', '_')}`] ?? ''
  const taken = options.filter(name => !given(name) && !['', 'false'].includes(value(name)))
  const write = (name: string): string => (value(name) === 'true' ? `--${name}` : `--${name} ${value(name)}`)
  const advice = (names: readonly string[]): string => `npm run ${command} -- ... ${names.map(write).join(' ')}`
  const lost = taken.filter(name => name !== 'dry-run' && !OWN_OF_NPM.includes(name))
  if (lost.length) {
    const names = lost.map(name => `--${name}`).join(', ')
    throw usageProblem(`npm took ${names} for an option of its own`, `write options behind --: ${advice(lost)}`)
  }
  const unsure = taken.filter(name => name !== 'dry-run' && name !== 'registry')
  const notes = unsure.map(name => `npm has --${name} set, which this command does not see: ${advice([name])} gives it`)
  const dryRun = taken.includes('dry-run')
  return { dryRun, notes: dryRun ? ['npm took --dry-run for an option of its own; it is honoured', ...notes] : notes }
}
