// Builds the image of a commit's app/ under a tag that its content decides, so that an unchanged app is never built or rolled out again.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, Problem } from '../command/problem.ts'
import type { Run } from './shell.ts'

export const imageRepository = 'flask-api'

/** Build arguments that docker hands over from the environment by itself or that pip reads: taken along where they are set. */
const passedOn = ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_TRUSTED_HOST', 'PYTHON_IMAGE'] as const

/** `flask-api:git-<tree of app/>`: the same content and build arguments have the same tag on every machine. */
export async function nameImage(
  run: Run,
  gitDir: string,
  commit: string,
  buildArgs: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const tree = await run.ask('git', ['--git-dir', gitDir, 'rev-parse', '--verify', '--quiet', `${commit}:app`])
  if (!tree.ok) throw new Problem(`commit ${commit.slice(0, 12)} has no app/ folder`, { exitCode: 2 })
  // Where packages come from does not change what they are: the lock file has their hashes.
  const passed = passedOn.filter(name => !name.startsWith('PIP_') && env[name] !== undefined)
  const pairs = [...buildArgs, ...passed].map(arg => (arg.includes('=') ? arg : `${arg}=${env[arg] ?? ''}`))
  const args = pairs.length === 0 ? '' : `-${createHash('sha256').update(pairs.join('\0')).digest('hex').slice(0, 6)}`
  return `${imageRepository}:git-${tree.stdout.trim().slice(0, 12)}${args}`
}

export async function hasImage(run: Run, reference: string): Promise<boolean> {
  return (await run.ask('docker', ['image', 'inspect', '--format', '{{.Id}}', reference])).ok
}

/** Milliseconds. */
const buildTimeout = 600_000

/** Builds `folder` (an exported app/) unless the engine has the image; returns whether it was built. */
export async function buildImage(
  run: Run,
  folder: string,
  reference: string,
  buildArgs: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  if (await hasImage(run, reference)) return false
  if (!existsSync(join(folder, 'Dockerfile'))) throw new Problem('app/ has no Dockerfile', { exitCode: 2 })
  const given = new Set(buildArgs.map(argument => argument.split('=', 1)[0]))
  const args = [...buildArgs, ...passedOn.filter(name => env[name] !== undefined && !given.has(name))]
  const options = ['--quiet', '--tag', reference, ...args.flatMap(argument => ['--build-arg', argument])]
  const build = await run.ask('docker', ['build', ...options, folder], {
    timeout: buildTimeout,
    env: { DOCKER_BUILDKIT: '1' },
  })
  if (build.ok) return true
  const ended = build.exitCode === null ? `stopped after ${buildTimeout / 1000} s` : `exit code ${build.exitCode}`
  // The command line stays out: a build argument may be a secret.
  throw new Problem(`the image of app/ could not be built (docker build: ${ended})`, {
    details: lastLines(build.stderr || build.stdout, 30),
    advice: ['Correct app/ and commit (`git commit --amend` is fine), then run this again.'],
  })
}
