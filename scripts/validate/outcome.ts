// Keeps what came of judging a tree, with all that it was made of: a tree that did not change is read, and not judged again.
import { realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf } from '../command/problem.ts'
import type { Settings } from '../tree/engine.ts'
import { readDeclaration } from '../tree/environments/declared.ts'
import type { Helm } from '../tree/helm/binary.ts'
import { digest, keep, readKept } from '../tree/kept.ts'
import type { Kustomize } from '../tree/kustomize/build/binary.ts'
import { hashOwnCode } from '../tree/own-code.ts'
import { GitError, git } from '../tree/source/commit.ts'
import { readCheckout } from '../tree/source/git-remote.ts'
import type { Sources } from '../tree/source/sources.ts'
import { isSameAs, type Trace, type Watched } from '../tree/source/watched.ts'
import type { Report } from './findings/finding.ts'
import type { Policy } from './policy.ts'
import type { ValidateOptions } from './run.ts'

/** What of a judgement can be kept. */
export interface Outcome {
  readonly report: Report
  readonly warnings: readonly string[]
}

interface Kept {
  readonly question: string
  readonly trace: Trace
  readonly outcome: Outcome
}

/** What is judged, and by what. */
export interface Question {
  readonly policy: Policy
  readonly options: ValidateOptions & { readonly today: string }
  readonly settings: Settings
  /** The commit whose tree it is; undefined for the folder. */
  readonly commit: string | undefined
}

export interface OutcomePlace {
  /** Undefined where nothing is kept, or the tree or anything else is not what it was. */
  recall(sources: Sources): Outcome | undefined
  keep(watched: Watched, outcome: Outcome): void
}

/** Undefined where nothing is to be kept. One file holds the last outcome of what one command line says of one folder. */
export function openOutcome(question: Question): OutcomePlace | undefined {
  const { settings, commit } = question
  const { cacheFolder } = settings
  if (cacheFolder === undefined) return undefined
  const { root, paths, preset } = question.options
  const name = digest(JSON.stringify([realpathSync(root), paths, preset, commit]))
  const path = join(cacheFolder, `outcome-${name}.json`)
  const asked = describe(question)
  return {
    recall(sources) {
      const kept = readKept<Kept>(path)
      if (kept?.question !== asked) return undefined
      try {
        // A commit is what it was. Whoever judges after all has read nothing yet.
        return commit !== undefined || isSameAs(kept.trace, sources.fork()) ? kept.outcome : undefined
      } catch (error) {
        // A tree beyond the limits says so once it is judged.
        if (error instanceof RangeError) return undefined
        throw error
      }
    },
    keep(watched, { report, warnings }) {
      // A clone that is not whole may be made so.
      if (commit !== undefined && watched.unreadable.length > 0) return
      keep(path, { question: asked, trace: watched.trace, outcome: { report, warnings } } satisfies Kept)
    },
  }
}

/** Everything that an outcome depends on and that is not in the tree. */
function describe({ policy, options, settings, commit }: Question): string {
  const { config, file } = policy
  const { root, paths, preset, tool, today } = options
  return digest(
    JSON.stringify({
      code: hashOwnCode(),
      root: realpathSync(root),
      commit,
      asked: [paths, preset, tool],
      policy: file && [file.path, file.hash],
      repository: settings.repository,
      kustomize: describeProgram(settings.kustomize),
      helm: describeProgram(settings.helm),
      history: readDeclaration(file).order.length > 0 ? describeHistory(root) : undefined,
      today: config.suppressions.some(({ expires }) => expires !== undefined) ? today : undefined,
    }),
  )
}

/** The one that the lock file brings is known by its name; another one may be replaced at its place. */
function describeProgram(find: (() => Kustomize | Helm | undefined) | undefined): unknown {
  try {
    const program = find?.()
    if (!program) return undefined
    // Nor is it unpacked for that.
    if (program.isPinned) return program.source
    const { size, mtimeMs, ctimeMs, ino } = statSync(program.command)
    return [program, size, mtimeMs, ctimeMs, ino]
  } catch (error) {
    return messageOf(error)
  }
}

/** Which commits an environment may have run: they hang from the one that is checked out. */
function describeHistory(root: string): unknown {
  try {
    const references = git(root, ['show-ref', '--head']).toString('utf8').split('\n')
    return [readCheckout(resolve(root)), references.filter(line => / (?:HEAD|refs\/replace\/\S+)$/.test(line))]
  } catch (error) {
    if (error instanceof GitError) return error.message
    throw error
  }
}
