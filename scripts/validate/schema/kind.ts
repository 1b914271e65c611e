// The pair of words that names a schema, as a key and as people write it.

export interface GroupVersionKind {
  readonly apiVersion: string
  readonly kind: string
}

/** One string for one kind; neither word contains a line feed in anything the API server would serve. */
export function keyOf({ apiVersion, kind }: GroupVersionKind): string {
  return `${apiVersion}\n${kind}`
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
