// Renders one root with the real kustomize, in a child that has no network, no home and a bounded life.
import { spawn } from 'node:child_process'
import type { KubernetesObject, Value } from '../../model/resource.ts'
import { LIMITS } from '../../source/limits.ts'
import { parseText } from '../../source/yaml/parse.ts'
import type { Kustomize } from './binary.ts'

export type Rendering = { readonly resources: readonly KubernetesObject[] } | { readonly error: string }

/** Resolves to the resources, or to what kustomize said; rejects only when kustomize cannot be started. */
export async function render(kustomize: Kustomize, folder: string, home: string): Promise<Rendering> {
  const { code, stdout, stderr, overrun } = await run(kustomize, folder, home)
  if (overrun) return { error: overrun }
  if (code !== 0) return { error: stderr.trim() || `kustomize ended with code ${code}` }
  const { documents, fault } = parseText(stdout, 'rendered')
  if (fault) return { error: `kustomize printed what cannot be read: ${fault.message}` }
  return { resources: documents.filter(isObject) }
}

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly overrun?: string
}

function run(kustomize: Kustomize, folder: string, home: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(kustomize.command, [...kustomize.arguments, folder], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      // No PATH: there is no git to fetch with. The collector runs late, which saves a sixth of the time.
      env: { HOME: home, XDG_CONFIG_HOME: home, KUSTOMIZE_PLUGIN_HOME: home, GOGC: '400', GOMEMLIMIT: '1GiB' },
    })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let bytes = 0
    let overrun: string | undefined
    const stop = (reason: string): void => {
      overrun ??= reason
      child.kill('SIGKILL')
    }
    const timer = setTimeout(
      () => stop(`the build took more than ${LIMITS.renderMilliseconds / 1000} s`),
      LIMITS.renderMilliseconds,
    )
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > LIMITS.renderBytes) stop(`the build printed more than ${LIMITS.renderBytes} bytes`)
      else into.push(chunk)
    }
    child.stdout.on('data', collect(output))
    child.stderr.on('data', collect(errors))
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', code => {
      clearTimeout(timer)
      const stdout = Buffer.concat(output).toString('utf8')
      const stderr = Buffer.concat(errors).toString('utf8')
      resolve({ code, stdout, stderr, ...(overrun === undefined ? {} : { overrun }) })
    })
  })
}

function isObject(value: Value): value is KubernetesObject & Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
