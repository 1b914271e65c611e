// A machine of which a test decides what is there: programs on PATH, what they answer, a home folder.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findKustomize } from '../../scripts/tree/kustomize/build/binary.ts'
import { MACHINE, PROJECT } from '../tree.ts'

/** What a stand-in says to a call: the first answer that fits. */
export interface Answer {
  /** A regular expression for program and arguments: `^kind create cluster`. */
  readonly call: string
  /** Fits only once a call like this was made. */
  readonly after?: string
  /** Fits only as long as no call like this was made. */
  readonly until?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly exit?: number
  /** Does not end by itself. */
  readonly hangs?: boolean
  /** Written to the file that --kubeconfig or KUBECONFIG names. */
  readonly kubeconfig?: string
}

export interface Machine {
  readonly folder: string
  readonly bin: string
  /** For a command: PATH with what was put there and nothing else. */
  readonly env: Readonly<Record<string, string>>
  /** Puts stand-ins for these programs on PATH; later answers come first. */
  standIn(programs: readonly string[], answers: readonly Answer[]): void
  /** Puts a program of this machine there. */
  link(name: string): void
  /** Calls of the stand-ins, in order. */
  calls(): readonly string[]
  /** Calls that no answer was recorded for. */
  unexpected(): readonly string[]
  remove(): void
}

const standInProgram = join(PROJECT, 'tests', 'stand-ins', 'program.ts')

/** A stand-in is called hundreds of times: half of each call would go into compiling it. */
const compileCache = join(PROJECT, 'node_modules', '.cache', 'compile')

/** What every machine has: Git, a shell, and what zx ends processes with. */
const basics = ['git', 'sh', 'bash', 'ps'] as const

export function createMachine(): Machine {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'machine-')))
  const bin = join(folder, 'bin')
  const home = join(folder, 'home')
  for (const path of [bin, home]) mkdirSync(path)
  writeFileSync(join(folder, 'calls'), '')
  writeFileSync(join(folder, 'unexpected'), '')
  writeFileSync(join(folder, 'answers.json'), '[]')
  const readLines = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)
  const machine: Machine = {
    folder,
    bin,
    env: { PATH: bin, HOME: home, TMPDIR: folder, NO_COLOR: '1', GIT_CONFIG_NOSYSTEM: '1' },
    standIn(programs, answers) {
      for (const name of programs) {
        const file = join(bin, name)
        rmSync(file, { force: true })
        const words = [process.execPath, '--no-warnings', standInProgram, folder, name].map(word => `'${word}'`)
        writeFileSync(file, `#!/bin/sh\nNODE_COMPILE_CACHE='${compileCache}' exec ${words.join(' ')} "$@"\n`)
        chmodSync(file, 0o755)
      }
      const file = join(folder, 'answers.json')
      const known = JSON.parse(readFileSync(file, 'utf8')) as readonly Answer[]
      writeFileSync(file, JSON.stringify([...answers, ...known]))
    },
    link(name) {
      const candidates = (process.env.PATH ?? '').split(delimiter).map(path => join(path, name))
      const found = candidates.find(existsSync)
      if (found === undefined) throw new Error(`this test needs ${name}`)
      symlinkSync(found, join(bin, name))
    },
    calls: () => readLines('calls'),
    unexpected: () => readLines('unexpected'),
    remove() {
      endProcesses(folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const name of basics) machine.link(name)
  return machine
}

/** The pinned kubectl of the lock file where it has one for this platform: it renders, as on a user's machine. */
export function findKubectl(): string {
  const { command } = findKustomize(MACHINE)
  if (/kubectl/.test(command)) return command
  throw new Error('this test needs kubectl')
}

/** A Git server or a stand-in that hangs has the folder in its command line. */
function endProcesses(folder: string): void {
  try {
    execFileSync('pkill', ['-f', '--', folder], { stdio: 'ignore' })
  } catch {
    // nothing was left, or there is no pkill
  }
}
