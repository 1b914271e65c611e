// The path of a laptop: `up` with minikube. minikube itself cannot run where these tests must, so that its commands are
// answered by a stand-in with a kind cluster behind it; scripts/cluster/provider/minikube.test.ts has what minikube said.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Checkout, createEngineCheckout } from '../stand-ins/checkout.ts'
import { PROJECT } from '../tree.ts'

const minutes = 60_000
const cluster = `laptop-${process.pid}`
let checkout: Checkout
beforeAll(() => {
  checkout = createEngineCheckout()
  cpSync(join(PROJECT, 'tests/stand-ins/minikube.sh'), join(checkout.bin, 'minikube'))
  for (const program of ['sed', 'paste', 'grep', 'tr']) checkout.link(program)
})
afterAll(() => {
  spawnSync('kind', ['delete', 'cluster', '--name', cluster], { env: checkout.env })
  checkout.remove()
})

const up = () => checkout.run('up.ts', ['--name', cluster])

test('minikube is there: it is taken, and all environments answer', { timeout: 10 * minutes }, async () => {
  const { code, stdout, stderr } = await up()
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`runs on ${cluster}:`)
  for (const name of ['dev', 'qa', 'prod'])
    expect(stdout).toMatch(new RegExp(`flask-api-${name} +Synced, Healthy +http://127\\.0\\.0\\.1:\\d+`))
})

test('a push is synced', { timeout: 5 * minutes }, () => {
  checkout.commit('Nothing new')
  const { stderr } = checkout.push('cluster')
  expect(stderr).toMatch(/remote: flask-api-dev: synced to [0-9a-f]{8} after/)
})

test('down: the profile is gone', { timeout: 5 * minutes }, async () => {
  const { stdout } = await checkout.run('down.ts', ['--name', cluster])
  expect(stdout).toBe(`Removed: minikube cluster ${cluster}, Git server, remote cluster.\n`)
  expect(checkout.ask('kind', 'get', 'clusters').split('\n')).not.toContain(cluster)
  expect(existsSync(join(checkout.root, '.cluster', cluster))).toBe(false)
})
