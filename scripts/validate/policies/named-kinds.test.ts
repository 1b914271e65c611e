// A policy of validation.yaml that is for no kind judges nothing, and says so.
import { expect, test } from 'vitest'
import { type Build, renderedResource } from '../../tree/model/build.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import { widgetDefinition } from '../schema/testing.ts'
import { checkNamedKinds, isMeant } from './named-kinds.ts'

const gizmo = renderedResource('.', { apiVersion: 'shop.dev/v1', kind: 'Gizmo', metadata: { name: 'one' } }, 0)
const builds: readonly Build[] = [{ id: '.', kind: 'kustomize', resources: [gizmo] }]

function check(...kinds: readonly string[]) {
  const policy = { id: 'p', kinds, expression: 'true', severity: 'error' as const }
  const file = new SourceFile('validation.yaml', Buffer.from(JSON.stringify({ policies: [policy] }, null, 1)))
  const { faults, notExamined } = checkNamedKinds({ policies: [policy], file }, builds, [widgetDefinition({})])
  const lines = [...faults, ...notExamined].map(one => ('places' in one ? one.places[0] : one.place))
  return {
    said: [...faults.map(({ message }) => message), ...notExamined.map(({ detail }) => `? ${detail}`)],
    lines: lines.map(place => ('range' in place ? place.range.line : 0)),
  }
}

test.each([
  ['*'],
  ['Deployment'],
  ['apps/Deployment'],
  ['/Service'],
  ['Application'],
  // Of the tree: by its definition, and by an object.
  ['Widget'],
  ['example.com/Widget'],
  ['Gizmo'],
])('%s is a kind', name => {
  expect(check(name).said).toEqual([])
})

test.each([
  ['Servce', 'did you mean Service?'],
  ['deployment', 'did you mean Deployment?'],
  ['apps/Deploymnt', 'did you mean apps/Deployment?'],
  ['Widgets', 'did you mean Widget?'],
  ['apps/Job', 'did you mean batch/Job?'],
  ['v1/Service', 'a version has no place here; write Service'],
  ['apps/v1/Deployment', 'a version has no place here; write apps/Deployment'],
  ['core/Service', 'the core group has no name; write Service'],
  ['apps/*', 'a group has no star; name its kinds, or write "*" for every kind of every group'],
])('%s: %s', (name, advice) => {
  expect(check(name).said).toEqual([`policy p is for ${name}: ${advice}`])
})

test('of another kind nothing is known, and it is not silent either', () => {
  expect(check('Flux', 'other.dev/Job').said).toEqual(['? policy p: Flux', '? policy p: other.dev/Job'])
})

test('it stands at the name', () => {
  expect(check('Service', 'Servce')).toMatchObject({ lines: [7] })
})

test.each([
  ['*', true],
  ['Service', true],
  ['/Service', true],
  ['apps/Service', false],
  ['service', false],
  ['Deployment', false],
])('%s means a Service: %s', (name, expected) => {
  expect(isMeant(name, { group: '', kind: 'Service' })).toBe(expected)
})
