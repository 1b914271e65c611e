// Keeps values in files that several runs and machines may use at once: each is there whole and as it was written, or not.
import { hash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The value of a file. Undefined where it is not there, or says something else than what was written. */
export function readKept<Value>(path: string): Value | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    return end > 0 && text.slice(0, end) === digest(body) ? (JSON.parse(body) as Value) : undefined
  } catch {
    return undefined
  }
}

/** Keeps a value; a full disk is no fault, nor is a value that JSON does not have: the next run makes it anew. */
export function keep(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.${randomUUID()}`
  try {
    const body = JSON.stringify(value, refuseWhatJsonLoses)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, `${digest(body)}\n${body}`)
    renameSync(temporary, path)
  } catch {
    remove(temporary)
  }
}

export const digest = (text: string): string => hash('sha256', text, 'base64url')

function refuseWhatJsonLoses(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('JSON has no such number')
  return value
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It is not there, or its folder is none.
  }
}
