// Says whether a clone has what its remote has: what is decided by history must not be decided by half of it.
import { Problem } from '../../command/problem.ts'
import { line } from './git.ts'

/** Throws where the clone does not have what the remote has: the newest release may not be here. Returns what cannot be known. */
export function requireCurrent(root: string, branch: string | undefined): string | undefined {
  const upstream =
    branch && line(root, ['rev-parse', '--abbrev-ref', '--symbolic-full-name', `${branch}@{upstream}`], [128])
  const [, remote = '', name = ''] = /^([^/]+)\/(.+)$/.exec(upstream ?? '') ?? []
  if (!remote) return undefined
  let tip: string | undefined
  try {
    tip = /^[0-9a-f]+/.exec(line(root, ['ls-remote', '--heads', remote, `refs/heads/${name}`]))?.[0]
  } catch (error) {
    if (error instanceof Problem)
      return `${remote} cannot be asked whether it has newer commits: ${error.details.split('\n')[0]}`
    throw error
  }
  if (
    !tip ||
    (line(root, ['rev-list', '--max-count=1', tip, '--not', 'HEAD'], [128]) === '' &&
      line(root, ['cat-file', '-t', tip], [128]) === 'commit')
  )
    return undefined
  throw new Problem(`this clone is behind ${upstream}: the last release may not be here`, { advice: ['git pull'] })
}
