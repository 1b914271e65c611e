// npm run bench: validate beside the plain way, kustomize build of each root, in one run.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { changeOverlays, generateTree, type TreeKind } from './bench/generate-tree.ts'
import { measureProgram, type Usage } from './bench/measure.ts'
import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import { findKustomize, type Kustomize } from './tree/kustomize/build/binary.ts'
import { renderRoots } from './tree/kustomize/build/builds.ts'
import { describeMachine } from './tree/machine.ts'
import { readTree } from './tree/read-tree.ts'
import { openFolder } from './tree/source/folder.ts'
import { parseText } from './tree/source/yaml/parse.ts'

const usage = `Usage: npm run bench -- [--apps 10,100] [--kinds light,heavy] [--runs 1]

Generates trees of N apps x 3 environments and measures, in turn:
  plain       kustomize build of each root, one process after the other (nothing is checked)
  plain x2    the same, two at a time
  cold        npm run validate, nothing rendered before
  changed     npm run validate after one overlay changed
  warm        npm run validate again
  diff        npm run diff, against a commit, after ten overlays changed
  diff warm   npm run diff again
light: three objects and a merge patch an overlay. heavy: seven objects, a generated ConfigMap that each overlay merges
into, a JSON patch and a merge patch an overlay.

The ratio is the time of plain x2 divided by that of validate: above 1, validate is faster. Where there are more than 300
roots, plain builds 300 of them and its figures are scaled. The first run of each tree also compares what validate renders
with what plain kustomize renders, resource by resource.

CPU is that of all processes; memory is the most that they held at once.

  -h, --help   this text

Exit code: 0 measured; 2 wrong usage; 3 a fault of the program, or renderings that differ.
`

const MOST_PLAIN = 300

const plainly = async (kustomize: Kustomize, tree: string, roots: readonly string[], width: number): Promise<Usage> => {
  const chosen = roots.slice(0, MOST_PLAIN)
  const script = 'printf "%s\\n" "$@" | xargs -P "$WIDTH" -I {} "$KUSTOMIZE" $ARGUMENTS {} > /dev/null'
  const env = [`WIDTH=${width}`, `KUSTOMIZE=${kustomize.command}`, `ARGUMENTS=${kustomize.arguments.join(' ')}`]
  const took = await measureProgram('env', [...env, 'sh', '-c', script, 'sh', ...chosen], tree)
  const scale = roots.length / chosen.length
  return { ...took, wall: took.wall * scale, cpu: took.cpu * scale }
}

const validating = (tree: string): Promise<Usage> =>
  measureProgram('npm', ['run', '--silent', 'validate', '--', '--root', tree], repositoryRoot)

const diffing = (tree: string): Promise<Usage> =>
  measureProgram('npm', ['run', '--silent', 'diff', '--', '--root', tree], repositoryRoot)

/** Makes a repository of the tree, with one commit. */
function commitTree(tree: string): void {
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'gc.auto=0']
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...author, 'commit', '--quiet', '--message', 'All'],
  ]) {
    execFileSync('git', args, { cwd: tree })
  }
}

/** Says how many of the roots render as plain kustomize does. */
async function compare(kustomize: Kustomize, folder: string, roots: readonly string[]): Promise<string> {
  const sources = openFolder(folder)
  const { graph } = readTree(sources, []).value
  const chosen = roots.slice(0, 60)
  const options = { sources, graph, kustomize, parallelism: availableParallelism(), cacheFolder: undefined }
  const together = await renderRoots(roots, options)
  const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
  let same = 0
  for (const root of chosen) {
    const { stdout } = await measureProgram(kustomize.command, [...kustomize.arguments, root], folder)
    const result = together.get(root)
    const resources = result && 'resources' in result ? result.resources : undefined
    if (hash(resources) === hash(parseText(stdout, 'rendered').documents)) same++
    else process.stderr.write(`${root} renders otherwise than plain kustomize\n`)
  }
  if (same < chosen.length) throw new Error(`${chosen.length - same} of ${chosen.length} roots render otherwise`)
  return `${same} of ${chosen.length} roots compared with plain kustomize: the same`
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

/** Each way once a run, in turn, so that a machine that slows down slows all of them. */
async function measureTree(
  kustomize: Kustomize,
  kind: TreeKind,
  apps: number,
  runs: number,
  note: (text: string) => void,
): Promise<{ readonly rows: ReadonlyMap<string, readonly Usage[]>; readonly compared: string }> {
  const rows = new Map<string, Usage[]>()
  let compared = ''
  for (let run = 0; run < runs; run++) {
    const tree = mkdtempSync(join(tmpdir(), `bench-${kind}-${apps}-`))
    const add = async (name: string, work: Promise<Usage>): Promise<void> => {
      rows.set(name, [...(rows.get(name) ?? []), await work])
    }
    try {
      // A text of its own in each run: nothing of an earlier one is kept for this tree.
      const roots = generateTree(tree, apps, `run-${process.pid}-${run}`, kind)
      await add('plain', plainly(kustomize, tree, roots, 1))
      await add('plain x2', plainly(kustomize, tree, roots, 2))
      await add('cold', validating(tree))
      changeOverlays(tree, 1, 7)
      await add('changed', validating(tree))
      await add('warm', validating(tree))
      commitTree(tree)
      changeOverlays(tree, 10, 8)
      await add('diff', diffing(tree))
      await add('diff warm', diffing(tree))
      if (run === 0) compared = await compare(kustomize, tree, roots)
      note(`${kind}, ${apps} apps: run ${run + 1} of ${runs}`)
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  }
  return { rows, compared }
}

function show(rows: ReadonlyMap<string, readonly Usage[]>, apps: number): string {
  const of = (name: string, field: 'wall' | 'cpu' | 'peak'): number =>
    median((rows.get(name) ?? []).map(one => one[field] ?? Number.NaN))
  const plain = of('plain x2', 'wall')
  return [...rows.keys()]
    .map(name => {
      const wall = of(name, 'wall')
      const ratio = name.startsWith('plain') ? '' : `${(plain / wall).toFixed(1)}x`
      const each = `${((wall * 1000) / apps).toFixed(1)} ms/app`
      const cells = [`${wall.toFixed(2)} s`, `${of(name, 'cpu').toFixed(2)} s CPU`, `${of(name, 'peak').toFixed(0)} MB`]
      return `  ${name.padEnd(11)}${[...cells, each, ratio].map(cell => cell.padStart(14)).join('')}\n`
    })
    .join('')
}

/** Whole numbers from 1. */
function parseCounts(flag: string, values: readonly string[]): readonly number[] {
  const wrong = values.find(value => !/^[1-9]\d{0,3}$/.test(value))
  if (wrong !== undefined) throw usageProblem(`${flag} is a whole number from 1 to 9999, not ${JSON.stringify(wrong)}`)
  return values.map(Number)
}

const isKind = (name: string): name is TreeKind => name === 'light' || name === 'heavy'

export const command: Command = {
  usage,
  options: { apps: { type: 'string' }, kinds: { type: 'string' }, runs: { type: 'string' } },
  async run(values, { terminal }) {
    const [runs = 1] = parseCounts('--runs', [text(values, 'runs') ?? '1'])
    const sizes = parseCounts('--apps', (text(values, 'apps') ?? '10,100').split(','))
    const kinds = (text(values, 'kinds') ?? 'light,heavy').split(',')
    const wrong = kinds.find(name => !isKind(name))
    if (wrong !== undefined) throw usageProblem(`--kinds is light, heavy or both, not ${JSON.stringify(wrong)}`)
    const kustomize = findKustomize(describeMachine())
    const cores = `${availableParallelism()} cores`
    const head = [
      cpus()[0]?.model ?? 'unknown processor',
      cores,
      `kustomize ${kustomize.version}`,
      `Node ${process.version}`,
    ]
    terminal.print(`${head.join(', ')}\n`)
    for (const kind of kinds.filter(isKind)) {
      for (const apps of sizes) {
        const { rows, compared } = await measureTree(kustomize, kind, apps, runs, terminal.note)
        terminal.print(
          `\n${kind}, ${apps} apps x 3 environments, ${apps * 3 + 1} builds; ${compared}\n${show(rows, apps)}`,
        )
      }
    }
    return 0
  },
}

if (import.meta.main) await runCommand(command)
