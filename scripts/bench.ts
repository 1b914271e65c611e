// npm run bench: validate against the plain way, kustomize build of each root one after the other, in one run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { changeOverlay, generateTree } from './bench/generate-tree.ts'
import { parseArguments } from './edit/command.ts'
import { Refusal, refuseUsage } from './edit/refusal.ts'
import { findKustomize, type Kustomize } from './tree/kustomize/build/binary.ts'

const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
const HELP = `Usage: npm run bench -- [--apps 10,100] [--runs 3]

Generates trees of N apps x 3 environments with a merge patch each, and times, in turn:
  plain       kustomize build of each root, one process after the other (nothing is checked)
  cold        npm run validate, nothing rendered before
  changed     npm run validate after one overlay changed
  warm        npm run validate again
The ratio is the time of the plain way divided by that of validate: above 1, validate is faster.
`

interface Row {
  readonly name: string
  readonly seconds: readonly number[]
}

function time(work: () => void): number {
  const begun = performance.now()
  work()
  return (performance.now() - begun) / 1000
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

function buildPlainly(kustomize: Kustomize, tree: string, roots: readonly string[]): void {
  for (const root of roots) {
    const { status, stderr } = spawnSync(kustomize.command, [...kustomize.arguments, join(tree, root)], {
      maxBuffer: 1 << 28,
    })
    if (status !== 0) throw new Error(`kustomize build ${root} failed: ${stderr}`)
  }
}

function runValidate(tree: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'validate', '--', '--root', tree, ...args], {
    cwd: HOME,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`validate ended with ${status}: ${stdout}${stderr}`)
}

/** Each way once a run, in turn, so that a machine that slows down slows all of them. */
function measure(kustomize: Kustomize, apps: number, runs: number): readonly Row[] {
  const rows = new Map<string, number[]>()
  const note = (name: string, seconds: number): void => {
    rows.set(name, [...(rows.get(name) ?? []), seconds])
  }
  for (let run = 0; run < runs; run++) {
    const tree = mkdtempSync(join(tmpdir(), `bench-${apps}-`))
    try {
      // A name of its own in each run: nothing of an earlier one is kept for this tree.
      const roots = generateTree(tree, apps, `run-${process.pid}-${run}`)
      note(
        'plain',
        time(() => buildPlainly(kustomize, tree, roots)),
      )
      note(
        'cold',
        time(() => runValidate(tree, [])),
      )
      changeOverlay(tree)
      note(
        'changed',
        time(() => runValidate(tree, [])),
      )
      note(
        'warm',
        time(() => runValidate(tree, [])),
      )
      process.stderr.write(`${apps} apps, run ${run + 1} of ${runs}\n`)
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  }
  return [...rows].map(([name, seconds]) => ({ name, seconds }))
}

/** Whole numbers from 1. Throws a Refusal for anything else. */
function parseCounts(flag: string, values: readonly string[]): readonly number[] {
  const wrong = values.find(value => !/^[1-9]\d{0,3}$/.test(value))
  if (wrong !== undefined) throw refuseUsage(`${flag} is a whole number from 1 to 9999, not ${JSON.stringify(wrong)}`)
  return values.map(Number)
}

function main(): void {
  const { values } = parseArguments({
    apps: { type: 'string', default: '10,100' },
    runs: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const [runs = 1] = parseCounts('--runs', [String(values.runs)])
  const sizes = parseCounts('--apps', String(values.apps).split(','))
  const cacheFolder = join(HOME, 'node_modules', '.cache', 'validate')
  const modulesFolder = join(HOME, 'node_modules')
  const platform = `${process.platform}-${process.arch}`
  const kustomize = findKustomize({ platform, environment: process.env, modulesFolder, cacheFolder })
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, kustomize ${kustomize.version}, Node ${process.version}\n`,
  )
  for (const apps of sizes) {
    const rows = measure(kustomize, apps, runs)
    const plain = median(rows[0]?.seconds ?? [])
    process.stdout.write(`\n${apps} apps x 3 environments, ${apps * 3 + 1} builds\n`)
    for (const { name, seconds } of rows) {
      const middle = median(seconds)
      const range = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`
      const ratio = name === 'plain' ? '' : `  ${(plain / middle).toFixed(1)}x`
      process.stdout.write(`  ${name.padEnd(8)} ${middle.toFixed(2).padStart(8)} s  (${range})${ratio}\n`)
    }
  }
}

try {
  main()
} catch (error) {
  process.exitCode = error instanceof Refusal ? error.exitCode : 3
  process.stderr.write(`${error instanceof Refusal ? error.message : ((error as Error).stack ?? error)}\n`)
}
