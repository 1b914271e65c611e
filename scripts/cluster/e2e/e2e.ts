// The loop as a test: brings the commit up on a cluster of its own and holds every promise of GitOps against it.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectlArgs } from '../kube/kube.ts'
import { bringUp, type UpOptions, type UpResult } from '../up/bring-up.ts'
import { diagnose, keepLogs } from '../kube/diagnostics.ts'
import { startProber } from './prober.ts'
import { type Step, steps } from './steps.ts'
import { dev, expect, prod, takeFingerprint, type World } from './world.ts'
import { messageOf, Problem, usageProblem } from '../../command/problem.ts'
import { formatSeconds } from '../../command/progress.ts'
import { branch, quietHook, readHead } from '../git/repository.ts'
import { createRun, type Run } from '../shell.ts'
import { openStore, type Store } from '../state/state.ts'
import { takeDown } from '../down/take-down.ts'

export interface E2eOptions
  extends Pick<UpOptions, 'root' | 'nodeImage' | 'argocdManifest' | 'buildArgs' | 'signal' | 'progress'> {
  readonly name: string
  readonly logs: string
  readonly keep: boolean
  /** Receives a line as each step ends. */
  report(line: string): void
}

export interface E2eResult {
  readonly passed: number
  readonly failed: number
}

export async function runE2e(options: E2eOptions): Promise<E2eResult> {
  const { root, name, signal, progress } = options
  const run = createRun(signal)
  const store = openStore(root, name)
  const tally = createTally(options.report)
  // Also held between two steps: what another command makes of this cluster is not ours to delete.
  const unlock = store.lock()
  try {
    requireTestCluster(store, name)
  } catch (error) {
    unlock()
    throw error
  }
  const folder = mkdtempSync(join(tmpdir(), 'flask-api-e2e-'))
  const checkout = join(folder, 'checkout')
  try {
    const head = await cloneCommit(run, root, checkout)
    await rewind(run, checkout, store)
    const upOptions = {
      ...options,
      root: checkout,
      stateRoot: root,
      provider: 'kind',
      remote: 'cluster',
      purpose: 'e2e',
    } as const
    const up = await tally.step('up', 'a cluster with everything on it', note => {
      note(head.slice(0, 12))
      return bringUp(upOptions)
    })
    if (up !== undefined) await runSteps({ ...options, run, checkout, up, tally, again: () => bringUp(upOptions) })
    return tally.result()
  } finally {
    if (tally.result().failed > 0 && !signal.aborted) await keepLogs(name, options.logs, progress)
    if (!options.keep) {
      const end = AbortSignal.timeout(120_000)
      await takeDown({ root: checkout, stateRoot: root, name, force: true, signal: end, progress }).catch(
        (error: unknown) => {
          progress.warn(`the cluster ${name} could not be removed: ${messageOf(error)}`)
        },
      )
    }
    unlock()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The test rewrites the history that its cluster follows, and deletes it at the end: never one that is the user's. */
function requireTestCluster(store: Store, name: string): void {
  const state = store.read()
  if (state === undefined || state.purpose === 'e2e') return
  throw usageProblem(
    `${name} was made by \`npm run up\`, and is not for this test`,
    'Choose another name: --name NAME.',
  )
}

interface Work extends E2eOptions {
  readonly run: Run
  readonly checkout: string
  readonly up: UpResult
  readonly tally: Tally
  again(): Promise<UpResult>
}

async function runSteps(work: Work): Promise<void> {
  const { up, tally, run, checkout, signal, name } = work
  const urlOf = (namespace: string) => {
    const url = up.environments.find(one => one.namespace === namespace)?.url
    if (url === undefined) throw new Problem(`no address of ${namespace} is reachable from here`)
    return url
  }
  const prober = startProber(urlOf(dev.namespace), 200, signal)
  const prodProber = startProber(urlOf(prod.namespace), 500, signal)
  try {
    const kubectl = kubectlArgs(up.kube, up.store.kubeconfig)
    const world: World = { run, kube: up.kube, checkout, up, cluster: name, kubectl, signal, prober, note: () => {} }
    const before = await takeFingerprint(world, prod.namespace)
    const notRun = (id: string, title: string) =>
      tally.fail(id, title, 'not run: an earlier step failed, so dev is not in the state that this one starts from')
    const whole = await runInOrder(
      steps,
      step => runStep(work, world, step),
      ({ id, title }) => notRun(id, title),
    )
    await tally.step('g', 'prod is untouched by all of it', async note => {
      const after = await takeFingerprint(world, prod.namespace)
      const changed = after.filter(line => !before.includes(line)).concat(before.filter(line => !after.includes(line)))
      const { calls, failures } = prodProber.take()
      note(`${calls} calls, ${failures.length} failed`)
      expect(changed.length === 0, `prod changed: ${changed.join('; ')}`)
      expect(
        failures.length === 0,
        `${failures.length} of ${calls} calls of prod failed: ${failures.slice(0, 3).join('; ')}`,
      )
    })
    const upAgain = ['up again', 'changes nothing'] as const
    if (!whole) return notRun(...upAgain)
    await tally.step(...upAgain, async () => {
      const first = [
        ...(await takeFingerprint(world, dev.namespace)),
        ...(await takeFingerprint(world, prod.namespace)),
      ]
      await work.again()
      const second = [
        ...(await takeFingerprint(world, dev.namespace)),
        ...(await takeFingerprint(world, prod.namespace)),
      ]
      expect(
        first.join('\n') === second.join('\n'),
        `up changed something: ${second.filter(line => !first.includes(line)).join('; ')}`,
      )
    })
  } finally {
    await Promise.all([prober.stop(), prodProber.stop()])
  }
}

/**
 * Each step starts from what the one before made of dev. After one has failed, only those that do not look at dev can be
 * judged. Returns whether dev is still as the steps make it.
 */
export async function runInOrder(
  all: readonly Step[],
  run: (step: Step) => Promise<boolean>,
  skip: (step: Step) => void,
): Promise<boolean> {
  let whole = true
  for (const step of all) {
    if (step.standsAlone) await run(step)
    else if (whole) whole = await run(step)
    else skip(step)
  }
  return whole
}

/** Returns whether it passed; says after a failure what the cluster tells about it. */
async function runStep(work: Work, world: World, step: Step): Promise<boolean> {
  const passed = await work.tally.step(step.id, step.title, async note => {
    await step.run({ ...world, note })
    return true
  })
  if (passed === true) return true
  const details = await diagnose(world.kube, [dev.namespace])
  work.report(details.replace(/^/gm, '        '))
  mkdirSync(work.logs, { recursive: true })
  writeFileSync(join(work.logs, `e2e-${step.id}.txt`), `${details}\n`)
  return false
}

/** A clone on the branch that is pushed: the user's checkout, its config and its remotes stay as they are. */
async function cloneCommit(run: Run, root: string, checkout: string): Promise<string> {
  const head = await readHead(run, root)
  await run('git', ['clone', '--quiet', '--no-checkout', '--no-hardlinks', root, checkout])
  await run('git', ['checkout', '--quiet', '-B', branch, head], { cwd: checkout })
  // Nobody's settings: no key is there to sign with, and no hook has a say.
  await run('git', ['config', 'commit.gpgSign', 'false'], { cwd: checkout })
  await run('git', ['config', 'core.hooksPath', '/dev/null'], { cwd: checkout })
  await run('git', ['config', 'user.name', 'e2e'], { cwd: checkout })
  await run('git', ['config', 'user.email', 'e2e@example.invalid'], { cwd: checkout })
  return head
}

/** A kept cluster of an earlier run follows the commits of that run. */
async function rewind(run: Run, checkout: string, store: Store): Promise<void> {
  if (!existsSync(join(store.repository, 'HEAD'))) return
  await run('git', ['push', '--quiet', '--force', store.repository, `HEAD:refs/heads/${branch}`], {
    cwd: checkout,
    env: { [quietHook]: '1' },
  })
}

interface Tally {
  step<T>(id: string, title: string, run: (note: (text: string) => void) => Promise<T>): Promise<T | undefined>
  fail(id: string, title: string, why: string): void
  result(): E2eResult
}

function createTally(report: (line: string) => void): Tally {
  let passed = 0
  let failed = 0
  const line = (mark: string, seconds: number, id: string, title: string, note: string) =>
    report(`${mark.padEnd(4)} ${formatSeconds(seconds).padStart(12)}  (${id}) ${title}${note ? `: ${note}` : ''}`)
  return {
    async step(id, title, run) {
      const started = performance.now()
      let noted = ''
      const seconds = () => (performance.now() - started) / 1000
      try {
        const result = await run(text => {
          noted = text
        })
        passed++
        line('ok', seconds(), id, title, noted)
        return result
      } catch (error) {
        if (error instanceof Problem && error.exitCode !== 1) throw error
        failed++
        line('FAIL', seconds(), id, title, messageOf(error))
        if (error instanceof Problem && error.details) report(error.details.replace(/^/gm, '        '))
        return undefined
      }
    },
    fail(id, title, why) {
      failed++
      line('FAIL', 0, id, title, why)
    },
    result: () => ({ passed, failed }),
  }
}
