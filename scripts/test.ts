// npm test, npm run test:app, npm run test:cluster and npm run test:live: the suites, with their true totals at the end.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
const RESULTS = join(HOME, 'node_modules', '.cache', 'test-results')
const APP = join(HOME, 'app')

interface Totals {
  readonly passed: number
  readonly failed: number
}

/** Runs a command; resolves to whether it ended with 0. Its output is shown at once, unless `kept` takes it. */
function run(
  command: string,
  args: readonly string[],
  folder: string,
  kept?: (output: Buffer) => void,
): Promise<boolean> {
  const child = spawn(command, args, { cwd: folder, stdio: kept ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (output: Buffer) => kept?.(output))
  return new Promise(resolve => {
    child.on('error', error => {
      if (!kept) process.stderr.write(`${command}: ${error.message}\n`)
      resolve(false)
    })
    child.on('close', code => resolve(code === 0))
  })
}

async function runVitest(
  projects: readonly string[],
  args: readonly string[] = [],
  kept?: (output: Buffer) => void,
): Promise<Totals> {
  const file = join(RESULTS, `${projects.join('-')}.json`)
  rmSync(file, { force: true })
  const vitest = join(HOME, 'node_modules', 'vitest', 'vitest.mjs')
  // A line a test where one takes minutes, a line a file else.
  const shown = projects.includes('unit') ? 'default' : 'verbose'
  const chosen = projects.map(project => `--project=${project}`)
  const reporters = [`--reporter=${shown}`, '--reporter=json', `--outputFile.json=${file}`]
  const ended = await run(process.execPath, [vitest, 'run', ...chosen, ...reporters, ...args], HOME, kept)
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const result = JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number }
  // A file that cannot be loaded fails the run without a failed test in it.
  const failed = result.numFailedTests || (ended ? 0 : 1)
  return { passed: result.numPassedTests, failed }
}

/** What a command prints, or nothing where it fails or is not there. */
async function readOutput(command: string, args: readonly string[]): Promise<string> {
  const output: Buffer[] = []
  const ended = await run(command, args, HOME, chunk => output.push(chunk)).catch(() => false)
  return ended ? Buffer.concat(output).toString('utf8').trim() : ''
}

const PRINT_VERSION = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']

/** The command of the Python that the image has: on the PATH, of pyenv, of uv; else the machine's own, and a word of it. */
async function findPython(): Promise<{ readonly command: string; readonly version: string }> {
  const wanted = /^ARG PYTHON_IMAGE=python:(\d+\.\d+)/m.exec(readFileSync(join(APP, 'Dockerfile'), 'utf8'))?.[1] ?? ''
  const finders: readonly (() => Promise<string>)[] = [
    async () => `python${wanted}`,
    async () => join(await readOutput('pyenv', ['prefix', wanted]), 'bin', 'python'),
    async () => readOutput('uv', ['python', 'find', wanted]),
    async () => 'python3',
  ]
  for (const find of finders) {
    const command = await find()
    const version = command === '' ? '' : await readOutput(command, PRINT_VERSION)
    if (version === wanted || (command === 'python3' && version !== '')) {
      if (version !== wanted) process.stderr.write(`The API is tested on Python ${version}; its image has ${wanted}.\n`)
      return { command, version }
    }
  }
  return { command: 'python3', version: '' }
}

/** A virtual environment from the hash-locked file, made once for each state of that file and version of Python. */
async function preparePython(): Promise<string | undefined> {
  const folder = join(APP, '.venv')
  const python = join(folder, 'bin', 'python')
  const lock = join(APP, 'requirements-dev.txt')
  const stamp = join(folder, 'installed-requirements.txt')
  const { command, version } = await findPython()
  const state = `# ${version}\n${readFileSync(lock, 'utf8')}`
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === state
  if (isCurrent && existsSync(python)) return python
  rmSync(folder, { recursive: true, force: true })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lock]
  const made = (await run(command, ['-m', 'venv', folder], APP)) && (await run(python, pip, APP))
  if (!made) return undefined
  writeFileSync(stamp, state)
  return python
}

async function runPytest(): Promise<Totals> {
  const python = await preparePython()
  if (!python) return { passed: 0, failed: 1 }
  const file = join(RESULTS, 'pytest.xml')
  rmSync(file, { force: true })
  const ended = await run(python, ['-m', 'pytest', '-q', `--junitxml=${file}`], APP)
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
  --cluster   what needs docker and kind, and beside it what is run in fresh checkouts (npm run test:cluster)
  --live      the components and the load test on a cluster of their own: half an hour (npm run test:live)
`

/** Clusters mostly wait, checkouts mostly compute: side by side they take little more than the longer one. */
async function runBesideClusters(): Promise<readonly Totals[]> {
  const output: Buffer[] = []
  const checkout = runVitest(['checkout'], [], chunk => output.push(chunk))
  const cluster = await runVitest(['cluster'])
  const totals = [cluster, await checkout]
  process.stdout.write(Buffer.concat(output))
  return totals
}

const SUITES = ['--app', '--cluster', '--live']

async function runSuites(args: readonly string[]): Promise<readonly Totals[]> {
  const rest = args.filter(argument => !SUITES.includes(argument))
  if (args.includes('--app')) return [await runPytest()]
  if (args.includes('--live')) return [await runVitest(['live'], rest)]
  if (!args.includes('--cluster')) {
    return rest.length > 0 ? [await runVitest(['unit'], rest)] : [await runVitest(['unit']), await runPytest()]
  }
  return rest.length > 0 ? [await runVitest(['cluster', 'checkout'], rest)] : runBesideClusters()
}

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(USAGE)
} else {
  mkdirSync(RESULTS, { recursive: true })
  const suites = await runSuites(args)
  const passed = suites.reduce((sum, suite) => sum + suite.passed, 0)
  const failed = suites.reduce((sum, suite) => sum + suite.failed, 0)
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed || passed === 0 ? 1 : 0
}
