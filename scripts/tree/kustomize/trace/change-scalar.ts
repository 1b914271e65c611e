// Writes another scalar in the place of one that the trace points at, so that kustomize can be asked what it changes.
import type { Sources } from '../../source/sources.ts'
import type { Scalar, Written } from './value.ts'

export interface ScalarEdit {
  readonly path: string
  readonly text: string
}

/** The file with another scalar at the place; undefined where none can be put there simply. */
export function changeScalar(sources: Sources, at: Written, node: Scalar): ScalarEdit | undefined {
  if (!at.text.isExact || sources.read(at.text.path) === undefined) return undefined
  const { file, path } = at.text
  const [start, end] = [at.text.at(at.start), at.text.at(at.end)]
  // The place of a mapping is where its first key begins.
  if (/\w/.test(file[end - 1] ?? '') && /\w/.test(file[end] ?? '')) return undefined
  const made = rewrite(file.slice(start, end), node)
  return made === undefined ? undefined : { path, text: file.slice(0, start) + made + file.slice(end) }
}

const isCount = (text: string): boolean => /^(?:0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))

function rewrite(written: string, { tag, text }: Scalar): string | undefined {
  if (written === '' || written.startsWith('&') || written.startsWith('!')) return undefined
  if (tag === 'bool') return { true: 'false', false: 'true' }[written]
  if (tag === 'int') return isCount(written) && written === text ? String(Number(written) + 1) : undefined
  if (tag === 'float') return /^\d+\.\d+$/.test(written) ? `${written}1` : undefined
  if (tag !== 'str') return undefined
  // A block is changed in its first line.
  if (/^[|>][-+0-9]*\r?\n/.test(written)) {
    const line = /^[|>][-+0-9]*\r?\n[ ]*[^\s]+/.exec(written)?.[0]
    return line === undefined ? undefined : `${line}x${written.slice(line.length)}`
  }
  if (written.includes('\n')) return undefined
  const isQuoted = /^(["']).*\1$/s.test(written) && written.length > 1
  if (isQuoted) return `${written.slice(0, -1)}x${written.slice(-1)}`
  return /[\w)/.*=-]$/.test(written) ? `${written}x` : undefined
}
