// JSON that people can read and compare: what fits on a line stands on one.

const width = 120

export function formatJson(value: unknown, indent = ''): string {
  const flat = writeFlat(value)
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= width - 20) return flat
  const inner = `${indent}  `
  const members = Array.isArray(value)
    ? value.map(item => inner + formatJson(item, inner))
    : Object.entries(value).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${formatJson(member, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${members.join(',\n')}\n${indent}${close}`
}

function writeFlat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeFlat).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${writeFlat(member)}`)
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}'
}
