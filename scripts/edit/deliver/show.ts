// Turns a change into the Git diff that a person reads before it is written.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { styleText } from 'node:util'
import { diffFolders } from './git.ts'

/** Contents by path; a path that only one side has is an added or deleted file. */
export type Files = ReadonlyMap<string, string | Uint8Array>

/** The difference of two sets of files, as `git diff` prints it. */
export function diffFiles(before: Files, after: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'diff-'))
  try {
    for (const [side, files] of [
      ['a', before],
      ['b', after],
    ] as const) {
      mkdirSync(join(folder, side))
      for (const [path, content] of files) {
        mkdirSync(dirname(join(folder, side, path)), { recursive: true })
        writeFileSync(join(folder, side, path), content)
      }
    }
    return diffFolders(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Colours a unified diff, and makes control characters of the files harmless for a terminal. */
export function paintDiff(diff: string, hasColor: boolean): string {
  return diff
    .split('\n')
    .map(line => {
      const safe = line.replace(
        /(?!\t)\p{Cc}/gu,
        character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
      return hasColor ? paintLine(safe) : safe
    })
    .join('\n')
}

function paintLine(line: string): string {
  const paint = (style: 'bold' | 'cyan' | 'green' | 'red') => styleText(style, line, { validateStream: false })
  if (/^(?:diff|index|---|\+\+\+|new file|deleted file)(?: |$)/.test(line)) return paint('bold')
  if (line.startsWith('@@')) return paint('cyan')
  if (line.startsWith('+')) return paint('green')
  return line.startsWith('-') ? paint('red') : line
}
