// What a README says to write into a file, written into it: tests do what a reader would.
import { parse, stringify } from 'yaml'

type Fields = Readonly<Record<string, unknown>>

/** The blocks of YAML of a README, in order. */
export function readBlocks(readme: string): readonly string[] {
  return [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
}

/** A file with what a block says added: fields of mappings, entries of lists. */
export function addBlock(file: string, block: string): string {
  return stringify(addFields(parse(file), parse(block)))
}

function addFields(to: unknown, from: unknown): unknown {
  if (Array.isArray(to) && Array.isArray(from)) return [...to, ...from.filter(one => !to.includes(one))]
  if (!isFields(to) || !isFields(from)) return from
  const added = Object.entries(from).map(([key, value]) => [key, key in to ? addFields(to[key], value) : value])
  return { ...to, ...Object.fromEntries(added) }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
