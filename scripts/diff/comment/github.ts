// Asks GitHub by the gh of the runner, which knows the token, redirects and other hosts than github.com.
import { spawnSync } from 'node:child_process'
import { Problem } from '../../command/problem.ts'

export interface Request {
  readonly method?: 'POST' | 'PATCH'
  readonly body?: unknown
}

/** The bytes of an answer. Throws a Problem where GitHub says no, or says too much. */
export type Ask = (path: string, request?: Request) => Buffer

const MOST_BYTES = 8 * 1024 * 1024

export const askGitHub: Ask = (path, { method, body } = {}) => {
  const more = method ? ['--method', method, '--input', '-'] : []
  const { error, status, stdout, stderr } = spawnSync('gh', ['api', path, ...more], {
    ...(body === undefined ? {} : { input: JSON.stringify(body) }),
    maxBuffer: MOST_BYTES,
    timeout: 60_000,
  })
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOENT') throw new Problem('gh is not installed', { exitCode: 2 })
  if (code === 'ENOBUFS') throw new Problem(`GitHub answers ${path} with more than ${MOST_BYTES} bytes`)
  if (error || status !== 0) {
    throw new Problem(`GitHub does not answer ${path}: ${stderr?.toString('utf8').trim() || error?.message}`)
  }
  return stdout
}
