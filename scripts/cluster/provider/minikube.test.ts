// The commands that minikube gets, and its answers as recorded from minikube 1.36.0: it cannot run where these tests must.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMachine, type Machine } from '../../../tests/stand-ins/machine.ts'
import { createRun, type Run } from '../shell.ts'
import { adviseOnMinikube, minikube } from './minikube.ts'
import { hostFor } from './provider.ts'

let machine: Machine
let run: Run
beforeEach(() => {
  machine = createMachine()
  run = createRun(new AbortController().signal, machine.env)
})
afterEach(() => {
  expect(machine.unexpected()).toEqual([])
  machine.remove()
})

const answer = (call: string, stdout = '', more: { exit?: number; stderr?: string } = {}): void =>
  machine.standIn(['minikube'], [{ call, stdout, ...more }])

/** `minikube profile list --output json`, of each profile only the start. */
const noProfiles = '{"invalid":[],"valid":[]}'
const oneProfile =
  '{"invalid":[],"valid":[{"Name":"flask-api","Status":"","Config":{"Name":"flask-api","Driver":"docker"}}]}'
const brokenProfile = '{"invalid":[{"Name":"flask-api","Status":"","Config":null}],"valid":[]}'

const dockerIsOff = `X Exiting due to PROVIDER_DOCKER_NOT_RUNNING: "docker version --format <no value>-<no value>:<no value>" exit status 1: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
* Suggestion: Start the Docker service
* Documentation: https://minikube.sigs.k8s.io/docs/drivers/docker/
`
const noInternet = `X Exiting due to INET_LOOKUP_HOST: Failed to start host: recreate: creating host: create: creating: setting up container node: preparing volume for flask-api container: docker run --rm --name flask-api-preload-sidecar: exit status 125
`

test.each([
  [noProfiles, false],
  [oneProfile, true],
  // What an interrupted start leaves. It has to be seen, or it would never be removed.
  [brokenProfile, true],
])('%#: exists, from the list of profiles', async (list, expected) => {
  answer('^minikube profile list', list, { exit: list === oneProfile ? 0 : 85 })
  expect(await minikube.exists(run, 'flask-api')).toBe(expected)
  expect(machine.calls()).toEqual(['minikube profile list --output json'])
})

test.each(['', 'Unable to load profiles'])('a list that cannot be read is not taken for "none": %j', async list => {
  answer('^minikube profile list', list, { exit: 70, stderr: 'E1125 panic\n' })
  await expect(minikube.exists(run, 'flask-api')).rejects.toMatchObject({
    message: 'minikube does not say which clusters there are',
    details: 'E1125 panic',
  })
})

test("its node's container tells the cluster from a later one of the same name", async () => {
  machine.standIn(
    ['docker'],
    [{ call: '^docker container inspect .* flask-api$', stdout: '0123abcd 2026-01-02T03:04:05.678901234Z\n' }],
  )
  const made = Date.parse('2026-01-02T03:04:05.678Z')
  expect(await minikube.identify(run, 'flask-api')).toEqual({ id: '0123abcd', made })
  machine.standIn([], [{ call: '^docker container inspect', exit: 1, stderr: 'No such container' }])
  expect(await minikube.identify(run, 'flask-api')).toBeUndefined()
})

test('create: a profile of its own, few NodePorts on the loopback address, a kubeconfig of its own', async () => {
  const kubeconfig = join(machine.folder, 'kubeconfig')
  machine.standIn(['minikube'], [{ call: '^minikube start', kubeconfig: 'written by minikube\n' }])
  await minikube.create(run, { name: 'flask-api', kubeconfig, hostPort: 18080 })
  const ports = Array.from({ length: 10 }, (_, index) => `--ports=127.0.0.1:${18080 + index}:${30080 + index}`)
  expect(machine.calls()).toEqual([
    `minikube start --profile flask-api --driver docker --extra-config=apiserver.service-node-port-range=30080-30089 ${ports.join(' ')} --wait all --interactive=false`,
  ])
  expect(readFileSync(kubeconfig, 'utf8')).toBe('written by minikube\n')
})

test('create that fails: what minikube said, and what to do', async () => {
  answer('^minikube start', '* Using the docker driver based on user configuration\n', {
    exit: 63,
    stderr: dockerIsOff,
  })
  const failed = minikube.create(run, { name: 'flask-api', kubeconfig: join(machine.folder, 'k'), hostPort: 8080 })
  await expect(failed).rejects.toMatchObject({
    message: 'minikube could not start the cluster flask-api',
    details: expect.stringContaining('PROVIDER_DOCKER_NOT_RUNNING'),
    advice: ['Start Docker, then run this again.'],
  })
})

test.each([
  [noInternet, /proxy/],
  ['X Exiting due to DRV_AS_ROOT: The "docker" driver should not be used with root privileges.', /group `docker`/],
  ['X Exiting due to RSRC_DOCKER_STORAGE: Docker is out of disk space!', /disk is full/],
  ['X Exiting due to RSRC_INSUFFICIENT_CORES: has less than 2 CPUs available', /too little memory/],
  ['Bind for 127.0.0.1:8080 failed: port is already allocated', /other ports/],
  ['X Exiting due to GUEST_PROVISION: error provisioning guest', /Run this again/],
])('%#: advice on a failed start', (output, advice) => {
  expect(adviseOnMinikube(output).join(' ')).toMatch(advice)
})

test.each([
  ['Stopped', ['minikube start --profile flask-api --interactive=false']],
  ['Running', []],
])('resume of a cluster that is %s', async (status, started) => {
  answer('^minikube (start|update-context)')
  answer('^minikube status', `${status}\n`, { exit: status === 'Running' ? 0 : 7 })
  await minikube.resume(run, { name: 'flask-api', kubeconfig: join(machine.folder, 'kubeconfig'), hostPort: 8080 })
  expect(machine.calls()).toEqual([
    'minikube status --profile flask-api --format {{.APIServer}}',
    ...started,
    'minikube update-context --profile flask-api',
  ])
})

test('images are loaded one by one', async () => {
  answer('^minikube image load')
  await minikube.load(run, 'flask-api', ['flask-api:git-0123', 'quay.io/argoproj/argocd:v3'])
  expect(machine.calls()).toEqual([
    'minikube image load --profile flask-api flask-api:git-0123',
    'minikube image load --profile flask-api quay.io/argoproj/argocd:v3',
  ])
})

test.each([
  ['registry.k8s.io/pause:3.10\ndocker.io/library/flask-api:git-0123\n', true],
  ['flask-api:git-0123\n', true],
  ['docker.io/library/flask-api:git-01234\nother/flask-api:git-0123\n', false],
  ['', false],
])('%#: has an image, from the list of images', async (list, expected) => {
  answer('^minikube image ls', list, { exit: list === '' ? 14 : 0 })
  expect(await minikube.has(run, 'flask-api', 'flask-api:git-0123')).toBe(expected)
  expect(machine.calls()).toEqual(['minikube image ls --profile flask-api --format short'])
})

test('remove: this profile and no other', async () => {
  answer('^minikube delete', '* Removed all traces of the "flask-api" cluster.\n')
  await minikube.remove(run, 'flask-api', join(machine.folder, 'kubeconfig'))
  expect(machine.calls()).toEqual(['minikube delete --profile flask-api'])
})

test('pods reach this machine by the address that the node knows it by', async () => {
  answer('^minikube ssh', '127.0.0.1\tlocalhost\r\n127.0.0.1\thost.minikube.internal\r\n192.168.49.2\tflask-api\r\n')
  expect(await minikube.gitHost(run, 'flask-api')).toEqual({ listen: '127.0.0.1', host: '127.0.0.1' })
  expect(machine.calls()).toEqual(['minikube ssh --profile flask-api -- cat /etc/hosts'])
})

test('an address of a virtual machine is not listened on', () => {
  expect(hostFor('192.168.65.254', 'host.minikube.internal', ['192.168.1.7'])).toEqual({
    listen: '127.0.0.1',
    host: 'host.minikube.internal',
  })
  expect(hostFor(undefined, 'host.docker.internal', [])).toEqual({ listen: '127.0.0.1', host: 'host.docker.internal' })
  expect(hostFor('172.18.0.1', 'host.docker.internal', ['172.18.0.1'])).toEqual({
    listen: '172.18.0.1',
    host: '172.18.0.1',
  })
})
