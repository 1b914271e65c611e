// The kinds that components bring along, with their definitions in the cluster: nothing is left unchecked, and nothing warned of.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exportCommit, readDesiredState } from '../../scripts/cluster/desired-state.ts'
import { dryRunAll } from '../../scripts/cluster/smoke/dry-run.ts'
import { minutes, openLive } from './live.ts'

const live = await openLive()
/** Files and folders with the definitions of the Gateway API and of the Prometheus Operator. */
const definitions = (process.env.CRD_FILES ?? '').split(':').filter(Boolean)

afterAll(() => {
  if (definitions.length > 0) live.kubectl('delete', '--ignore-not-found', ...definitions.flatMap(path => ['-f', path]))
})

test('every manifest of every component is accepted without a warning', { timeout: 3 * minutes }, async () => {
  if (definitions.length === 0)
    throw new Error('CRD_FILES must name the CRDs of the Gateway API and the Prometheus Operator')
  expect(definitions.filter(path => !existsSync(path))).toEqual([])
  live.kubectl('apply', '--server-side', ...definitions.flatMap(path => ['-f', path]))
  live.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s')
  const folder = join(live.folder, 'export')
  await exportCommit(live.runProgram, join(live.root, '.git'), 'HEAD', folder)
  const tree = await readDesiredState(join(folder, 'tree'), 'HEAD')
  const result = await dryRunAll(
    live.runProgram,
    live.kube,
    join(live.root, '.cluster', live.name, 'kubeconfig'),
    tree,
    'flask-api-dev',
  )
  expect(result).toMatchObject({ unchecked: [], warnings: [] })
  expect(result.dryRuns).toEqual(
    expect.arrayContaining(['components/examples/gateway', 'components/examples/monitoring']),
  )
})
