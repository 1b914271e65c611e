// Reads image references as people and builds write them, and writes them short.
import { usageProblem } from '../../command/problem.ts'
import { COMPONENT, HOST, type ImageReference, parseImageReference } from '../../tree/model/image-reference.ts'
import type { Image } from '../text/kustomization/images.ts'

const REGISTRY = new RegExp(`^(${HOST})((?:/${COMPONENT})*)$`)

/** Throws a Problem for what is not a reference, and for one that does not say which image of the repository. */
export function parseImage(text: string): ImageReference {
  const parsed = parseImageReference(text)
  if ('fault' in parsed) {
    const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text)
    throw usageProblem(`${shown} is not an image: it ${parsed.fault}. Write registry/name:tag@sha256:...`)
  }
  const { tag, digest } = parsed
  if (!tag && !digest) throw usageProblem(`${text} names no tag and no digest`)
  if (tag === 'latest' && !digest)
    throw usageProblem(`${text}: latest is another image tomorrow; name a version or a digest`)
  return parsed
}

/** A registry with the path below it, as `ghcr.io/acme`. Throws a Problem for anything else. */
export function parseRegistry(text: string): string {
  const [, host] = (text.length <= 300 && REGISTRY.exec(text)) || []
  if (!host) {
    throw usageProblem(
      `${JSON.stringify(text)} is not a registry: write a host and a path, as ghcr.io/acme (lower case, no https://)`,
    )
  }
  const port = /:(\d+)$/.exec(host)?.[1]
  if (port && (Number(port) < 1 || Number(port) > 65_535)) throw usageProblem(`${text}: there is no port ${port}`)
  if (!/[.:]/.test(host) && host !== 'localhost') {
    throw usageProblem(`${text} has no host: write docker.io/${text} if Docker Hub is meant`)
  }
  return text
}

/** `name:tag`, or the first digits of the digest where there is no tag. A tag that is a commit is cut as Git cuts it. */
export function describeImage({ name, newName, newTag, digest }: Image): string {
  if (newTag) return `${name}:${/^[0-9a-f]{40}$/.test(newTag) ? newTag.slice(0, 10) : newTag}`
  if (digest) return `${name}@${digest.slice(0, 'sha256:'.length + 12)}`
  return newName ?? name
}
