// The promises of the loop, one step each: what is committed happens, what is not committed does not last.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSettled, readApplication, refresh } from '../argocd/applications.ts'
import { isPodReady } from '../kube/diagnostics.ts'
import { killContainer } from '../kube/kill-container.ts'
import { apply, type KubeObject, kinds, read, remove } from '../kube/kube.ts'
import { names } from '../desired-state.ts'
import { formatSeconds } from '../../command/progress.ts'
import { waitForAbsence } from '../kube/rollout.ts'
import { watchUntil } from '../kube/watch.ts'
import {
  commit,
  dev,
  edit,
  expect,
  hasReplicas,
  kubectl,
  listPods,
  push,
  replicasOf,
  viewPod,
  waitForDeployment,
  waitForDev,
  waitForPods,
  type World,
} from './world.ts'

export interface Step {
  readonly id: string
  readonly title: string
  /** Looks at nothing that an earlier step made of dev. */
  readonly standsAlone?: true
  run(world: World): Promise<void>
}

/** The promise of `git push cluster`. */
const syncPromise = 15_000
/** progressDeadlineSeconds while an image is bad: after it, Argo CD says Degraded. The base gives a rollout more time. */
const progressDeadline = 30
const degradedWait = 120_000

const kustomization = `${dev.overlay}/kustomization.yaml`

const scaleByCommit: Step = {
  id: 'a',
  title: 'a commit of replicas 1 -> 5 is synced without a hand on it',
  async run(world) {
    const before = await waitForDeployment(world, 60_000, 'dev does not start with 1 replica', hasReplicas(1))
    edit(world, kustomization, text => text.replace(/(- name: flask-api-deployment\n\s+count: )1\b/, '$15'))
    const revision = await commit(world, 'Scale dev to 5')
    const started = performance.now()
    const pushed = push(world)
    await waitForDev(
      world,
      60_000,
      `dev was not synced to ${revision}`,
      status => status.revision === revision && status.sync === 'Synced',
    )
    const synced = performance.now() - started
    await pushed
    const after = await waitForDeployment(world, 90_000, 'dev did not get 5 ready replicas', hasReplicas(5))
    world.note(`synced ${formatSeconds(synced / 1000)} after the push`)
    expect(synced <= syncPromise, `synced after ${formatSeconds(synced / 1000)}, promised are ${syncPromise / 1000} s`)
    // Scaled, not made anew.
    expect(
      before.metadata.uid !== undefined && after.metadata.uid === before.metadata.uid,
      `the Deployment was replaced: ${before.metadata.uid} became ${after.metadata.uid}`,
    )
  },
}

const healScale: Step = {
  id: 'b',
  title: 'kubectl scale to 3 is put back to 5',
  async run(world) {
    const before = await waitForDeployment(world, 60_000, 'dev has not 5 replicas', hasReplicas(5))
    const started = performance.now()
    await kubectl(world, '--namespace', dev.namespace, 'scale', 'deployment', names.deployment, '--replicas=3')
    // Two changes of the spec: the hand's and Argo CD's.
    const generation = (before.metadata.generation ?? 0) + 2
    await waitForDeployment(world, 60_000, 'the number of replicas was not put back', deployment => {
      return replicasOf(deployment) === 5 && (deployment.metadata.generation ?? 0) >= generation
    })
    world.note(`put back ${formatSeconds((performance.now() - started) / 1000)} after the change`)
    await waitForDeployment(world, 90_000, 'dev did not get its 5 replicas back', hasReplicas(5))
    await waitForDev(
      world,
      60_000,
      'dev was not Healthy',
      status => status.sync === 'Synced' && status.health === 'Healthy',
    )
  },
}

const replacePods: Step = {
  id: 'c',
  title: 'a deleted pod and a killed process are replaced',
  async run(world) {
    const [first, second] = await waitForPods(world, 5)
    expect(first !== undefined && second !== undefined, 'dev has fewer than two pods')
    await kubectl(world, '--namespace', dev.namespace, 'delete', 'pod', first.name, '--wait=false')
    await killContainer(world.run, `${world.cluster}-control-plane`, second.containerId)
    const wait = { timeout: 120_000, signal: world.signal, unmet: 'the pods were not replaced' }
    await watchUntil(world.kube, { kind: kinds.pod, namespace: dev.namespace }, wait, pods => {
      const ready = pods.filter(pod => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined)
      const views = ready.map(viewPod)
      const restarted = views.some(({ uid, restarts }) => uid === second.uid && restarts > second.restarts)
      return ready.length === 5 && pods.every(pod => pod.metadata.uid !== first.uid) && restarted ? true : undefined
    })
    await waitForDeployment(world, 60_000, 'dev has not 5 ready replicas', hasReplicas(5))
  },
}

const prune: Step = {
  id: 'd',
  title: 'a resource removed from Git is pruned',
  async run(world) {
    const name = 'pruned-by-e2e'
    const file = join(world.checkout, dev.overlay, `${name}.yaml`)
    writeFileSync(file, `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  here: 'yes'\n`)
    edit(world, kustomization, text => text.replace(/^resources:\n/m, `resources:\n  - ${name}.yaml\n`))
    await commit(world, `Add ${name}`)
    await push(world)
    const what = { kind: kinds.configMap, namespace: dev.namespace, name }
    await watchUntil(
      world.kube,
      what,
      { timeout: 60_000, signal: world.signal, unmet: `${name} was not made` },
      objects => objects[0],
    )
    rmSync(file)
    edit(world, kustomization, text => text.replace(`  - ${name}.yaml\n`, ''))
    await commit(world, `Remove ${name}`)
    const started = performance.now()
    await push(world)
    await waitForAbsence(world.kube, what, { timeout: 60_000, signal: world.signal, unmet: `${name} was not pruned` })
    world.note(`gone ${formatSeconds((performance.now() - started) / 1000)} after the push`)
  },
}

const badImage: Step = {
  id: 'e',
  title: 'an image that does not exist: old pods keep answering, Degraded, git revert heals',
  async run(world) {
    world.prober.take()
    const before = await waitForPods(world, 5)
    edit(world, kustomization, text => text.replace(/(- name: flask-api\n\s+newTag: )\S+/, '$1does-not-exist'))
    const operation = { op: 'replace', path: '/spec/progressDeadlineSeconds', value: progressDeadline }
    const patch = { target: { kind: 'Deployment' }, patch: JSON.stringify([operation]) }
    edit(world, kustomization, text => text.replace(/^patches:\n/m, `patches:\n  - ${JSON.stringify(patch)}\n`))
    const revision = await commit(world, 'Deploy an image that does not exist')
    const started = performance.now()
    await push(world)
    await waitForDev(
      world,
      degradedWait,
      'dev did not turn Degraded',
      status => status.revision === revision && status.health === 'Degraded',
    )
    const degraded = formatSeconds((performance.now() - started) / 1000)
    const during = await listPods(world, dev.namespace)
    const kept = before.filter(({ uid }) => during.some(pod => pod.uid === uid))
    expect(kept.length === before.length, `${before.length - kept.length} of the ${before.length} old pods are gone`)
    const broken = during.filter(({ image }) => image.endsWith(':does-not-exist'))
    expect(broken.length > 0, 'no pod of the new image was even tried')
    await world.run('git', ['revert', '--no-edit', 'HEAD'], { cwd: world.checkout })
    const healed = await commitOf(world)
    const reverted = performance.now()
    await push(world)
    await waitForDev(world, 120_000, 'git revert did not heal dev', isSettled(healed))
    await waitForDeployment(world, 60_000, 'dev has not 5 ready replicas', hasReplicas(5))
    const { calls, failures } = world.prober.take()
    world.note(
      `Degraded after ${degraded}, healed in ${formatSeconds((performance.now() - reverted) / 1000)}, ${calls} calls, ${failures.length} failed`,
    )
    expect(calls > 20, `only ${calls} calls were made meanwhile`)
    expect(failures.length === 0, `${failures.length} of ${calls} calls failed: ${failures.slice(0, 3).join('; ')}`)
  },
}

async function commitOf(world: World): Promise<string> {
  return (await world.run('git', ['rev-parse', 'HEAD'], { cwd: world.checkout })).trim()
}

const refuseForeign: Step = {
  id: 'f',
  title: 'a foreign repository, namespace or kind is refused by the project',
  standsAlone: true,
  async run(world) {
    const url = world.up.state.gitUrl ?? ''
    const folder = join(world.checkout, 'e2e-foreign-kind')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'role.yaml'),
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: e2e-foreign}\nrules: []\n',
    )
    await commit(world, 'Add a kind that the project does not permit')
    await push(world)
    const cases = [
      {
        name: 'e2e-foreign-repository',
        repoURL: 'https://git.example.invalid/other.git',
        path: dev.overlay,
        namespace: dev.namespace,
        says: /repo .* is not permitted in project/,
      },
      {
        name: 'e2e-foreign-namespace',
        repoURL: url,
        path: dev.overlay,
        namespace: 'kube-system',
        says: /destination .* do(es)? not match any of the allowed destinations/,
      },
      {
        name: 'e2e-foreign-environment',
        repoURL: url,
        path: dev.overlay,
        namespace: `${names.projects}prod`,
        says: /destination .* do(es)? not match any of the allowed destinations/,
      },
      {
        name: 'e2e-foreign-kind',
        repoURL: url,
        path: 'e2e-foreign-kind',
        namespace: dev.namespace,
        says: /is not permitted in project/,
      },
    ]
    try {
      for (const one of cases) await apply(world.kube, composeApplication(one), 'flask-api-e2e')
      await refresh(
        world.kube,
        cases.map(({ name }) => name),
      )
      const wait = { timeout: 90_000, signal: world.signal, unmet: 'not every Application was refused' }
      await watchUntil(world.kube, { kind: kinds.application, namespace: names.namespace }, wait, objects => {
        const statuses = objects.map(readApplication)
        return cases.every(({ name, says }) =>
          statuses.find(status => status.name === name)?.messages.some(message => says.test(message)),
        )
          ? true
          : undefined
      })
      const role = await read(
        world.kube,
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles' },
        'e2e-foreign',
        dev.namespace,
      )
      expect(role === undefined, 'the Role was made although the project does not permit it')
      const stray = await read(world.kube, kinds.deployment, names.deployment, 'kube-system')
      expect(stray === undefined, 'a Deployment was made in kube-system')
    } finally {
      for (const one of cases) await remove(world.kube, composeApplication(one))
    }
    rmSync(folder, { recursive: true })
    await commit(world, 'Remove it')
    await push(world)
  },
}

function composeApplication({
  name,
  repoURL,
  path,
  namespace,
}: {
  name: string
  repoURL: string
  path: string
  namespace: string
}): KubeObject {
  return {
    apiVersion: kinds.application.apiVersion,
    kind: kinds.application.kind,
    metadata: { name, namespace: names.namespace },
    spec: {
      project: `${names.projects}dev`,
      source: { repoURL, path, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: { automated: {} },
    },
  }
}

export const steps: readonly Step[] = [scaleByCommit, healScale, replacePods, prune, badImage, refuseForeign]
