// The names of environments inside other names: `flask-api-dev` and `flask-api-prod` are one name, for two environments.

const PLACEHOLDER = '{environment}'

/** Texts as they would be in any environment. */
export function createNeutral(name: string): (text: string) => string {
  const word = new RegExp(`(?<![A-Za-z0-9])${escapePattern(name)}(?![A-Za-z0-9])`, 'g')
  return text => (text.includes(name) ? text.replace(word, PLACEHOLDER) : text)
}

/** The hash that kustomize appends to the name of a generated ConfigMap or Secret. Source: kustomize api/hasher. */
const HASH = /-[2456789bcdfghkmt]{10}$/

export const withoutHash = (name: string): string => name.replace(HASH, '')

/**
 * Finds the first of some names in a text, as a part of a name or address: `db.dev.svc`, `web-dev`. A segment of a path
 * is none, since `/dev/null` is not an environment. Of names that contain each other the longest counts.
 */
export function createNameSearch(names: readonly string[]): (text: string) => readonly string[] {
  if (names.length === 0) return () => []
  const longest = names.toSorted((a, b) => b.length - a.length).map(escapePattern)
  const pattern = new RegExp(`(?<![A-Za-z0-9_])(?<!(?<!/)/)(?:${longest.join('|')})(?![A-Za-z0-9_])`, 'g')
  return text => [...text.matchAll(pattern)].map(([found]) => found)
}

/** A text as a part of a regular expression that means just that text. */
export const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&')
