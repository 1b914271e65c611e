// `npm run bench:trees -- FOLDER...`: validate on real trees, with its time, memory, coverage and findings by rule.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Command, repositoryRoot, runCommand } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import type { Report } from './validate/findings/finding.ts'

const usage = `Usage: npm run bench:trees -- FOLDER...

Runs validate on each folder, with its own configuration and the cache of this checkout, and prints a Markdown table:
seconds, peak memory of the process (Linux), roots rendered, files examined, errors and warnings by rule.

  -h, --help   this text

Exit code: 0 measured; 2 wrong usage; 3 a fault of the program.
`

interface Measured {
  readonly seconds: number
  /** Undefined where the system does not tell. */
  readonly megabytes: number | undefined
  readonly report: Report | undefined
  readonly failure: string
}

const command: Command = {
  name: 'bench:trees',
  usage,
  options: {},
  takesPositionals: true,
  async run(_, { positionals, start, terminal }) {
    if (positionals.length === 0) throw usageProblem('name the folders of the trees')
    terminal.print('| tree | s | MB | roots (in part) | files examined | errors | warnings | not examined |\n')
    terminal.print('| --- | --: | --: | --- | --- | --- | --- | --: |\n')
    for (const folder of positionals)
      terminal.print(`${describe(basename(folder), await measure(resolve(start, folder)))}\n`)
    return 0
  },
}

await runCommand(command)

function measure(root: string): Promise<Measured> {
  return new Promise((done, fail) => {
    const begun = performance.now()
    const script = join(repositoryRoot, 'scripts/validate.ts')
    const child = spawn(process.execPath, [script, '--root', root, '--format', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let megabytes: number | undefined
    const timer = setInterval(() => {
      megabytes = Math.max(readPeak(child) ?? 0, megabytes ?? 0) || undefined
    }, 50)
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', chunk => output.push(chunk))
    child.stderr.on('data', chunk => errors.push(chunk))
    child.on('error', fail)
    child.on('close', () => {
      clearInterval(timer)
      const seconds = (performance.now() - begun) / 1000
      done({ seconds, megabytes, report: parse(Buffer.concat(output)), failure: String(Buffer.concat(errors)).trim() })
    })
  })
}

function parse(output: Buffer): Report | undefined {
  try {
    return JSON.parse(output.toString('utf8')) as Report
  } catch {
    return undefined
  }
}

function readPeak({ pid }: ChildProcess): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024)
  } catch {
    return undefined
  }
}

function describe(name: string, { seconds, megabytes, report, failure }: Measured): string {
  const cost = `${seconds.toFixed(1)} | ${megabytes ?? '?'}`
  if (!report) return `| ${name} | ${cost} | ${failure.split('\n')[0] ?? 'no report'} | | | | |`
  const { roots, rendered, partial, files, examined } = report.coverage
  const count = (severity: string): string => {
    const counts = new Map<string, number>()
    for (const one of report.findings) {
      if (one.severity === severity && !one.suppression) counts.set(one.ruleId, (counts.get(one.ruleId) ?? 0) + 1)
    }
    const total = [...counts.values()].reduce((sum, one) => sum + one, 0)
    const rules = [...counts].sort(([, a], [, b]) => b - a).map(([rule, number]) => `${rule} ${number}`)
    return total === 0 ? '0' : `${total}: ${rules.join(', ')}`
  }
  const covered = `${rendered}/${roots} (${partial}) | ${examined}/${files}`
  return `| ${name} | ${cost} | ${covered} | ${count('error')} | ${count('warning')} | ${report.summary.notExamined} |`
}
