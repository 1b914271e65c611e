// components/model-store by its README: version 1, 2, a damaged file, a wrong checksum, and back, under load all the time.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPodReady } from '../../scripts/cluster/kube/diagnostics.ts'
import { type KubeObject, kinds, list } from '../../scripts/cluster/kube/kube.ts'
import { type Load, startLoad } from '../../scripts/cluster/load/generator.ts'
import { readBlocks } from '../readme-blocks.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()
const namespace = 'flask-api-qa'
const overlay = 'overlays/qa/kustomization.yaml'
const example = live.readFile('components/examples/model-store/kustomization.yaml')
const checksums = [...example.matchAll(/MODEL_SHA256=([0-9a-f]{64})/g)].map(([, sum = '']) => sum)
const [second = '', first = ''] = checksums

/** The README's block for a version that lies in Git. */
function blockFor(version: number, sha256: string): string {
  const [block = ''] = readBlocks(live.readFile('components/model-store/README.md'))
  return block
    .replace('/models/1/', `/models/${version}/`)
    .replace('<sha256sum model.json>', sha256)
    .replace(/MODEL_SOURCE=.*/, `MODEL_SOURCE=file:///source/model-${version}.json`)
}

const source = `configMapGenerator:
  - name: flask-api-model-source
    files: [model-1.json, model-2.json]
`

let plain: string
/** What the overlay says for one version, written anew each time. */
function choose(version: number, sha256: string): void {
  live.writeFile(overlay, plain)
  live.add(overlay, blockFor(version, sha256))
  live.add(overlay, source)
}

async function readAnswer(): Promise<string> {
  const url = new URL('/predict', await live.urlOf(namespace))
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ text: 'I recommend it' }) })
  return `${answer.headers.get('x-model-name')} ${answer.headers.get('x-model-version')}`
}

async function listPods(): Promise<readonly KubeObject[]> {
  const { items } = await list(live.kube, { kind: kinds.pod, namespace, labelSelector: 'app=flask-api' })
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

let load: Load
beforeAll(async () => {
  plain = live.readFile(overlay)
  // As the provisioners of kind and minikube make their folders: any user may write. Where there is none, they are root's.
  const format = '{range .items[*]}{.spec.hostPath.path}{.spec.local.path} {end}'
  const folders = live.kubectl('get', 'pv', '-o', `jsonpath=${format}`).split(' ').filter(Boolean)
  if (folders.length > 0)
    await live.runProgram('docker', [
      'exec',
      live.node,
      'sh',
      '-c',
      'mkdir -p "$@" && chmod 0777 "$@"',
      'sh',
      ...folders,
    ])
  for (const file of ['model-1.json', 'model-2.json'])
    cpSync(join(live.root, 'components/examples/model-store', file), join(live.root, 'overlays/qa', file))
  load = startLoad({ url: await live.urlOf(namespace), rate: 50, signal: new AbortController().signal })
})
afterAll(async () => {
  await load.stop()
  if (live.head() !== before) await live.revertTo(before)
}, 5 * minutes)

test('version 1 comes into the store, and is served', { timeout: 5 * minutes }, async () => {
  choose(1, first)
  await live.merge('Serve the model from the store')
  expect(await readAnswer()).toBe('shop-reviews 1')
  expect(live.kubectl('-n', namespace, 'logs', 'job/flask-api-model-fill')).toContain(
    'the model was put into the store',
  )
})

test('version 2', { timeout: 5 * minutes }, async () => {
  choose(2, second)
  await live.merge('Serve version 2')
  expect(await readAnswer()).toBe('shop-reviews 2')
})

test('the file in the store is damaged: a new pod lives and says why it is not ready; the old ones serve', {
  timeout: 3 * minutes,
}, async () => {
  const claim = live.kubectl(
    '-n',
    namespace,
    'get',
    'pvc',
    'flask-api-model-store',
    '-o',
    'jsonpath={.spec.volumeName}',
  )
  const path = live.kubectl('get', 'pv', claim, '-o', 'jsonpath={.spec.hostPath.path}{.spec.local.path}')
  await live.runProgram('docker', ['exec', live.node, 'sh', '-c', `echo '{}' > ${path}/2/model.json`])
  live.kubectl('-n', namespace, 'rollout', 'restart', 'deployment/flask-api-deployment')
  const findWaiting = async () => (await listPods()).find(pod => !isPodReady(pod))?.metadata.name ?? ''
  await expect.poll(findWaiting, { timeout: minutes, interval: 500 }).not.toBe('')
  const name = await findWaiting()
  const log = () => live.kubectl('-n', namespace, 'logs', name)
  await expect.poll(log, { timeout: minutes, interval: 1_000 }).toContain('model_checksum')
  const address = live.kubectl('-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.podIP}')
  const ask = (path: string) =>
    live.runProgram('docker', ['exec', live.node, 'curl', '-s', '-w', ' %{http_code}', `http://${address}:5000${path}`])
  expect(await ask('/healthz')).toMatch(/ 200$/)
  expect(await ask('/readyz')).toMatch(/"code": ?"model_checksum".* 503$/s)
  const { items } = await list(live.kube, { kind: kinds.pod, namespace, labelSelector: 'app=flask-api' })
  expect(items.filter(isPodReady)).toHaveLength(2)
  expect(await readAnswer()).toBe('shop-reviews 2')
})

test('git revert: version 1 again, without a download', { timeout: 5 * minutes }, async () => {
  choose(1, first)
  await live.merge('Serve version 1 again')
  expect(await readAnswer()).toBe('shop-reviews 1')
  expect(live.kubectl('-n', namespace, 'logs', 'job/flask-api-model-fill')).toContain('the model is there')
})

test('a wrong checksum: the Job fails, nothing is rolled out', { timeout: 5 * minutes }, async () => {
  const pods = async () => (await listPods()).map(({ metadata }) => metadata.uid).sort()
  const running = await pods()
  choose(2, first)
  live.push('Name a wrong checksum')
  const failures = () => live.kubectl('-n', namespace, 'logs', 'job/flask-api-model-fill', '--tail=20')
  await expect.poll(failures, { timeout: 2 * minutes, interval: 1_000 }).toContain('has the SHA-256')
  const phase = () =>
    live.kubectl(
      '-n',
      'argocd',
      'get',
      'application',
      'flask-api-qa',
      '-o',
      'jsonpath={.status.operationState.message}',
    )
  await expect.poll(phase, { timeout: 4 * minutes, interval: 1_000 }).toMatch(/flask-api-model-fill|failed/)
  expect(await pods()).toEqual(running)
})

test('no request was lost in any of it', { timeout: minutes }, async () => {
  const { sent, lost, kinds: found } = await load.stop()
  expect({ lost, found }).toEqual({ lost: 0, found: {} })
  expect(sent).toBeGreaterThan(1_000)
})
