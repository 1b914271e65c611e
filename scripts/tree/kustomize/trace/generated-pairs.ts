// The keys and values that a generator reads: literals, files and env files, each with where it stands.
import { posix } from 'node:path'
import { SourceFile } from '../../source/source-file.ts'
import type { Sources } from '../../source/sources.ts'
import { StepError } from './step.ts'
import { type TracedText, textOfFile, textWithin } from './text.ts'
import { fieldOf, type Origin, type Traced, textOf } from './value.ts'

export interface GeneratorStep {
  readonly kind: 'ConfigMap' | 'Secret'
  /** The entry of the kustomization. */
  readonly entry: Traced
  /** The kustomization's generatorOptions. */
  readonly options: Traced | undefined
  readonly folder: string
  readonly sources: Sources
}

interface Pair {
  readonly key: string
  readonly bytes: Buffer
  readonly origin: Origin
}

export function* readPairs(step: GeneratorStep): Generator<Pair> {
  const { entry } = step
  const envs = fieldOf(entry, 'envs')
  const env = fieldOf(entry, 'env')
  const paths = [...(envs?.kind === 'sequence' ? envs.items : []), ...(textOf(env) !== '' && env ? [env] : [])]
  for (const path of paths) yield* readEnvFile(openFile(step, textOf(path)), path.origin)
  const literals = fieldOf(entry, 'literals')
  for (const literal of literals?.kind === 'sequence' ? literals.items : []) yield readLiteral(literal)
  const files = fieldOf(entry, 'files')
  for (const item of files?.kind === 'sequence' ? files.items : []) {
    const text = textOf(item)
    const equals = text.indexOf('=')
    const path = equals < 0 ? text : text.slice(equals + 1)
    const file = openFile(step, path)
    const traced = textOfFile(file)
    yield {
      key: equals < 0 ? posix.basename(path) : text.slice(0, equals),
      bytes: Buffer.from(file.bytes),
      origin: {
        at: { text: traced, role: 'generator', rank: item.origin.at.rank, start: 0, end: traced.text.length },
        before: item.origin,
      },
    }
  }
}

function openFile({ sources, folder }: GeneratorStep, path: string): SourceFile {
  const file = sources.read(posix.join(folder, path))
  if (!(file instanceof SourceFile)) throw new StepError(`${path} cannot be read`)
  return file
}

function* readEnvFile(file: SourceFile, entry: Origin): Generator<Pair> {
  const text = textOfFile(file)
  const lines = /[^\n]*(?:\n|$)/g
  for (const match of text.text.matchAll(lines)) {
    if (match[0] === '') continue
    const line = match[0].replace(/\r?\n$/, '')
    const trimmed = line.replace(/^[\s\uFEFF]+/, '')
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals)
    const value = equals < 0 ? '' : trimmed.slice(equals + 1)
    const start = match.index + line.length - trimmed.length
    const end = match.index + line.length
    yield {
      key,
      bytes: Buffer.from(value, 'utf8'),
      origin: {
        at: {
          text,
          role: 'generator',
          rank: entry.at.rank,
          start: end - value.length,
          end,
          keyStart: start,
          keyEnd: start + key.length,
        },
        before: entry,
      },
    }
  }
}

/** The value of `key=value`, shown where it stands in the scalar. */
function readLiteral(literal: Traced): Pair {
  const text = textOf(literal)
  const equals = text.indexOf('=')
  if (equals <= 0) throw new StepError(`the literal ${text} is not key=value`)
  const raw = text.slice(equals + 1)
  const isQuoted = raw.length >= 2 && (raw[0] === '"' || raw[0] === "'") && raw.at(-1) === raw[0]
  const value = isQuoted ? raw.slice(1, -1) : raw
  const { at } = literal.origin
  const inner = textWithin(at.text, at.start, at.end, text)
  const origin: Origin = inner.isExact ? { at: spanIn(inner, at.rank, equals, text.length) } : literal.origin
  return { key: text.slice(0, equals), bytes: Buffer.from(value, 'utf8'), origin }
}

const spanIn = (text: TracedText, rank: number, equals: number, end: number): Origin['at'] => ({
  text,
  role: 'generator',
  rank,
  start: equals + 1,
  end,
  keyStart: 0,
  keyEnd: equals,
})
