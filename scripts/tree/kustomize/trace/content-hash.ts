// The hash that kustomize puts behind the names of what generators made.
import { createHash } from 'node:crypto'
import { kindOf, nameOf, rememberName, type TracedObject } from './object.ts'
import { overwrite } from './step.ts'
import { fieldOf, type Origin, scalar, setField, type Traced, toValue } from './value.ts'

/** Puts the hashes of their content behind the names of what generators made. */
export function addHashes(objects: readonly TracedObject[]): void {
  for (const object of objects) {
    if (!object.needsHash) continue
    const metadata = fieldOf(object.root, 'metadata')
    const name = fieldOf(metadata, 'name')
    if (metadata?.kind !== 'mapping' || !name) continue
    const hash = hashOf(object)
    rememberName(object)
    const content = ['data', 'binaryData', 'stringData', 'type'].flatMap(field =>
      leafOrigins(fieldOf(object.root, field)),
    )
    setField(
      metadata,
      'name',
      scalar(`${nameOf(object)}-${hash}`, {
        ...overwrite(name.origin, name, true, content),
        at: name.origin.at,
        ...(name.origin.before ? { before: name.origin.before } : { before: undefined }),
      }),
    )
  }
}

function leafOrigins(node: Traced | undefined): readonly Origin[] {
  if (!node) return []
  if (node.kind === 'scalar') return [node.origin]
  if (node.kind === 'sequence') return node.items.flatMap(leafOrigins)
  return [...node.entries.values()].flatMap(({ value }) => leafOrigins(value))
}

const LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

function hashOf(object: TracedObject): string {
  const { root } = object
  const kind = kindOf(object)
  const plain = (field: string): unknown => {
    const node = fieldOf(root, field)
    return node === undefined ? '' : node.kind === 'scalar' ? node.text : toValue(node)
  }
  // kustomize means to take the name as well, and looks for it in a field that is called `metadata/name`.
  const content: Record<string, unknown> = { kind, name: '', data: plain('data') }
  if (kind === 'Secret') {
    content.type = plain('type')
    if (fieldOf(root, 'stringData')?.kind === 'mapping') content.stringData = plain('stringData')
  } else if (fieldOf(root, 'binaryData')?.kind === 'mapping') content.binaryData = plain('binaryData')
  const digest = createHash('sha256').update(goJson(content)).digest('hex').slice(0, 10)
  return [...digest].map(letter => LETTERS[letter] ?? letter).join('')
}

/** JSON as Go writes it: keys sorted, and the letters of HTML escaped. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return `{${pairs.map(([key, one]) => `${goJson(key)}:${goJson(one)}`).join(',')}}`
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
