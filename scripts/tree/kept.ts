// Keeps values in files that several runs and machines may use at once: each is there whole and as it was written, or not.
import { hash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** The value of a file. Undefined where it is not there, or says something else than what was written. */
export function readKept<Value>(path: string): Value | undefined {
  const text = readKeptText(path)
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}

/** Keeps a value; a value that JSON does not have is not kept. */
export function keep(path: string, value: unknown): void {
  try {
    keepText(path, JSON.stringify(value, refuseWhatJsonLoses))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

export function readKeptText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    return end > 0 && text.slice(0, end) === headOf(path, body) ? body : undefined
  } catch {
    return undefined
  }
}

/** A full disk is not a fault: the next run makes it anew. */
export function keepText(path: string, body: string): void {
  const temporary = `${path}.${process.pid}.${randomUUID()}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, `${headOf(path, body)}\n${body}`)
    renameSync(temporary, path)
  } catch {
    remove(temporary)
  }
}

/** With its name: what was written for another file is not what this one says. */
const headOf = (path: string, body: string): string => `${digest(body)} ${basename(path)}`

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
