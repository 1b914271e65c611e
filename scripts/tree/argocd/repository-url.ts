// Says when two URLs of Git repositories mean the same one.

/**
 * One spelling for the many of a repository: no scheme, user, port of ssh, `.git` or trailing slash; in lower case, as
 * Argo CD compares them.
 */
export function normalizeRepositoryUrl(url: string): string {
  return url
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):(?:22\/)?(?!\d+\/)/, '$1/')
    .replace(/^([^/:]+):22\//, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/\/{2,}/g, '/')
}
