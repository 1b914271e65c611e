// One cluster of `npm run up` for all of tests/live: each test changes it by commits, as a user would, and takes them back.
import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { createEngineCheckout } from '../stand-ins/checkout.ts'

export interface LiveCluster {
  readonly name: string
  /** The checkout, with the remote `cluster`. */
  readonly root: string
  /** Of the made-up machine: for what a test writes beside the checkout. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    live: LiveCluster
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const checkout = createEngineCheckout()
  const name = `live-${process.pid}`
  const remove = () => {
    spawnSync('kind', ['delete', 'cluster', '--name', name], { env: checkout.env })
    checkout.remove()
  }
  const { code, stderr } = await checkout.run('up.ts', ['--name', name, '--provider', 'kind'])
  if (code !== 0) {
    remove()
    throw new Error(`up ended with ${code}:\n${stderr}`)
  }
  const { root, folder, env } = checkout
  project.provide('live', { name, root, folder, env })
  return async () => {
    await checkout.run('down.ts', ['--name', name, '--force'])
    remove()
  }
}
