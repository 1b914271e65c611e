// What can go wrong before there is a cluster: a clear message, a way forward, nothing of the user's lost. Real commands,
// on a machine whose docker, kind and minikube are stand-ins. What needs a cluster is in tests/cluster.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kinds } from '../scripts/cluster/kube/kube.ts'
import { startApiServer as keepObjects } from './stand-ins/api-server.ts'
import { findFreePort } from '../scripts/cluster/ports.ts'
import { type Checkout, createCheckout } from './stand-ins/checkout.ts'
import type { Answer } from './stand-ins/machine.ts'

let checkout: Checkout
const closing: (() => void)[] = []
beforeEach(() => {
  checkout = createCheckout()
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
  expect(checkout.unexpected()).toEqual([])
  checkout.remove()
})

const dockerRuns: Answer = { call: '^docker version', stdout: '29.0.1\n' }
const imageIsThere: Answer = { call: '^docker image inspect', stdout: 'sha256:0123\n' }
const noClusters: Answer = { call: '^kind get clusters', stderr: 'No kind clusters found.\n' }
const manifest = 'argocd.yaml'

/** Docker, kind and an image that is built: everything up to the cluster works. */
function haveKind(...answers: readonly Answer[]): void {
  checkout.standIn(['docker', 'kind'], [...answers, dockerRuns, imageIsThere, noClusters])
  writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
}

const up = (...args: readonly string[]) =>
  checkout.run('up.ts', ['--argocd-manifest', join(checkout.folder, manifest), ...args])

const created = (): readonly string[] => checkout.calls().filter(call => / (create|start|delete|load) /.test(call))
const readState = (): { cluster: string } =>
  JSON.parse(readFileSync(join(checkout.root, '.cluster/flask-api/state.json'), 'utf8')) as { cluster: string }

async function listen(server: Server | ReturnType<typeof createServer>, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** An API server that answers everything in the same way, and the requests it got. */
async function startApiServer(status: number): Promise<{ readonly url: string; readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = createHttpServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason: 'No' }))
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, requests }
}

/** A kubeconfig whose current context is the first one. */
function writeKubeconfig(servers: Readonly<Record<string, string>>): void {
  const folder = join(checkout.folder, 'home', '.kube')
  mkdirSync(folder, { recursive: true })
  const names = Object.keys(servers)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    clusters: names.map(name => ({ name, cluster: { server: servers[name], 'insecure-skip-tls-verify': true } })),
    users: names.map(name => ({ name, user: { token: 'secret' } })),
    contexts: names.map(name => ({ name, context: { cluster: name, user: name } })),
  }
  writeFileSync(join(folder, 'config'), JSON.stringify(config))
}

describe('programs', () => {
  test('neither minikube nor kind', async () => {
    const { code, stderr, stdout } = await up()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('neither minikube nor kind was found on PATH')
    expect(stderr).toContain('https://kind.sigs.k8s.io')
    expect(stderr).toContain('--provider existing --context NAME')
  })

  test('no Docker: said at once, with where to get it', async () => {
    checkout.standIn(['kind'], [])
    const { code, stderr } = await up()
    expect(code).toBe(2)
    expect(stderr).toContain('not found on PATH: docker')
    expect(stderr).toContain('https://docs.docker.com/get-docker')
  })

  test('minikube is asked for and missing: kind is not taken instead', async () => {
    haveKind()
    const { code, stderr } = await up('--provider', 'minikube')
    expect(code).toBe(2)
    expect(stderr).toContain('not found on PATH: minikube')
    expect(checkout.calls()).toEqual([])
  })

  test('Docker is off', async () => {
    const off = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n'
    haveKind({ call: '^docker version', exit: 1, stderr: off })
    for (const script of ['up.ts', 'smoke-test.ts', 'e2e.ts']) {
      const { code, stderr } = await checkout.run(script, [])
      expect({ script, code }).toEqual({ script, code: 2 })
      expect(stderr).toContain('Docker does not answer')
      expect(stderr).toContain(off.trim())
      expect(stderr).toContain('systemctl start docker')
    }
    expect(created()).toEqual([])
  })

  test('the provider that was asked for before is gone on with, whatever else is there', async () => {
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    checkout.standIn(['minikube'], [])
    await up('--provider', 'kind', '--remote', 'mine')
    const { stderr } = await checkout.run('up.ts', [])
    expect(stderr).toContain(
      `As before: --provider kind --remote mine --argocd-manifest ${join(checkout.folder, manifest)}\n`,
    )
    expect(stderr).toContain('stopped here by the test')
  })

  test('no commit to bring up', async () => {
    haveKind()
    checkout.git('update-ref', '-d', 'HEAD')
    const { code, stderr } = await up()
    expect(code).toBe(2)
    expect(stderr).toContain('there is no commit here')
    expect(stderr).toContain('git commit')
  })
})

describe('options', () => {
  test.each(['up.ts', 'down.ts', 'status.ts', 'smoke-test.ts', 'e2e.ts'])('%s: one it does not know', async script => {
    haveKind()
    const { code, stderr, stdout } = await checkout.run(script, ['--clustre', 'x'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("'--clustre'")
    expect(stderr).toContain('--help')
    expect(checkout.calls()).toEqual([])
  })

  test.each([
    [['--provider', 'k3d'], '--provider k3d: minikube, kind or existing'],
    [['--provider', 'constructor'], '--provider constructor: minikube, kind or existing'],
    [['--name', 'Flask API'], '--name "Flask API": lower case letters'],
    [['--name', '../../elsewhere'], '--name "../../elsewhere"'],
    [['--port', '80800'], '--port 80800: a number from 1 to 65526'],
    [['--build-arg', '-x'], '--build-arg'],
    [['--revision', 'v1'], '--revision belongs to --repo-url'],
    [['--context', 'prod'], '--context belongs to --provider existing'],
    [['--argocd-manifest', 'gone.yaml'], '--argocd-manifest gone.yaml cannot be read'],
  ])('%j', async (args, message) => {
    haveKind({ call: '^kind create', exit: 1, stderr: 'not reached by a wrong option' })
    const { code, stderr } = await checkout.run('up.ts', args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

test('a password in --repo-url is refused, and neither printed nor kept', async () => {
  haveKind()
  const { code, stdout, stderr } = await up('--repo-url', 'https://user:hunter2@git.example.invalid/acme/api.git')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('--repo-url: the URL has a password or a token in it')
  expect(stderr).toContain('declarative-setup/#repositories')
  expect(stderr).not.toContain('hunter2')
  expect(existsSync(join(checkout.root, '.cluster'))).toBe(false)
})

describe('ports', () => {
  test('the port that was asked for is taken: nothing is made', async () => {
    haveKind()
    const port = await listen(createServer())
    const { code, stderr } = await up('--port', String(port))
    expect(code).toBe(2)
    expect(stderr).toContain(`port ${port} is taken`)
    expect(stderr).toContain('leave --port out')
    expect(created()).toEqual([])
  })

  test('a usual port is taken: the next free ones are found', async () => {
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    // Taken by something else already: as good for this test.
    await listen(createServer(), 8083).catch(() => {})
    await up()
    const { hostPort } = readState() as unknown as { hostPort: number }
    expect([18080, 28080, 38080, 48080]).toContain(hostPort)
  })
})

describe('a cluster that is half made', () => {
  test('kind fails: what it said, what to do, and what is remembered', async () => {
    const output = 'ERROR: failed to create cluster: Bind for 127.0.0.1:8080 failed: port is already allocated\n'
    haveKind({ call: '^kind create', exit: 1, stderr: output })
    const { code, stderr } = await up('--provider', 'kind')
    expect(code).toBe(1)
    expect(stderr).toContain('kind could not create the cluster flask-api')
    expect(stderr).toContain(output.trim())
    expect(stderr).toContain('other ports are chosen')
    // Nothing is left of it: what has this name later is not taken for ours.
    expect(readState().cluster).toBe('none')
  })

  test('smoke test: a cluster that cannot be deleted hides nothing of what went wrong, and no file is left', async () => {
    haveKind(
      { call: '^kind create', exit: 1, stderr: 'ERROR: failed to create cluster\n' },
      { call: '^kind delete', exit: 1, stderr: 'ERROR: failed to delete cluster\n' },
    )
    const { code, stderr } = await checkout.run('smoke-test.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    expect(code).toBe(1)
    expect(stderr).toContain('kind could not create the cluster flask-api-smoke-')
    expect(stderr).toMatch(/the cluster flask-api-smoke-\S+ could not be removed: `kind delete/)
    expect(readdirSync(checkout.folder).filter(name => name.startsWith('flask-api-smoke-'))).toEqual([])
  })

  test('e2e: logs that cannot be kept are said', async () => {
    haveKind(
      { call: '^kind get clusters', after: '^kind create', stdout: 'mine\n' },
      { call: '^kind create', exit: 1, stderr: 'ERROR: failed to create cluster\n' },
      { call: '^kind export', exit: 1, stderr: 'ERROR: no logs\n' },
      { call: '^kind delete' },
      { call: '^docker container inspect', exit: 1 },
    )
    const { code, stdout, stderr } = await checkout.run('e2e.ts', [
      '--name',
      'mine',
      '--argocd-manifest',
      join(checkout.folder, manifest),
    ])
    expect(code).toBe(1)
    expect(stdout).toContain('kind could not create the cluster mine')
    expect(stderr).toContain('the logs could not be kept: `kind export logs --name mine')
  })

  test('is removed by the next run, and made anew', async () => {
    haveKind(
      { call: '^kind get clusters', after: '^kind create', until: '^kind delete', stdout: 'other\nflask-api\n' },
      { call: '^kind create', exit: 1, stderr: 'ERROR: failed to create cluster\n' },
      { call: '^kind delete', stderr: 'Deleted nodes: ["flask-api-control-plane"]\n' },
      { call: '^docker container inspect', stdout: `aaaa ${new Date().toISOString()}\n` },
    )
    await up()
    expect(created().map(call => call.split(' --')[0])).toEqual(['kind create cluster'])
    await up()
    expect(created().map(call => call.split(' --')[0])).toEqual([
      'kind create cluster',
      'kind delete cluster',
      'kind create cluster',
    ])
    expect(created()[1]).toContain('--name flask-api ')
  })

  test('a cluster of this name that was made by somebody else is left alone', async () => {
    haveKind({ call: '^kind get clusters', stdout: 'flask-api\n' })
    const { code, stderr } = await up()
    expect(code).toBe(2)
    expect(stderr).toContain('kind has a cluster flask-api that was not made from this checkout')
    expect(stderr).toContain('--name NAME')
    expect(created()).toEqual([])
    const down = await checkout.run('down.ts', [])
    expect(down.code).toBe(0)
    expect(created()).toEqual([])
  })

  const hour = 3_600_000
  test.each([
    ['was made anew by somebody else', { cluster: 'created', identity: 'aaaa' }],
    ['was never begun by us', { cluster: 'creating', since: Date.now() - hour }],
  ])('a cluster of this name that %s is left alone', async (_, phase) => {
    haveKind(
      { call: '^kind get clusters', stdout: 'flask-api\n' },
      { call: '^docker container inspect', stdout: `bbbb ${new Date().toISOString()}\n` },
    )
    const state = { version: 1, name: 'flask-api', provider: 'kind', context: 'kind-flask-api', argocd: 'none' }
    checkout.write('.cluster/flask-api/state.json', JSON.stringify({ ...state, ...phase, hostPort: 8080 }))
    const { code, stderr } = await up()
    expect(code).toBe(2)
    expect(stderr).toContain('kind has a cluster flask-api that was not made from this checkout')
    const down = await checkout.run('down.ts', [])
    expect(down.code).toBe(0)
    expect(down.stderr).toContain('The cluster flask-api was not made from this checkout, and stays.')
    expect(created()).toEqual([])
    expect(existsSync(join(checkout.root, '.cluster/flask-api'))).toBe(false)
  })

  test('minikube fails: its reason, and what to do', async () => {
    const reason = 'X Exiting due to DRV_AS_ROOT: The "docker" driver should not be used with root privileges.\n'
    checkout.standIn(
      ['docker', 'minikube'],
      [dockerRuns, imageIsThere, { call: '^minikube profile list', stdout: '{"invalid":[],"valid":[]}' }],
    )
    checkout.standIn([], [{ call: '^minikube start', exit: 52, stderr: reason }])
    writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
    const { code, stderr } = await up()
    expect(code).toBe(1)
    expect(stderr).toContain(reason.trim())
    expect(stderr).toContain('user of the group `docker`')
  })
})

describe('the wrong cluster', () => {
  const existing = ['--provider', 'existing', '--repo-url', 'https://git.example.invalid/acme/api.git']

  test('existing: the context must be named', async () => {
    const current = await startApiServer(200)
    writeKubeconfig({ current: current.url })
    const { code, stderr } = await checkout.run('up.ts', existing)
    expect(code).toBe(2)
    expect(stderr).toContain('the cluster must be named')
    expect(stderr).toContain('--context NAME')
    expect(current.requests).toEqual([])
  })

  test('a context that is not there: the ones that are, and no request to any', async () => {
    const current = await startApiServer(200)
    writeKubeconfig({ production: current.url, staging: current.url })
    writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
    const { code, stderr } = await up(...existing, '--context', 'stagging')
    expect(code).toBe(2)
    expect(stderr).toContain('there is no context stagging')
    expect(stderr).toContain('production, staging')
    expect(current.requests).toEqual([])
  })

  test('the named context is used and printed; the current one gets no request', async () => {
    const production = await startApiServer(200)
    const staging = await startApiServer(401)
    writeKubeconfig({ production: production.url, staging: staging.url })
    writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
    const { code, stderr } = await up(...existing, '--context', 'staging')
    expect(code).toBe(2)
    expect(stderr).toContain(`staging (${staging.url}) refuses these credentials`)
    expect(stderr).toContain('kubectl --context staging')
    expect(staging.requests.length).toBeGreaterThan(0)
    expect(production.requests).toEqual([])
  })

  test.each([
    [404, 'has no Argo CD yet', 'npm run up'],
    [403, 'does not tell its status: HTTP status 403', 'kubectl --context staging get applications -n argocd'],
    [0, 'does not answer: connect ECONNREFUSED', 'Start it again'],
  ])('status where the API server says %d', async (answer, message, advice) => {
    const { url } =
      answer === 0 ? { url: `http://127.0.0.1:${await findFreePort('127.0.0.1')}` } : await startApiServer(answer)
    writeKubeconfig({ staging: url })
    const { code, stderr, stdout } = await checkout.run('status.ts', ['--context', 'staging'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`staging (${url}) ${message}`)
    expect(stderr).toContain(advice)
    expect(stderr).not.toMatch(/Headers|fetch failed/)
  })

  test("an Argo CD that is somebody else's: refused, and nothing of it is shown as a cause", async () => {
    const server = await keepObjects()
    closing.push(() => server.close())
    const name = 'applications.argoproj.io'
    server.put(kinds.crd, { apiVersion: kinds.crd.apiVersion, kind: kinds.crd.kind, metadata: { name } })
    server.put(kinds.pod, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'theirs', namespace: 'argocd' } })
    writeKubeconfig({ staging: server.kube.server })
    writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
    const { code, stderr } = await up(...existing, '--context', 'staging')
    expect(code).toBe(2)
    expect(stderr).toContain('has the definitions of an Argo CD that is not in the namespace argocd')
    expect(stderr).not.toContain('theirs')
    expect(stderr).not.toContain('it goes on from here')
    expect(server.requests.filter(request => !request.startsWith('GET'))).toEqual([])
  })

  test('a kubeconfig that cannot be read', async () => {
    mkdirSync(join(checkout.folder, 'home', '.kube'))
    writeFileSync(join(checkout.folder, 'home', '.kube', 'config'), 'clusters: [\n')
    writeFileSync(join(checkout.folder, manifest), 'kind: Namespace\n')
    const { code, stderr } = await up(...existing, '--context', 'staging')
    expect(code).toBe(2)
    expect(stderr).toContain('kubeconfig')
  })

  test("kind's own kubeconfig is written, never the user's", async () => {
    const production = await startApiServer(200)
    writeKubeconfig({ production: production.url })
    const file = join(checkout.folder, 'home', '.kube', 'config')
    const before = readFileSync(file, 'utf8')
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    await up()
    const own = join(checkout.root, '.cluster/flask-api/kubeconfig')
    expect(created()[0]).toContain(`--kubeconfig ${own} `)
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(production.requests).toEqual([])
  })
})

describe('the Argo CD manifest', () => {
  const release = 'argocd/install/release.json'
  const pin = async (respond: (response: import('node:http').ServerResponse) => void): Promise<string> => {
    const server = createHttpServer((_, response) => respond(response))
    const url = `http://127.0.0.1:${await listen(server)}/install.yaml`
    checkout.write(release, JSON.stringify({ version: 'v3.6.1', url, sha256: 'a'.repeat(64) }))
    checkout.commit('Name another release')
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    return url
  }

  test('is not the pinned one: nothing is applied or kept', async () => {
    const url = await pin(response => response.end('kind: Namespace\n'))
    const { code, stderr } = await checkout.run('up.ts', [])
    expect(code).toBe(1)
    expect(stderr).toContain('the Argo CD manifest is not the pinned one')
    expect(stderr).toContain(url)
    expect(stderr).toContain(`sha256 expected: ${'a'.repeat(64)}`)
    expect(stderr).toContain('Nothing was applied.')
    expect(existsSync(join(checkout.root, '.cluster/downloads'))).toBe(false)
  })

  test('cannot be downloaded', async () => {
    const url = await pin(response => response.destroy())
    const { code, stderr } = await checkout.run('up.ts', [])
    expect(code).toBe(1)
    expect(stderr).toContain('the Argo CD manifest could not be downloaded')
    expect(stderr).toContain(url)
    expect(stderr).toContain('--argocd-manifest FILE')
  })

  test('a release without a checksum', async () => {
    haveKind()
    checkout.write(release, JSON.stringify({ version: 'v3.6.1', url: 'https://example.invalid' }))
    checkout.commit('Forget the checksum')
    const { code, stderr } = await checkout.run('up.ts', [])
    expect(code).toBe(2)
    expect(stderr).toContain('a sha256 of 64 hex digits')
  })
})

describe('interrupted', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s while kind works: 130, where it stopped, nothing locked',
    async signal => {
      haveKind({ call: '^kind create', until: '^kind create', hangs: true })
      const running = checkout.start('up.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
      await running.says('cluster kind-flask-api ...')
      await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
      running.process.kill(signal)
      const { code, stderr, stdout } = await running.ended
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
      expect(stderr).toContain('Stopped at: cluster kind-flask-api')
      expect(stderr).toContain('`npm run up` goes on from here')
      expect(existsSync(join(checkout.root, '.cluster/flask-api/lock'))).toBe(false)
      // The next one starts, and fails for its own reasons.
      checkout.standIn([], [{ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' }])
      expect((await up()).stderr).toContain('stopped here by the test')
    },
  )

  test('while the image is built', async () => {
    haveKind(
      { call: '^docker image inspect', exit: 1, stderr: 'No such image\n' },
      { call: '^docker build', hangs: true },
      { call: '^kind create', hangs: true },
    )
    const running = checkout.start('up.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    await expect
      .poll(() => checkout.calls().some(call => call.startsWith('docker build')), { timeout: 20_000 })
      .toBe(true)
    running.process.kill('SIGINT')
    const { code, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/Stopped at: .*image/)
  })

  test.each([
    ['Ctrl-C', ['SIGINT']],
    ['one Ctrl-C that arrives twice, from the terminal and from npm', ['SIGINT', 'SIGINT']],
    ['the terminal is closed', ['SIGHUP', 'SIGHUP']],
  ] as const)('smoke test, %s: its cluster is deleted', async (_, signals) => {
    haveKind({ call: '^kind create', hangs: true }, { call: '^kind delete' }, { call: '^kind export' })
    const running = checkout.start('smoke-test.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
    for (const signal of signals) {
      running.process.kill(signal)
      await setTimeout(2)
    }
    const { code } = await running.ended
    expect(code).toBe(130)
    const [name] = /flask-api-smoke-\S+/.exec(created()[0] ?? '') ?? []
    expect(checkout.calls().filter(call => call.startsWith('kind delete'))).toEqual([
      expect.stringContaining(`--name ${name} `),
    ])
  })

  test('smoke test: a second Ctrl-C ends at once', async () => {
    haveKind({ call: '^kind create', hangs: true }, { call: '^kind delete', hangs: true })
    const running = checkout.start('smoke-test.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
    running.process.kill('SIGINT')
    await running.says('cluster deleted ...')
    await setTimeout(1_100)
    running.process.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
  })

  test('killed without a chance to clean up: the lock does not count', async () => {
    haveKind({ call: '^kind create', until: '^kind create', hangs: true })
    const running = checkout.start('up.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
    running.process.kill('SIGKILL')
    await running.ended
    expect(existsSync(join(checkout.root, '.cluster/flask-api/lock'))).toBe(true)
    checkout.standIn([], [{ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' }])
    expect((await up()).stderr).toContain('stopped here by the test')
  })

  test('a lock of a process whose number another one has now does not count', async () => {
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    checkout.write('.cluster/flask-api/lock', `${process.pid} Thu Jan  1 00:00:00 1970`)
    expect((await up()).stderr).toContain('stopped here by the test')
    expect(existsSync(join(checkout.root, '.cluster/flask-api/lock'))).toBe(false)
  })

  test('a lock counts in another time zone, and after the clock was set right', async () => {
    haveKind()
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(process.pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    })
    const before = new Date(Date.parse(`${started.trim()} UTC`) - 5_000).toUTCString()
    for (const start of [` ${before}`, '']) {
      checkout.write('.cluster/flask-api/lock', `${process.pid}${start}`)
      const { code, stderr } = await checkout.run('up.ts', [], { TZ: 'Asia/Tokyo', LC_ALL: 'C' })
      expect(code).toBe(2)
      expect(stderr).toContain(`another command works on flask-api (process ${process.pid})`)
    }
  })

  test('two at once: the second says who works, and touches nothing', async () => {
    haveKind({ call: '^kind create', hangs: true })
    const first = checkout.start('up.ts', ['--argocd-manifest', join(checkout.folder, manifest)])
    await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
    for (const script of ['up.ts', 'down.ts']) {
      const { code, stderr } = await checkout.run(script, [])
      expect(code).toBe(2)
      expect(stderr).toContain(`another command works on flask-api (process ${first.process.pid})`)
    }
    expect(created()).toHaveLength(1)
    first.process.kill('SIGINT')
    await first.ended
  })

  test("e2e does not touch a cluster that is the user's", async () => {
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    await up('--name', 'mine')
    const bare = join(checkout.root, '.cluster/mine/repository.git')
    const pushed = checkout.commit('Only in the cluster')
    checkout.git('push', '--quiet', bare, 'HEAD:main')
    checkout.git('reset', '--quiet', '--hard', 'HEAD^')
    const { code, stderr } = await checkout.run('e2e.ts', ['--name', 'mine'])
    expect(code).toBe(2)
    expect(stderr).toContain('mine was made by `npm run up`, and is not for this test')
    expect(checkout.git('--git-dir', bare, 'rev-parse', 'main').trim()).toBe(pushed)
    expect(existsSync(join(checkout.root, '.cluster/mine/lock'))).toBe(false)
  })

  test('e2e on a cluster that another command works on does not delete it', async () => {
    haveKind({ call: '^kind create', hangs: true })
    const first = checkout.start('up.ts', ['--name', 'mine', '--argocd-manifest', join(checkout.folder, manifest)])
    await expect.poll(created, { timeout: 20_000 }).toHaveLength(1)
    const { code, stderr } = await checkout.run('e2e.ts', ['--name', 'mine'])
    expect(code).toBe(2)
    expect(stderr).toContain('another command works on mine')
    expect(created()).toHaveLength(1)
    first.process.kill('SIGINT')
    await first.ended
  })
})

describe("what is the user's", () => {
  const bare = () => join(checkout.root, '.cluster/flask-api/repository.git')

  async function stopAtCluster(): Promise<void> {
    haveKind({ call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' })
    await up()
  }

  test('commits that were pushed and are in no branch: down refuses, and says how to keep them', async () => {
    await stopAtCluster()
    const here = checkout.git('rev-parse', 'HEAD').trim()
    checkout.commit('Only in the cluster')
    checkout.git('push', '--quiet', bare(), 'HEAD:main')
    checkout.git('reset', '--quiet', '--hard', here)
    const { code, stderr } = await checkout.run('down.ts', [])
    expect(code).toBe(1)
    expect(stderr).toContain('1 commits were pushed to cluster and are in no branch')
    expect(stderr).toContain('Only in the cluster')
    expect(stderr).toContain(`git fetch "${bare()}" "refs/heads/*:refs/heads/kept/*"`)
    expect(existsSync(bare())).toBe(true)
    expect((await checkout.run('down.ts', ['--force'])).code).toBe(0)
    expect(existsSync(bare())).toBe(false)
  })

  test('commits of another branch or tag of the cluster are not lost either', async () => {
    await stopAtCluster()
    const here = checkout.git('rev-parse', 'HEAD').trim()
    for (const ref of ['refs/heads/trial', 'refs/tags/kept']) {
      checkout.commit(`Only as ${ref}`)
      checkout.git('push', '--quiet', bare(), `HEAD:${ref}`)
      checkout.git('reset', '--quiet', '--hard', here)
    }
    const { code, stderr } = await checkout.run('down.ts', [])
    expect(code).toBe(1)
    expect(stderr).toContain('2 commits were pushed')
    expect(stderr).toContain('Only as refs/heads/trial')
    expect(stderr).toContain('Only as refs/tags/kept')
    // What is advised, as it stands there.
    const [, advice = ''] = /Keep them: (git fetch .*)/.exec(stderr) ?? []
    checkout.ask('sh', '-c', `cd '${checkout.root}' && ${advice}`)
    expect(checkout.git('branch', '--list', 'kept/trial')).toContain('kept/trial')
    checkout.commit('Later work')
    expect((await checkout.run('down.ts', [])).code).toBe(0)
  })

  test("a hook of the user's has no say in what the cluster gets, and another failure is not called a conflict", async () => {
    checkout.write('.git/hooks/pre-push', '#!/bin/sh\nexit 1\n')
    chmodSync(join(checkout.root, '.git/hooks/pre-push'), 0o755)
    await stopAtCluster()
    expect(checkout.git('--git-dir', bare(), 'rev-parse', 'refs/up/commit')).toBe(checkout.git('rev-parse', 'HEAD'))
    checkout.commit('One more')
    writeFileSync(join(bare(), 'refs/up/commit.lock'), '')
    const { code, stderr } = await up()
    expect(code).toBe(1)
    expect(stderr).toContain('your commit could not be pushed to')
    expect(stderr).not.toContain('--force')
  })

  test('a commit whose image cannot be built is amended, and taken', async () => {
    const stopped = { call: '^kind create', exit: 1, stderr: 'ERROR: stopped here by the test\n' }
    const noImage: Answer = { call: '^docker image inspect', exit: 1, stderr: 'No such image\n' }
    haveKind(stopped, noImage, { call: '^docker build', exit: 1, stderr: 'ERROR: failed to solve\n' })
    const failed = await up('--build-arg', 'TOKEN=secret-value')
    expect(failed.stderr).toContain('the image of app/ could not be built (docker build: exit code 1)')
    expect(failed.stderr).toContain('failed to solve')
    expect(failed.stderr).toContain('git commit --amend')
    expect(failed.stderr).not.toContain('secret-value')
    checkout.write('app/Dockerfile', `${readFileSync(join(checkout.root, 'app/Dockerfile'), 'utf8')}# mended\n`)
    checkout.git('commit', '--quiet', '--all', '--amend', '--no-edit')
    haveKind(stopped, noImage, { call: '^docker build' })
    const { stderr } = await up()
    expect(stderr).toContain('stopped here by the test')
    expect(stderr).not.toContain('failed to solve')
    expect(stderr).not.toContain('does not contain')
  })

  test('histories that went apart: nothing is overwritten', async () => {
    await stopAtCluster()
    const here = checkout.git('rev-parse', 'HEAD').trim()
    checkout.commit('Pushed from elsewhere')
    checkout.git('push', '--quiet', bare(), 'HEAD:main')
    const pushed = checkout.git('rev-parse', 'HEAD').trim()
    checkout.git('reset', '--quiet', '--hard', here)
    checkout.commit('Made here')
    const { code, stderr } = await up()
    expect(code).toBe(1)
    expect(stderr).toContain('main of the cluster has commits that your HEAD does not contain')
    expect(stderr).toContain('git merge FETCH_HEAD')
    expect(stderr).toContain(`git push --force "${bare()}" HEAD:main`)
    expect(checkout.git('--git-dir', bare(), 'rev-parse', 'main').trim()).toBe(pushed)
  })

  test('a state file that is broken is said, and not guessed at', async () => {
    haveKind()
    checkout.write('.cluster/flask-api/state.json', '{"version": 1, "na')
    for (const script of ['up.ts', 'down.ts', 'status.ts']) {
      const { code, stderr } = await checkout.run(script, [])
      expect({ script, code }).toEqual({ script, code: 1 })
      expect(stderr).toContain('state.json cannot be read')
      expect(stderr).toContain('Delete the folder')
    }
    expect(created()).toEqual([])
  })

  test('down with nothing there, and status with nothing there', async () => {
    haveKind()
    const down = await checkout.run('down.ts', [])
    expect(down).toMatchObject({ code: 0, stdout: 'There is nothing to remove for flask-api.\n' })
    const status = await checkout.run('status.ts', [])
    expect(status.code).toBe(2)
    expect(status.stderr).toContain('npm run up')
    expect(checkout.calls()).toEqual([])
  })

  test('the checkout stays as it is: no file, no branch, no setting of it changes when up fails', async () => {
    checkout.write(
      'overlays/dev/kustomization.yaml',
      `${readFileSync(join(checkout.root, 'overlays/dev/kustomization.yaml'), 'utf8')}# mine\n`,
    )
    const look = () => [
      checkout.git('status', '--porcelain'),
      checkout.git('for-each-ref'),
      checkout.git('config', '--local', '--list'),
    ]
    const before = look()
    await stopAtCluster()
    expect(look()).toEqual(before)
  })
})
