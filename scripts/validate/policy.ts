// What a tree is judged by: validation.yaml and the baseline, of the tree itself or of a commit that a change cannot touch.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Problem } from '../command/problem.ts'
import { layOver } from '../tree/source/edit.ts'
import type { Revision } from '../tree/source/revision.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Sources } from '../tree/source/sources.ts'
import { type Config, DEFAULT_CONFIG, readConfig } from './config.ts'
import { type BaselineEntry, readBaseline } from './findings/baseline.ts'

const CONFIG_NAME = 'validation.yaml'

/** A file that a person named on the command line. */
export interface GivenFile {
  /** As it was typed; without it the path. */
  readonly name?: string
  /** On this machine. */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface Policy {
  readonly config: Config
  /** Undefined where there is no configuration. */
  readonly file: SourceFile | undefined
  readonly baseline: readonly BaselineEntry[]
  /** Files of the policy that say something else than those of the commit that the tree is held against. */
  readonly changed: readonly string[]
  /** A tree as the policy sees it: whoever reads its validation.yaml sees the one that holds. */
  apply(sources: Sources): Sources
}

export interface PolicyOptions {
  readonly root: string
  /** Instead of the root's validation.yaml. */
  readonly config?: GivenFile
  readonly baseline?: GivenFile
  /** Whose policy holds, instead of the tree's. */
  readonly policyFrom?: Revision
  /** What the tree is held against. */
  readonly since?: Revision
}

/** Throws a Problem for a file that cannot be read, also where it is not the one that holds. */
export function decidePolicy(sources: Sources, options: PolicyOptions): Policy {
  const { root, policyFrom, since } = options
  const other = policyFrom ?? since
  const own = options.config ? toFile(options.config) : readOwn(sources)
  const sideOf = (name: string, place: string, file: SourceFile | undefined): Side => {
    // What lies outside of the checkout no change of it can touch.
    if (!other?.covers(place)) return { name, own: file, other: file }
    const bytes = other.read(place)
    return { name, own: file, other: bytes && new SourceFile(file?.path ?? name, bytes) }
  }
  const given = (file: GivenFile): Side => sideOf(file.name ?? file.path, file.path, toFile(file))
  const config = options.config ? given(options.config) : sideOf(CONFIG_NAME, join(root, CONFIG_NAME), own)
  const known = options.baseline && given(options.baseline)
  const holds = (side: Side | undefined): SourceFile | undefined => (policyFrom ? side?.other : side?.own)
  const file = holds(config)
  // A change that breaks the configuration is told now, not once it holds.
  if (own && own !== file) readConfig(own)
  const baseline = holds(known)
  const sides = known ? [config, known] : [config]
  return {
    config: file ? readConfig(file) : DEFAULT_CONFIG,
    file,
    baseline: baseline ? readBaseline(baseline.text, known?.name ?? '') : [],
    changed: sides.filter(side => !saysTheSame(side)).map(({ name }) => name),
    apply(tree) {
      const isOwn = tree === sources && !policyFrom
      return isOwn || options.config ? tree : layOver(tree, new Map([[CONFIG_NAME, file?.bytes ?? null]]))
    },
  }
}

/** A file of the policy as the tree and the commit have it. */
interface Side {
  readonly name: string
  readonly own: SourceFile | undefined
  readonly other: SourceFile | undefined
}

const toFile = ({ path, bytes }: GivenFile): SourceFile => new SourceFile(path, bytes)

function readOwn(sources: Sources): SourceFile | undefined {
  if (sources.resolve(CONFIG_NAME).kind === 'missing') return undefined
  const file = sources.read(CONFIG_NAME)
  if (file instanceof SourceFile) return file
  throw new Problem(`${CONFIG_NAME}: ${file.reason}`, { exitCode: 2 })
}

/** Comments say nothing. */
function saysTheSame({ own, other }: Side): boolean {
  if (!own || !other) return own === other
  if (own.hash === other.hash) return true
  const [a, b] = [own.parse('kubectl'), other.parse('kubectl')]
  return !a.fault && !b.fault && isDeepStrictEqual(a.documents, b.documents)
}
