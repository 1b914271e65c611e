// npm test, npm run test:app and npm run test:cluster: the suites, with their true totals at the end.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
const RESULTS = join(HOME, 'node_modules', '.cache', 'test-results')
const APP = join(HOME, 'app')

interface Totals {
  readonly passed: number
  readonly failed: number
}

/** Runs a command with its output shown; returns whether it ended with 0. */
function run(command: string, args: readonly string[], folder: string): boolean {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (error) process.stderr.write(`${command}: ${error.message}\n`)
  return status === 0
}

function runVitest(project: string, args: readonly string[]): Totals {
  const file = join(RESULTS, `${project}.json`)
  rmSync(file, { force: true })
  const vitest = join(HOME, 'node_modules', 'vitest', 'vitest.mjs')
  // A line a test where one takes minutes, a line a file else.
  const shown = project === 'cluster' ? 'verbose' : 'default'
  const reporters = [`--reporter=${shown}`, '--reporter=json', `--outputFile.json=${file}`]
  const ended = run(process.execPath, [vitest, 'run', '--project', project, ...reporters, ...args], HOME)
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const result = JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number }
  // A file that cannot be loaded fails the run without a failed test in it.
  const failed = result.numFailedTests || (ended ? 0 : 1)
  return { passed: result.numPassedTests, failed }
}

/** A virtual environment from the hash-locked file, made once for each state of that file. */
function preparePython(): string | undefined {
  const folder = join(APP, '.venv')
  const python = join(folder, 'bin', 'python')
  const lock = join(APP, 'requirements-dev.txt')
  const stamp = join(folder, 'installed-requirements.txt')
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(lock, 'utf8')
  if (isCurrent && existsSync(python)) return python
  rmSync(folder, { recursive: true, force: true })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock]
  const made = run('python3', ['-m', 'venv', folder], APP) && run(python, pip, APP)
  if (!made) return undefined
  copyFileSync(lock, stamp)
  return python
}

function runPytest(): Totals {
  const python = preparePython()
  if (!python) return { passed: 0, failed: 1 }
  const file = join(RESULTS, 'pytest.xml')
  rmSync(file, { force: true })
  const ended = run(python, ['-m', 'pytest', '-q', `--junitxml=${file}`], APP)
  if (!existsSync(file) || statSync(file).size === 0) return { passed: 0, failed: 1 }
  const suite = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? ''
  const read = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = read('failures') + read('errors')
  return { passed: read('tests') - failed - read('skipped'), failed: failed || (ended ? 0 : 1) }
}

const USAGE = `Usage: npm test [-- FILE...]

The suites, one after the other, with their true totals at the end: the toolchain's (vitest) and the API's (pytest).
FILE narrows the run to tests of the toolchain; what vitest takes may stand there too.

  --app       the API's alone (npm run test:app)
  --cluster   what needs docker and kind (npm run test:cluster)
`

function runSuites(args: readonly string[]): readonly Totals[] {
  const rest = args.filter(argument => argument !== '--app' && argument !== '--cluster')
  if (args.includes('--app')) return [runPytest()]
  if (args.includes('--cluster')) return [runVitest('cluster', rest)]
  return rest.length > 0 ? [runVitest('unit', rest)] : [runVitest('unit', []), runPytest()]
}

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(USAGE)
} else {
  mkdirSync(RESULTS, { recursive: true })
  const suites = runSuites(args)
  const passed = suites.reduce((sum, suite) => sum + suite.passed, 0)
  const failed = suites.reduce((sum, suite) => sum + suite.failed, 0)
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed || passed === 0 ? 1 : 0
}
