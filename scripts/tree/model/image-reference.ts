// Reads an image reference as container runtimes do: what they cannot read never starts.

export interface ImageReference {
  /** Registry and path as they are written, as `ghcr.io/acme/api`. */
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** What something fills in between here and the cluster (a substitution, ko, a template) is not a reference yet. */
export const isPlaceholder = (text: string): boolean => /[${}]|^ko:\/\/|%\w+%|@@/.test(text)

// Grammar: https://github.com/distribution/reference (reference.go, regexp.go, normalize.go)
export const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
export const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const PATH = `${COMPONENT}(?:/${COMPONENT})*`
const NAME = new RegExp(`^(?:${HOST}/)?${PATH}$`)
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/
const MOST_NAME = 255

/** The parts of a reference, or why a container runtime refuses it (completes "it ..."). */
export function parseImageReference(text: string): ImageReference | { readonly fault: string } {
  if (text.length > 1000) return { fault: 'is longer than any reference' }
  const odd = /[^\w./:@[\]-]/.exec(text)?.[0]
  if (odd) return { fault: `has ${/\s/.test(odd) ? 'a space' : JSON.stringify(odd)} in it, which no reference has` }
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0]
  if (scheme) return { fault: `begins with ${scheme}, which no reference does` }
  const at = text.indexOf('@')
  const named = at < 0 ? text : text.slice(0, at)
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const repository = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  if (digest !== undefined && !DIGEST.test(digest))
    return { fault: `has the digest ${JSON.stringify(digest)}, which is not sha256: and 64 hexadecimal digits` }
  if (tag !== undefined && !TAG.test(tag))
    return { fault: tag === '' ? 'has a colon and no tag' : `has the tag ${JSON.stringify(tag)}, which is not a tag` }
  if (!NAME.test(repository)) {
    const isCase = NAME.test(repository.toLowerCase())
    return {
      fault: isCase
        ? 'has upper case letters in its name'
        : `has the name ${JSON.stringify(repository)}, which is not one`,
    }
  }
  if (/^[a-f0-9]{64}$/.test(repository)) return { fault: 'has a name that reads as the identifier of an image' }
  if (repository.length > MOST_NAME) return { fault: `has a name of more than ${MOST_NAME} characters` }
  return { repository, tag, digest }
}

export const writeImage = ({ repository, tag, digest }: ImageReference): string =>
  `${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`

/** With the first digits of the digest. */
export const showReference = (reference: ImageReference): string =>
  writeImage({ ...reference, digest: reference.digest?.slice(0, 'sha256:'.length + 12) })
