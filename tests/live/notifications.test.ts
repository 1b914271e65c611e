// components/notifications by its README: Argo CD's own controller takes the configuration and tells a chat what went wrong.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kind } from '../../scripts/cluster/provider/kind.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
const before = live.head()
const said: string[] = []
let chat: Server

beforeAll(async () => {
  const { host, listen } = await kind.gitHost(live.runProgram, live.name)
  chat = createServer((request, response) => {
    void text(request).then(body => {
      said.push((JSON.parse(body) as { text: string }).text)
      response.end('ok')
    })
  })
  await new Promise<void>(resolve => chat.listen(0, listen, resolve))
  const url = `http://${host}:${(chat.address() as AddressInfo).port}/hook`
  live.add('argocd/kustomization.yaml', 'components: [../components/notifications]')
  const repository = 'argocd/repository/repository.yaml'
  live.writeFile(repository, live.readFile(repository).replace(/^ {2}url: \S+$/m, `  url: ${live.state.gitUrl}`))
  const secret = live.kubectl(
    ...['-n', 'argocd', 'create', 'secret', 'generic', 'argocd-notifications-secret', '--dry-run=client', '-o', 'yaml'],
    `--from-literal=webhook-url=${url}`,
  )
  live.applyText(secret)
  live.kubectl('apply', '--server-side', '--force-conflicts', '-k', `${live.root}/argocd`)
  await live.merge('Tell a chat what goes wrong')
}, 5 * minutes)
afterAll(async () => {
  if (live.head() !== before) await live.revertTo(before)
  chat.close()
}, 5 * minutes)

test('a sync that fails is told, once', { timeout: 5 * minutes }, async () => {
  const start = live.head()
  live.writeFile(
    'overlays/dev/role.yaml',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: foreign\n',
  )
  live.add('overlays/dev/kustomization.yaml', 'resources: [role.yaml]')
  const commit = live.push('Add what the project does not permit')
  await expect
    .poll(() => said.join('\n'), { timeout: 2 * minutes, interval: 500 })
    .toContain(`flask-api-dev: the sync of ${commit} failed. one or more synchronization tasks are not valid`)
  await live.revertTo(start)
  expect(said.filter(one => one.includes(commit))).toHaveLength(1)
})

test('an environment that is degraded is told, once', { timeout: 6 * minutes }, async () => {
  const start = live.head()
  const overlay = 'overlays/dev/kustomization.yaml'
  const [literal = ''] = /MODEL_PATH=[^`]+/.exec(live.readFile('components/notifications/README.md')) ?? []
  live.add(
    overlay,
    JSON.stringify({ configMapGenerator: [{ name: 'flask-api-config', behavior: 'merge', literals: [literal] }] }),
  )
  // Not the two minutes of the base.
  const operation = [{ op: 'replace', path: '/spec/progressDeadlineSeconds', value: 20 }]
  live.add(overlay, JSON.stringify({ patches: [{ target: { kind: 'Deployment' }, patch: JSON.stringify(operation) }] }))
  const commit = live.push('Name a model that does not exist')
  await expect
    .poll(() => said.join('\n'), { timeout: 3 * minutes, interval: 500 })
    .toContain(`flask-api-dev is degraded at ${commit}`)
  // Argo CD dates health and syncs to the second.
  await pause(2_000)
  await live.revertTo(start)
  // The commit that mends it is not blamed.
  expect(said.filter(one => one.includes('degraded'))).toEqual([expect.stringContaining(commit)])
})
