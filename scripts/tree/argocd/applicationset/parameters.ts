// What generators hand to a template: sets of parameters, and the ways Argo CD names, flattens and combines them.

export type Parameters = Readonly<Record<string, unknown>>

/** `normalize` of Argo CD: a name the API takes. */
export const sanitizeName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^-a-z0-9.]/gu, '-')
    .slice(0, 253)
    .replace(/^[-.]+|[-.]+$/g, '')

/** How Go prints a value into text. */
export function printGo(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return printGoNumber(value)
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(printGo).join(' ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, one]) => `${key}:${printGo(one)}`).join(' ')}]`
  }
  return String(value)
}

function printGoNumber(value: number): string {
  if (value === 0) return '0'
  const [digits = '', power = ''] = value.toExponential().split('e')
  const exponent = Number(power)
  // Go writes shortest numbers with an exponent from a million on.
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** Nested keys joined by dots, lists by their indexes; what is empty stays what it is. */
export function flatten(value: Parameters): Record<string, string> {
  const flat: Record<string, string> = Object.create(null)
  const visit = (prefix: string, one: unknown): void => {
    const entries = typeof one === 'object' && one !== null ? Object.entries(one as Record<string, unknown>) : undefined
    if (!entries || entries.length === 0) flat[prefix] = printGo(one)
    else for (const [key, child] of entries) visit(prefix === '' ? key : `${prefix}.${key}`, child)
  }
  for (const [key, one] of Object.entries(value)) visit(key, one)
  return flat
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The second over the first, mapping by mapping. */
export function mergeOver(base: Parameters, over: Parameters): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const known = merged[key]
    merged[key] = isMapping(known) && isMapping(value) ? mergeOver(known, value) : value
  }
  return merged
}

/** What is empty in the first is taken from the second. */
export function fillFrom(own: unknown, base: unknown): unknown {
  if (isMapping(own) && isMapping(base)) {
    const filled: Record<string, unknown> = { ...own }
    for (const [key, value] of Object.entries(base)) filled[key] = fillFrom(own[key], value)
    return filled
  }
  const isEmpty =
    own === undefined ||
    own === null ||
    own === '' ||
    own === false ||
    own === 0 ||
    (Array.isArray(own) && own.length === 0)
  return isEmpty ? base : own
}

/** Parameters of `path` and its parts, nested for Go templates and flat for the plain ones. */
export function describePath(path: string, filename: string | undefined, prefix: string, isGo: boolean): Parameters {
  const basename = path.split('/').at(-1) ?? path
  const segments = path.split('/')
  if (isGo) {
    const described = {
      path,
      basename,
      basenameNormalized: sanitizeName(basename),
      segments,
      ...(filename === undefined ? {} : { filename, filenameNormalized: sanitizeName(filename) }),
    }
    return prefix === '' ? { path: described } : { [prefix]: { path: described } }
  }
  const name = prefix === '' ? 'path' : `${prefix}.path`
  const flat: Record<string, string> = {
    [name]: path,
    [`${name}.basename`]: basename,
    [`${name}.basenameNormalized`]: sanitizeName(basename),
  }
  if (filename !== undefined) {
    flat[`${name}.filename`] = filename
    flat[`${name}.filenameNormalized`] = sanitizeName(filename)
  }
  for (const [index, segment] of segments.entries()) if (segment !== '') flat[`${name}[${index}]`] = segment
  return flat
}

/** Plain templates: `{{ name }}` becomes the parameter of that name; an unknown one stays as it is. */
export function replacePlain(text: string, parameters: Parameters): string {
  if (!/\{\{.*\}\}/.test(text)) return text
  return text.replace(/\{\{([\s\S]*?)\}\}/g, (whole, tag: string) => {
    const name = tag.trim()
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    return name !== '' && typeof value === 'string' ? value : whole
  })
}

/** Rewrites all texts of a value, keys included. */
export function mapTexts(value: unknown, rewrite: (text: string) => string): unknown {
  if (typeof value === 'string') return rewrite(value)
  if (Array.isArray(value)) return value.map(one => mapTexts(one, rewrite))
  if (!isMapping(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [rewrite(key), mapTexts(one, rewrite)]))
}

/** All texts of a value, keys included. */
export function* listTexts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const one of value) yield* listTexts(one)
  else if (isMapping(value)) {
    for (const [key, one] of Object.entries(value)) {
      yield key
      yield* listTexts(one)
    }
  }
}
