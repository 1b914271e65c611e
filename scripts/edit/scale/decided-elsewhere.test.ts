// npm run scale where an autoscaler, a patch, a component or validation.yaml decides, and not the overlay alone.
import { describe, expect, test } from 'vitest'
import { changedLines, createRepository, type TestRepository } from '../test-repository.ts'

const PROD = 'overlays/prod/kustomization.yaml'

describe('scale, where something else decides', { timeout: 60_000 }, () => {
  const addAutoscaler = (repository: TestRepository, text: string): void => {
    repository.write('overlays/prod/autoscaler.yaml', text)
    repository.change(PROD, '  - namespace.yaml\n', '  - namespace.yaml\n  - autoscaler.yaml\n', 'Add an autoscaler')
  }
  const KEDA = `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: flask-api
spec:
  scaleTargetRef:
    name: flask-api-deployment
  minReplicaCount: 2 # nights
  maxReplicaCount: 6
  triggers: []
`

  test.each(['0x3', '!!int 3', '&three 3', '', '# by hand'])('a number that is written as "%s" is one', written => {
    const repository = createRepository()
    repository.change(PROD, 'count: 3', `count: ${written}`.trimEnd(), 'Write it otherwise')
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect(code, stderr).toBe(0)
    const after = written.startsWith('#') ? `+    count: 5 ${written}` : '+    count: 5'
    expect(changedLines(repository)[1]).toBe(after)
  })

  test('two numbers for one workload are refused', () => {
    const repository = createRepository()
    const { code, stderr } = repository.edit('scale', ['prod', '5', 'overlays/prod', '6'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('prod has two numbers here')])
    expect(changedLines(repository)).toEqual([])
  })

  test('a ScaledObject of KEDA is an autoscaler, and has bounds', () => {
    const repository = createRepository()
    addAutoscaler(repository, KEDA)
    const refused = repository.edit('scale', ['prod', '5'])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('prod has the ScaledObject flask-api,')])
    const named = repository.edit('scale', ['prod', '5', 'flask-api-deployment'])
    expect(named.stderr).toContain('npm run scale -- prod 3..10 flask-api-deployment sets its bounds')
    expect(repository.edit('scale', ['prod', '3..10']).code).toBe(0)
    expect(changedLines(repository)).toEqual([
      '-  minReplicaCount: 2 # nights',
      '-  maxReplicaCount: 6',
      '+  minReplicaCount: 3 # nights',
      '+  maxReplicaCount: 10',
    ])
  })

  test.each([
    ['  minReplicaCount: 2 # nights\n', ['-  maxReplicaCount: 6', '+  minReplicaCount: 3', '+  maxReplicaCount: 10']],
    ['  minReplicaCount: 2 # nights\n  maxReplicaCount: 6\n', ['+  minReplicaCount: 3', '+  maxReplicaCount: 10']],
  ])('a bound that nobody writes is written where its autoscaler is', (missing, lines) => {
    const repository = createRepository()
    addAutoscaler(repository, KEDA.replace(missing, ''))
    const { code, stderr } = repository.edit('scale', ['prod', '3..10'])
    expect(code, stderr).toBe(0)
    expect(changedLines(repository)).toEqual(lines)
    expect(repository.read(PROD)).not.toContain('ScaledObject')
  })

  test.each([
    ['  # Why six.\n  maxReplicaCount: 6', '  # Why six.\n  maxReplicaCount: 10\n  minReplicaCount: 3'],
    ['  maxReplicaCount: 6 # days', '  minReplicaCount: 3\n  maxReplicaCount: 10 # days'],
  ])('comments stay beside what they speak of: %j', (written, after) => {
    const repository = createRepository()
    const text = KEDA.replace('  minReplicaCount: 2 # nights\n', '').replace('  maxReplicaCount: 6', written)
    addAutoscaler(repository, text)
    expect(repository.edit('scale', ['prod', '3..10']).code).toBe(0)
    expect(repository.read('overlays/prod/autoscaler.yaml')).toBe(text.replace(written, after))
  })

  test('a bound in a mapping on one line', () => {
    const repository = createRepository()
    const flow =
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: api }\n' +
      'spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: flask-api-deployment }, maxReplicas: 6 }\n'
    addAutoscaler(repository, flow)
    const { code, stderr } = repository.edit('scale', ['prod', '3..10'])
    expect(code, stderr).toBe(0)
    expect(repository.read('overlays/prod/autoscaler.yaml')).toBe(
      flow.replace('maxReplicas: 6', 'minReplicas: 3, maxReplicas: 10'),
    )
  })

  test('any object with the workload as its scale target is one', () => {
    const repository = createRepository()
    const custom = KEDA.replace('keda.sh/v1alpha1', 'example.com/v1').replace('kind: ScaledObject', 'kind: Scaler')
    addAutoscaler(repository, custom)
    expect(repository.edit('scale', ['prod', '5']).stderr).toContain('prod has the Scaler flask-api')
    expect(repository.edit('scale', ['prod', '3..5']).stderr).toContain('bounds of Scaler flask-api are not known here')
  })

  test('the bounds of an autoscaler that others read too are a patch of the environment', () => {
    const repository = createRepository()
    repository.change(PROD, 'components:\n', 'components:\n  - ../../components/hpa/component\n', 'Use the autoscaler')
    const { code, stderr } = repository.edit('scale', ['prod', '3..12', '--commit'])
    expect(code, stderr).toBe(0)
    expect(repository.git('show', '--name-only', '--format=%s', 'HEAD')).toBe(
      `Scale flask-api-deployment in prod by HorizontalPodAutoscaler to 3..12\n\n${PROD}`,
    )
    expect(repository.read(PROD)).toMatch(/ {6}spec:\n {8}minReplicas: 3\n {8}maxReplicas: 12\n$/)
    expect(repository.edit('scale', ['prod', '4..12']).code).toBe(0)
    expect(changedLines(repository)).toEqual(['-        minReplicas: 3', '+        minReplicas: 4'])
    expect(repository.edit('scale', ['dev', '3..12']).stderr).toContain('nothing scales flask-api-deployment in dev')
  })

  const PATCH = (replicas: number): string => `patches:
  - target:
      kind: Deployment
    patch: |-
      - op: replace
        path: /spec/replicas
        value: ${replicas} # by hand
`

  test('a patch of the environment is where the number is changed', () => {
    const repository = createRepository()
    const text = repository.read(PROD)
    const bare = text.replace(/# Three:[\s\S]*?count: 3\n\n/, '').replace('patches:\n', PATCH(4))
    repository.write(PROD, bare)
    repository.git('commit', '--quiet', '--all', '--message=Patch')
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect(code, stderr).toBe(0)
    expect(changedLines(repository)).toEqual(['-        value: 4 # by hand', '+        value: 5 # by hand'])
  })

  test('a component that others read is named', () => {
    const repository = createRepository()
    repository.write(
      'components/four/kustomization.yaml',
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${PATCH(4)}`,
    )
    for (const name of ['prod', 'qa']) {
      const path = `overlays/${name}/kustomization.yaml`
      const text = repository.read(path).replace(/# T(?:wo|hree)[\s\S]*?count: \d\n\n/, '')
      repository.write(path, text.replace('components:\n', 'components:\n  - ../../components/four\n'))
    }
    repository.git('add', '--all')
    repository.git('commit', '--quiet', '--message=Four')
    const { code, stderr } = repository.edit('scale', ['prod', '5'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('components/four/kustomization.yaml:9 decides replicas'),
    ])
    expect(changedLines(repository)).toEqual([])
  })

  test('a name before a prefix is found', () => {
    const repository = createRepository()
    repository.write(
      PROD,
      repository
        .read(PROD)
        .replace('resources:\n', 'namePrefix: eu-\n\nresources:\n')
        .replace(/# Three:[\s\S]*?count: 3\n\n/, ''),
    )
    const { code, stderr } = repository.edit('scale', ['prod', '5', 'flask-api-deployment'])
    expect(code, stderr).toBe(0)
    expect(repository.read(PROD)).toContain('replicas:\n  - name: eu-flask-api-deployment\n    count: 5\n')
  })

  test('several at once, and only from a number', () => {
    const repository = createRepository()
    const wrong = repository.edit('scale', ['prod', '5', '--from', '4'])
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('prod has 3 replicas of flask-api-deployment, not 4\n'),
    ])
    expect(repository.edit('scale', ['prod', '5', 'qa', '4', '--from', '3']).stderr).toContain('qa has 2 replicas')
    const { code, stderr } = repository.edit('scale', ['prod', '5', 'flask-api-deployment', 'qa', '4', '--commit'])
    expect(code, stderr).toBe(0)
    expect(repository.git('log', '-1', '--format=%s')).toBe(
      'Scale flask-api-deployment in prod from 3 to 5, flask-api-deployment in qa from 2 to 4',
    )
  })

  test('bounds of validation.yaml hold unless forced', () => {
    const repository = createRepository()
    const { code, stderr } = repository.edit('scale', ['prod', '0'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('validation.yaml allows 2 to 50 replicas in prod')])
    expect(repository.edit('scale', ['prod', '0', '--force']).code).toBe(0)
  })

  test('without environments and overlays a folder names itself', () => {
    const repository = createRepository()
    repository.git('mv', 'overlays', 'clusters')
    repository.write('validation.yaml', '')
    expect(repository.edit('scale', ['clusters/prod', '4']).code).toBe(0)
    expect(repository.edit('scale', ['prod', '5']).code).toBe(0)
    expect(repository.read('clusters/prod/kustomization.yaml')).toContain('count: 5')
  })
})
