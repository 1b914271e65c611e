// Whether a selection that selects nothing is a mistake, and what was meant.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../../../tree/model/build.ts'
import { readPairs, readRequirements } from '../../../tree/model/label-selector.ts'
import { describeMiss, isOfController, type Labelled } from './selecting.ts'

const resource = (kind: string, name: string, more: Partial<Resource> = {}): Resource => ({
  ...renderedResource('web', { apiVersion: 'v1', kind, metadata: { name } }, 0),
  namespace: 'shop',
  ...more,
})
const pods = (name: string, labels: Record<string, string>, more: Partial<Resource> = {}): Labelled => ({
  resource: resource('Deployment', name, more),
  labels,
  labelsPath: ['labels'],
})
const LOOSE: Partial<Resource> = { origin: { kind: 'document', file: 'a.yaml' } }

function miss(
  selector: Record<string, string> | { matchExpressions: readonly object[] },
  candidates: readonly Labelled[],
  { isOpen = false, service = resource('Service', 'web') } = {},
) {
  const requirements = 'matchExpressions' in selector ? readRequirements(selector) : readPairs(selector)
  const found = describeMiss(
    { resource: service, path: ['spec'], requirements, what: 'pod template' },
    candidates,
    () => isOpen,
  )
  return found && { message: found.message, places: found.places.map(({ fieldPath }) => fieldPath.join('.')) }
}

const EXACT = pods('web', { app: 'web', tier: 'front' })

test.each<readonly [what: string, found: ReturnType<typeof miss>, message: string | undefined]>([
  [
    'a slip of the value',
    miss({ app: 'wbe' }, [EXACT]),
    'no pod template matches the selector app=wbe: Deployment web has app=web',
  ],
  [
    'a slip of the key',
    miss({ ap: 'web' }, [EXACT]),
    'no pod template matches the selector ap=web: Deployment web has app=web',
  ],
  [
    'one label too many',
    miss({ app: 'web', team: 'a' }, [EXACT]),
    'no pod template matches the selector app=web, team=a: Deployment web has no label team',
  ],
  [
    'what meets most of it',
    miss({ app: 'web', tier: 'back' }, [pods('api', { app: 'wep' }), EXACT]),
    'no pod template matches the selector app=web, tier=back: Deployment web has tier=front',
  ],
  ['nothing like it', miss({ app: 'other' }, [EXACT]), 'no pod template matches the selector app=other'],
  [
    'nothing at all',
    miss({ app: 'other' }, []),
    'no pod template matches the selector app=other: there is no pod template in its namespace',
  ],
  // Where more may be only a slip proves a mistake.
  [
    'a slip, where more may be',
    miss({ app: 'wbe', tier: 'front' }, [EXACT], { isOpen: true }),
    'no pod template matches the selector app=wbe, tier=front: Deployment web has app=web',
  ],
  ['another value, where more may be', miss({ app: 'web', tier: 'back' }, [EXACT], { isOpen: true }), undefined],
  ['two slips, where more may be', miss({ app: 'wbe', tier: 'fornt' }, [EXACT], { isOpen: true }), undefined],
  ['nothing like it, where more may be', miss({ app: 'other' }, [EXACT], { isOpen: true }), undefined],
  [
    'numbers apart, where more may be',
    miss({ app: 'web2' }, [pods('a', { app: 'web1' })], { isOpen: true }),
    undefined,
  ],
  // Who selects all but some may mean those to come.
  [
    'all but some',
    miss({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, [EXACT]),
    undefined,
  ],
  [
    'all but some of a kind',
    miss(
      {
        matchExpressions: [
          { key: 'app', operator: 'NotIn', values: ['web'] },
          { key: 'tier', operator: 'Exists' },
        ],
      },
      [EXACT],
    ),
    'no pod template matches the selector app not in (web), tier to be set: Deployment web has app=web',
  ],
])('%s', (_, found, message) => {
  expect(found?.message).toBe(message)
})

test('one failing requirement is shown at its own place, several at the selector; the nearest comes second', () => {
  expect(miss({ app: 'wbe' }, [EXACT])?.places).toEqual(['spec.app', 'labels.app'])
  expect(miss({ app: 'wbe', team: 'a', tier: 'front' }, [EXACT])?.places).toEqual(['spec', 'labels.app'])
  expect(miss({ app: 'other' }, [])?.places).toEqual(['spec.app'])
})

test.each<readonly [what: string, service: Partial<Resource>, candidates: readonly Labelled[], isTold: boolean]>([
  ['nobody says the namespace', { namespace: undefined }, [], false],
  ['nobody says the namespace, and something is like it', { namespace: undefined }, [EXACT], true],
  ['it is loose, and alone', LOOSE, [], true],
  ['it is loose, and others are of its namespace', LOOSE, [pods('a', { app: 'z' }, LOOSE)], true],
  [
    'it is loose, and others are of no namespace',
    LOOSE,
    [pods('a', { app: 'z' }, { ...LOOSE, namespace: undefined })],
    false,
  ],
  [
    'it is loose, and what is like it is of another folder',
    LOOSE,
    [pods('a', { app: 'web' }, { ...LOOSE, build: 'x' })],
    false,
  ],
])('where %s: %s', (_, more, candidates, isTold) => {
  const service = resource('Service', 'web', more)
  expect(miss({ app: 'wbe' }, candidates, { service }) !== undefined).toBe(isTold)
})

test('labels that controllers write are in no template', () => {
  const [one, other] = readPairs({ 'statefulset.kubernetes.io/pod-name': 'web-0', app: 'web' })
  expect([one, other].map(requirement => requirement && isOfController(requirement))).toEqual([true, false])
})

test('after many comparisons nobody looks for what was meant any more', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => pods(`p${index}`, { app: 'z' }))
  const last = [...many, EXACT]
  const said = [1, 2, 3].map(() => miss({ app: 'wbe' }, last)?.message.includes('Deployment web'))
  expect(said).toEqual([true, true, false])
})
