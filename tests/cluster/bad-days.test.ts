// What can go wrong on a real cluster: after every interruption and loss, `npm run up` goes on, and `npm run down` takes
// away what `up` made and nothing else. One story: each test leaves the cluster well for the next one.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dryRunAll } from '../../scripts/cluster/smoke/dry-run.ts'
import { listImages } from '../../scripts/cluster/argocd/manifest.ts'
import { ensureGitServer, gitUrl, stopGitServer } from '../../scripts/cluster/git/git-server.ts'
import { connect } from '../../scripts/cluster/kube/kube.ts'
import { exportCommit, readDesiredState } from '../../scripts/cluster/desired-state.ts'
import { buildImage, nameImage } from '../../scripts/cluster/image.ts'
import { kind } from '../../scripts/cluster/provider/kind.ts'
import { ensureRepository } from '../../scripts/cluster/git/repository.ts'
import { createRun } from '../../scripts/cluster/shell.ts'
import { openStore, type State } from '../../scripts/cluster/state/state.ts'
import { type Checkout, createEngineCheckout, type Ended } from '../stand-ins/checkout.ts'
import { testServerDiff } from './server-diff.ts'

const minutes = 60_000
const all = ['flask-api-dev', 'flask-api-prod', 'flask-api-qa']

let checkout: Checkout
let cluster: string
beforeAll(() => {
  checkout = createEngineCheckout()
})
afterAll(() => checkout.remove())

const ask = (program: string, ...args: readonly string[]): string => checkout.ask(program, ...args)
const removeCluster = (name: string) => spawnSync('kind', ['delete', 'cluster', '--name', name], { env: checkout.env })

const folder = () => join(checkout.root, '.cluster', cluster)
const kubectl = (...args: readonly string[]): string =>
  ask('kubectl', '--kubeconfig', join(folder(), 'kubeconfig'), '--context', `kind-${cluster}`, ...args)
const readState = (): State => JSON.parse(readFileSync(join(folder(), 'state.json'), 'utf8')) as State
const run = (script: string, ...args: readonly string[]): Promise<Ended> =>
  checkout.run(script, ['--name', cluster, ...args])
const up = (...args: readonly string[]) => run('up.ts', '--provider', 'kind', ...args)

/** `up` that has to end well. */
async function upWell(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await up(...args)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  for (const name of all) expect(stdout).toMatch(new RegExp(`${name} +Synced, Healthy +http://127\\.0\\.0\\.1:\\d+`))
  return stderr
}

/** Ctrl-C reaches the command and what it runs, as a terminal does it. */
async function interruptAt(
  step: string,
  signal: NodeJS.Signals,
  isReached: () => boolean = () => true,
): Promise<Ended> {
  const running = checkout.start('up.ts', ['--name', cluster, '--provider', 'kind'], {}, { group: true })
  await running.says(`  ${step} ...`)
  await expect.poll(isReached, { timeout: minutes, interval: 200 }).toBe(true)
  await new Promise(resolve => setTimeout(resolve, 1_000))
  process.kill(-(running.process.pid as number), signal)
  return running.ended
}

describe('a cluster that up made', () => {
  beforeAll(() => {
    cluster = `bad-days-${process.pid}`
  })
  afterAll(() => removeCluster(cluster))

  test('killed while the cluster is made: what is half made is removed, and made anew', {
    timeout: 10 * minutes,
  }, async () => {
    const step = `cluster kind-${cluster}`
    const hasNode = () => ask('docker', 'ps', '--format', '{{.Names}}').includes(cluster)
    expect((await interruptAt(step, 'SIGKILL', hasNode)).code).toBeNull()
    expect(readState().cluster).toBe('creating')
    const { code, stderr } = await interruptAt(step, 'SIGINT')
    expect(code).toBe(130)
    expect(stderr).toContain('Stopped at: ')
    expect(stderr).toContain(step)
    expect(existsSync(join(folder(), 'lock'))).toBe(false)
  })

  test.each(['image into the cluster', 'Argo CD', 'environments'])(
    'Ctrl-C at: %s',
    { timeout: 10 * minutes },
    async step => {
      const { code, stdout, stderr } = await interruptAt(step, 'SIGINT')
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
      expect(stderr).toContain(`Stopped at: ${step}. Nothing of yours is lost. \`npm run up\` goes on from here`)
      expect(existsSync(join(folder(), 'lock'))).toBe(false)
      expect(readState().cluster).toBe('created')
    },
  )

  test('killed while Argo CD is installed: the next run installs it to the end', {
    timeout: 10 * minutes,
  }, async () => {
    // As an interruption in the middle of `kubectl apply` leaves it.
    kubectl('--namespace', 'argocd', 'delete', 'deployment', 'argocd-repo-server')
    writeFileSync(join(folder(), 'state.json'), JSON.stringify({ ...readState(), argocd: 'installing' }))
    expect((await interruptAt('Argo CD', 'SIGKILL')).code).toBeNull()
    await upWell()
    expect(readState().argocd).toBe('installed')
  })

  test('up again changes nothing', { timeout: 5 * minutes }, async () => {
    const look = () =>
      kubectl(
        'get',
        'deployments,pods,services,configmaps',
        '-A',
        '-o',
        'jsonpath={range .items[*]}{.metadata.uid} {.metadata.generation}{"\\n"}{end}',
      )
    const before = look()
    const stderr = await upWell()
    expect(stderr).toContain('there already')
    expect(stderr).toContain('built before')
    expect(look()).toBe(before)
  })

  test('a rollout under load loses no request', { timeout: 5 * minutes }, async () => {
    const { code, stdout } = await run('load-test.ts', '--namespace', 'flask-api-prod', '--short')
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/one rollout +[2-9]\d{3} +0 /) })
  })

  test('a remote that is not there: said at once, and left by an empty option', { timeout: 5 * minutes }, async () => {
    const { gitUrl: url = '' } = readState()
    const wrong = await up('--repo-url', `${url}.gone`)
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain(`Argo CD cannot read ${url}.gone at main`)
    expect(wrong.stderr).toContain('repository not found')
    // It is what was asked for, until something else is.
    const again = await up()
    expect(again.code).toBe(1)
    expect(again.stderr).toContain(`As before: --repo-url ${url}.gone`)
    await upWell('--repo-url=')
    expect(readState().gitUrl).toBe(url)
    expect(await upWell()).not.toContain('As before')
  })

  test('the Git server is gone: status says so, up starts it, and a push is synced', {
    timeout: 5 * minutes,
  }, async () => {
    const { gitPort = 0, gitListen = '' } = readState()
    expect(await stopGitServer(openStore(checkout.root, cluster), gitListen, gitPort)).toBe(true)
    const status = await run('status.ts')
    expect(status.stderr).toContain('The Git server is not running')
    await upWell()
    expect(readState().gitPort).toBe(gitPort)
    const file = join(checkout.root, 'overlays/dev/kustomization.yaml')
    checkout.write(
      'overlays/dev/kustomization.yaml',
      readFileSync(file, 'utf8').replace(/(flask-api-deployment\n\s+count: )\d+/, '$12'),
    )
    checkout.commit('Give dev two replicas')
    const push = checkout.push('cluster')
    expect({ status: push.status, stderr: push.stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/remote: flask-api-dev: synced to [0-9a-f]{8} after/),
    })
  })

  test('the image is gone from the node: up loads it again', { timeout: 5 * minutes }, async () => {
    const [image = ''] = Object.values(readState().images?.builds ?? {})
    const remove = ['ctr', '--namespace', 'k8s.io', 'images', 'rm', `docker.io/library/${image}`]
    ask('docker', 'exec', `${cluster}-control-plane`, ...remove)
    kubectl('--namespace', 'flask-api-dev', 'delete', 'pods', '--all', '--wait=false')
    await expect
      .poll(
        () =>
          kubectl(
            '--namespace',
            'flask-api-dev',
            'get',
            'pods',
            '-o',
            'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}',
          ),
        {
          timeout: 60_000,
          interval: 1_000,
        },
      )
      .toMatch(/ErrImage|ImagePullBackOff/)
    const stderr = await upWell()
    expect(stderr).toContain('✓ image into the cluster')
  })

  test('the machine was restarted: up starts the node again', { timeout: 10 * minutes }, async () => {
    const { gitPort = 0, gitListen = '' } = readState()
    await stopGitServer(openStore(checkout.root, cluster), gitListen, gitPort)
    ask('docker', 'stop', `${cluster}-control-plane`)
    const status = await run('status.ts')
    expect(status.code).toBe(1)
    expect(status.stderr).toMatch(/does not answer[\s\S]*npm run up/)
    expect(await upWell()).toContain('started again')
  })

  test('a namespace that does not end: what holds it, and how to go on', { timeout: 10 * minutes }, async () => {
    const holder = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', finalizers: ['example.invalid/gone'] },
    }
    const file = join(checkout.folder, 'held.json')
    writeFileSync(file, JSON.stringify(holder))
    kubectl('--namespace', 'flask-api-qa', 'apply', '-f', file)
    kubectl('delete', 'namespace', 'flask-api-qa', '--wait=false')
    const { code, stderr } = await up()
    expect(code).toBe(1)
    expect(stderr).toContain('namespace flask-api-qa is still being deleted')
    expect(stderr).toContain('example.invalid/gone')
    expect(stderr).toContain('Remove the finalizer')
    kubectl(
      '--namespace',
      'flask-api-qa',
      'patch',
      'configmap',
      'held',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    )
    await upWell()
  })

  test('what the API server says of every manifest: nothing, a warning, or why it refuses it', {
    timeout: 5 * minutes,
  }, async () => {
    const exported = join(checkout.folder, 'refused')
    const machineRun = createRun(new AbortController().signal, checkout.env)
    await exportCommit(machineRun, join(checkout.root, '.git'), 'HEAD', exported)
    const file = join(exported, 'tree/base/service.yaml')
    const service = readFileSync(file, 'utf8')
    const tree = await readDesiredState(join(exported, 'tree'), 'HEAD')
    const kubeconfig = join(folder(), 'kubeconfig')
    const ask = async () =>
      dryRunAll(machineRun, await connect(`kind-${cluster}`, kubeconfig), kubeconfig, tree, 'flask-api-dev')
    const accepted = await ask()
    expect(accepted.dryRuns).toEqual(expect.arrayContaining(['overlays/prod', 'argocd', 'components/examples/hpa']))
    expect(accepted.warnings).toEqual([])
    const container = join(exported, 'tree/base/deployment.yaml')
    const restricted = readFileSync(container, 'utf8')
    writeFileSync(container, restricted.replace('allowPrivilegeEscalation: false', 'allowPrivilegeEscalation: true'))
    expect((await ask()).warnings.join('\n')).toMatch(/^overlays\/prod: Warning: would violate PodSecurity/m)
    writeFileSync(container, restricted)
    const refused = service.replace(/^ {2}type: .*$/m, '$&\n  sessionAffinity: Sometimes')
    expect(refused).not.toBe(service)
    writeFileSync(file, refused)
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringMatching(/^the API server refuses \d+ of \d+ folders$/),
      details: expect.stringMatching(/overlays\/prod: [\s\S]*Unsupported value: "Sometimes"/),
    })
  })

  testServerDiff(() => ({
    env: checkout.env,
    options: ['--kubeconfig', join(folder(), 'kubeconfig'), '--context', `kind-${cluster}`],
  }))

  test('down: the cluster, the Git server and the remote are gone; the rest is as it was', {
    timeout: 5 * minutes,
  }, async () => {
    const { gitPort = 0, gitListen = '' } = readState()
    const store = openStore(checkout.root, cluster)
    expect(checkout.git('remote').trim()).toBe('cluster')
    const { code, stdout } = await run('down.ts')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Removed: kind cluster ${cluster}, Git server, remote cluster.\n`,
    })
    expect(ask('kind', 'get', 'clusters').split('\n')).not.toContain(cluster)
    expect(await stopGitServer(store, gitListen, gitPort)).toBe(false)
    expect(checkout.git('remote')).toBe('')
    expect(checkout.git('status', '--porcelain')).toBe('')
    expect(existsSync(folder())).toBe(false)
    expect(existsSync(join(checkout.folder, 'home', '.kube', 'config'))).toBe(false)
  })
})

describe('a commit that does not start', () => {
  let before: string
  beforeAll(() => {
    before = checkout.git('rev-parse', 'HEAD').trim()
  })
  afterAll(() => {
    checkout.git('reset', '--quiet', '--hard', before)
  })

  test('smoke test: fails with the log of the pod, keeps the logs, deletes its cluster', {
    timeout: 10 * minutes,
  }, async () => {
    const file = 'overlays/dev/kustomization.yaml'
    const text = readFileSync(join(checkout.root, file), 'utf8')
    checkout.write(
      file,
      text.replace('- ENVIRONMENT=dev\n', '- ENVIRONMENT=dev\n      - MODEL_PATH=/nowhere/model.json\n'),
    )
    const deployment = readFileSync(join(checkout.root, 'base/deployment.yaml'), 'utf8')
    checkout.write(
      'base/deployment.yaml',
      deployment.replace(/progressDeadlineSeconds: \d+/, 'progressDeadlineSeconds: 20'),
    )
    checkout.commit('Name a model that is not there')
    const logs = join(checkout.folder, 'logs')
    const { code, stdout, stderr } = await checkout.run('smoke-test.ts', ['--logs', logs])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/the rollout of flask-api-dev\/flask-api-deployment failed: .*has timed out progressing/)
    expect(stderr).toMatch(/log of flask-api-deployment-\S+ \(flask-api-container\)[\s\S]*\/nowhere\/model\.json/)
    const [kept = ''] = readdirSync(logs)
    expect(readFileSync(join(logs, kept, 'diagnosis.txt'), 'utf8')).toContain('/nowhere/model.json')
    expect(readdirSync(join(logs, kept)).length).toBeGreaterThan(1)
    expect(ask('kind', 'get', 'clusters').split('\n')).not.toContain(kept)
  })
})

describe("somebody else's cluster", () => {
  const remote = () => openStore(join(checkout.folder, 'remote'), 'remote')
  const kubeconfig = () => join(checkout.folder, 'theirs')
  let port: number
  let listen: string
  let url: string
  const theirs = (...args: readonly string[]): string =>
    ask('kubectl', '--kubeconfig', kubeconfig(), '--context', `kind-${cluster}`, ...args)
  const runThere = (script: string, ...args: readonly string[]): Promise<Ended> =>
    checkout.run(script, args, { KUBECONFIG: kubeconfig() })
  const upThere = (...args: readonly string[]) =>
    runThere('up.ts', '--provider', 'existing', '--context', `kind-${cluster}`, '--repo-url', url, ...args)

  beforeAll(async () => {
    cluster = `theirs-${process.pid}`
    const { ARGOCD_MANIFEST: given, NODE_IMAGE, KIND_NODE_IMAGE = NODE_IMAGE } = checkout.env
    const image = KIND_NODE_IMAGE === undefined ? [] : ['--image', KIND_NODE_IMAGE]
    ask('kind', 'create', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig(), ...image, '--wait', '90s')
    const { signal } = new AbortController()
    const machineRun = createRun(signal, { ...process.env, ...checkout.env })
    const host = await kind.gitHost(machineRun, cluster)
    await ensureRepository(machineRun, remote())
    port = await ensureGitServer(remote(), host, undefined, signal)
    listen = host.listen
    url = gitUrl(host, port)
    checkout.git('-c', 'core.hooksPath=/dev/null', 'push', '--quiet', remote().repository, 'HEAD:main')
    const built = await nameImage(machineRun, join(checkout.root, '.git'), 'HEAD', [])
    await buildImage(machineRun, join(checkout.root, 'app'), built, [])
    // A file that was given names images of this engine, perhaps; those of a release are pulled.
    const manifest = given === undefined || !existsSync(given) ? '' : readFileSync(given, 'utf8')
    const there = new Set(ask('docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n'))
    const local = listImages(manifest).filter(name => there.has(name))
    ask('kind', 'load', 'docker-image', '--name', cluster, built, ...local)
    // Named in the node alone: `flask-api:v1` of this engine is the user's.
    const names = [`docker.io/library/${built}`, 'docker.io/library/flask-api:v1']
    const node = `${cluster}-control-plane`
    ask('docker', 'exec', node, 'ctr', '--namespace', 'k8s.io', 'images', 'tag', '--force', ...names)
    theirs('create', 'namespace', 'their-team')
    theirs('--namespace', 'their-team', 'create', 'configmap', 'their-settings', '--from-literal=a=b')
  }, 5 * minutes)
  afterAll(async () => {
    await stopGitServer(remote(), listen, port)
    removeCluster(cluster)
  })
  afterEach(() => {
    expect(theirs('--namespace', 'their-team', 'get', 'configmap', 'their-settings', '-o', 'jsonpath={.data.a}')).toBe(
      'b',
    )
  })

  test('an Argo CD elsewhere in the cluster: nothing of it is taken over', { timeout: 5 * minutes }, async () => {
    const names = { plural: 'applications', singular: 'application', kind: 'Application', listKind: 'ApplicationList' }
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: 'applications.argoproj.io',
        annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
      },
      spec: {
        group: 'argoproj.io',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1alpha1', served: true, storage: true, schema }],
      },
    }
    const file = join(checkout.folder, 'definition.json')
    writeFileSync(file, JSON.stringify(definition))
    theirs('apply', '-f', file)
    const look = () => theirs('get', 'crd', 'applications.argoproj.io', '-o', 'jsonpath={.metadata.generation}')
    const before = look()
    const { code, stderr } = await upThere()
    expect(code).toBe(2)
    expect(stderr).toContain('has the definitions of an Argo CD that is not in the namespace argocd')
    const down = await runThere('down.ts')
    expect({ code: down.code, stderr: down.code === 0 ? '' : down.stderr }).toEqual({ code: 0, stderr: '' })
    expect(look()).toBe(before)
    theirs('delete', '-f', file)
  })

  test('an API that was applied by hand is not taken over', { timeout: 10 * minutes }, async () => {
    theirs('apply', '-k', join(checkout.root, 'overlays/dev'))
    const { code, stderr } = await upThere()
    expect(code).toBe(2)
    expect(stderr).toContain('made by somebody else: Deployment flask-api-dev/flask-api-deployment')
    expect(theirs('get', 'applications', '-A', '-o', 'name')).toBe('')
    theirs('delete', 'namespace', 'flask-api-dev')
  })

  test('up: Argo CD and all environments, from a real remote; the context is printed', {
    timeout: 10 * minutes,
  }, async () => {
    const { code, stdout, stderr } = await upThere()
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stderr).toContain(`cluster kind-${cluster}: https://`)
    for (const name of all) expect(stdout).toMatch(new RegExp(`${name} +Synced, Healthy`))
    expect(stdout).toContain(`Argo CD follows ${url}.`)
    const uid = theirs('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')
    expect(readFileSync(join(checkout.root, '.cluster/flask-api/state.json'), 'utf8')).toContain(uid)
  })

  test('a second checkout: what is there belongs to somebody else, and stays', { timeout: 5 * minutes }, async () => {
    const before = theirs('get', 'applications,appprojects', '-A', '-o', 'jsonpath={.items[*].metadata.uid}')
    const { code, stderr } = await upThere('--name', 'second')
    expect(code).toBe(2)
    expect(stderr).toMatch(/has these already, made by somebody else: .*Application flask-api-dev/)
    expect(await runThere('down.ts', '--name', 'second')).toMatchObject({ code: 0 })
    expect(theirs('get', 'applications,appprojects', '-A', '-o', 'jsonpath={.items[*].metadata.uid}')).toBe(before)
  })

  test('an Application that others made in the Argo CD of up: down removes nothing', {
    timeout: 5 * minutes,
  }, async () => {
    const look = () => theirs('get', 'applications,appprojects', '-A', '-o', 'jsonpath={.items[*].metadata.uid}')
    const shop = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop', namespace: 'argocd' },
      spec: {
        project: 'default',
        source: { repoURL: url, path: 'base', targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'their-team' },
      },
    }
    const file = join(checkout.folder, 'shop.json')
    writeFileSync(file, JSON.stringify(shop))
    theirs('apply', '-f', file)
    const before = look()
    const { code, stderr } = await runThere('down.ts', '--force')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Application argocd/shop') })
    expect(look()).toBe(before)
    theirs('delete', '-f', file)
  })

  test('an environment that is added in Git after up is synced', { timeout: 5 * minutes }, async () => {
    const rename = (from: string, to: string, ...more: readonly [string | RegExp, string][]) => {
      const text = readFileSync(join(checkout.root, from), 'utf8').replaceAll('flask-api-dev', 'flask-api-load')
      checkout.write(
        to,
        more.reduce((rest, [old, now]) => rest.replace(old, now), text),
      )
    }
    const inCluster = { server: 'https://kubernetes.default.svc' }
    const namespaces = { group: '', kind: 'Namespace' }
    const dev = 'overlays/dev/kustomization.yaml'
    cpSync(join(checkout.root, 'overlays/dev'), join(checkout.root, 'overlays/load'), { recursive: true })
    rename(dev, 'overlays/load/kustomization.yaml', ['environment: dev', 'environment: load'])
    rename('overlays/dev/namespace.yaml', 'overlays/load/namespace.yaml')
    const inProject: [string, string] = ['project: flask-api-load', 'project: flask-api-dev']
    rename('apps/dev.yaml', 'apps/load.yaml', ['overlays/dev', 'overlays/load'], inProject)
    // An administrator lets dev's project have it: what is merged cannot.
    const widened = [
      { op: 'add', path: '/spec/destinations/-', value: { ...inCluster, namespace: 'flask-api-load' } },
      { op: 'add', path: '/spec/clusterResourceWhitelist/-', value: { ...namespaces, name: 'flask-api-load' } },
    ]
    theirs('-n', 'argocd', 'patch', 'appproject', 'flask-api-dev', '--type', 'json', '-p', JSON.stringify(widened))
    rename('apps/kustomization.yaml', 'apps/kustomization.yaml', ['  - dev.yaml', '  - dev.yaml\n  - load.yaml'])
    const repository = 'argocd/repository/repository.yaml'
    rename(repository, repository, [/^ {2}url: \S+$/m, `  url: ${url}`])
    checkout.commit('Add an environment')
    checkout.git('-c', 'core.hooksPath=/dev/null', 'push', '--quiet', remote().repository, 'HEAD:main')
    theirs('-n', 'argocd', 'annotate', 'application', 'root', 'argocd.argoproj.io/refresh=normal')
    const status = () => theirs('-n', 'argocd', 'get', 'applications', '-o', 'jsonpath={.items[*].metadata.name}')
    await expect.poll(status, { timeout: 2 * minutes, interval: 500 }).toContain('flask-api-load')
    const workloads = () => theirs('-n', 'flask-api-load', 'get', 'deployments', '--ignore-not-found', '-o', 'name')
    await expect.poll(workloads, { timeout: 2 * minutes, interval: 500 }).toContain('flask-api-deployment')
  })

  test('down: what up made is gone, and nothing else', { timeout: 5 * minutes }, async () => {
    const state = join(checkout.root, '.cluster/flask-api/state.json')
    const before = readFileSync(state, 'utf8')
    const { code, stdout, stderr } = await runThere('down.ts')
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Removed: Applications, Argo CD, namespace /)
    expect(stderr).toContain('The namespace flask-api-load of flask-api-load')
    const namespaces = theirs('get', 'namespaces', '-o', 'jsonpath={.items[*].metadata.name}').split(' ')
    expect(namespaces).toContain('their-team')
    expect(namespaces.filter(name => name.startsWith('flask-api') || name === 'argocd')).toEqual(['flask-api-load'])
    expect(theirs('-n', 'flask-api-load', 'get', 'deployments,services,pods', '-o', 'name')).toBe('')
    expect(theirs('get', 'crds', '-o', 'name')).toBe('')
    // Stopped just before its end, it would find this: the next one goes on from there.
    checkout.write('.cluster/flask-api/state.json', before)
    const again = await runThere('down.ts')
    expect({ code: again.code, stderr: again.code === 0 ? '' : again.stderr }).toEqual({ code: 0, stderr: '' })
    expect(existsSync(state)).toBe(false)
  })
})
