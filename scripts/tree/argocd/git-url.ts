// Compares repository URLs as Argo CD's projects do: by a spelling of their own, which is stricter than being the same.

/** Lower case, without blanks, `.git` and the scheme of ssh; empty for what Go cannot parse as a URL. */
export function normalizeGitUrl(url: string): string {
  let repository = url.trim().toLowerCase()
  if (/^(?:ssh:\/\/)?[^/:]*?@[^@]+$/.test(repository) && !repository.startsWith('ssh://')) {
    repository = `ssh://${repository.replace(':', '/')}`
  }
  repository = repository.replace(/\.git$/, '')
  return isGoUrl(repository) ? printGoUrl(repository).replace(/^ssh:\/\//, '') : ''
}

/** What Go's `url.Parse` takes, as far as it matters for repositories. */
function isGoUrl(url: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses exactly these.
  if (/[\u0000-\u001f\u007f]/.test(url)) return false
  if (/%(?![0-9a-f]{2})/i.test(url)) return false
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]
  if (scheme === undefined) {
    if (url.startsWith(':')) return false
    const first = url.split('/')[0] ?? ''
    return !first.includes(':')
  }
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
  if (authority === undefined) return true
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (/[[\]]/.test(host) && !/^\[[^\][]*\](?::[0-9]*)?$/.test(host)) return false
  if (/[ <>"\\^`{|}]/.test(host) && !/^[^ ]*$/.test(host)) return false
  return /^[^:]*(?::[0-9]*)?$/.test(host) || host.startsWith('[')
}

/** Go prints a path with the characters escaped that it would escape itself; `*`, `!` and the like stay. */
function printGoUrl(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(.*)$/is.exec(url)
  if (!match) return url
  const [, authority = '', path = '', rest = ''] = match
  return `${authority}${printPath(path)}${rest}`
}

function printPath(path: string): string {
  const isKept = /^(?:[A-Za-z0-9$&+,/:;=@\-_.~!'()*[\]]|%[0-9a-fA-F]{2})*$/.test(path)
  if (isKept) return path
  let plain: string
  try {
    plain = decodeURIComponent(path)
  } catch {
    return path
  }
  return [...plain]
    .map(character => (/^[A-Za-z0-9$&+,/:;=@\-_.~]$/.test(character) ? character : encode(character)))
    .join('')
}

const encode = (character: string): string =>
  [...new TextEncoder().encode(character)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
