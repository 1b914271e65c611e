import { expect, test } from 'vitest'
import type { Resource } from '../../tree/model/build.ts'
import { type Deployed, pairObjects } from './pair.ts'

/** As `build/application Kind/name`, with values that the object holds. */
function deployed(text: string, values: Readonly<Record<string, unknown>> = {}, namespace = 'shop'): Deployed {
  const [place = '', named = ''] = text.split(' ')
  const [build = '', application = ''] = place.split('/')
  const [kind = '', name = ''] = named.split('/')
  const object = { apiVersion: 'v1', kind, metadata: { name, namespace }, ...values }
  const resource: Resource = {
    object,
    build,
    origin: { kind: 'rendered', index: 0 },
    group: '',
    kind,
    name,
    namespace,
    isNamespaced: true,
    isClusterScoped: false,
  }
  return { resource, build, application: application || undefined, cluster: undefined, environment: undefined }
}

const tell = (before: readonly Deployed[], after: readonly Deployed[]): readonly string[] =>
  pairObjects(before, after).map(
    pair => `${pair.before?.resource.name ?? '-'} ${pair.how} ${pair.after?.resource.name ?? '-'}`,
  )

const DATA = { data: { a: '1', b: '2', c: '3', d: '4' } }
const HASHED = 'settings-5m9bd24f7h'

test.each<[name: string, before: readonly Deployed[], after: readonly Deployed[], told: readonly string[]]>([
  ['the same', [deployed('a ConfigMap/web')], [deployed('a ConfigMap/web', DATA)], ['web same web']],
  [
    'a name with another hash',
    [deployed(`a ConfigMap/${HASHED}`)],
    [deployed('a ConfigMap/settings-7g2k4hd9bf', DATA)],
    [`${HASHED} hash settings-7g2k4hd9bf`],
  ],
  [
    'no hash but letters of a word',
    [deployed('a Service/web-frontend12')],
    [deployed('a Service/web-backend123', DATA)],
    ['- alone web-backend123', 'web-frontend12 alone -'],
  ],
  ['a rename', [deployed('a ConfigMap/web', DATA)], [deployed('a ConfigMap/shop', DATA)], ['web renamed shop']],
  [
    'another namespace',
    [deployed('a ConfigMap/web', DATA)],
    [deployed('a ConfigMap/web', {}, 'other')],
    ['web renamed web'],
  ],
  [
    'another content is another object',
    [deployed('a ConfigMap/web', DATA)],
    [deployed('a ConfigMap/shop', { data: { x: '1', y: '2', z: '3' } })],
    ['- alone shop', 'web alone -'],
  ],
  ['a move', [deployed('a/one ConfigMap/web')], [deployed('b/two ConfigMap/web')], ['web moved web']],
  [
    'another folder of one Application',
    [deployed('a/one ConfigMap/web')],
    [deployed('b/one ConfigMap/web')],
    ['web same web'],
  ],
  [
    'two builds with one name each keep their own',
    [deployed('a ConfigMap/web'), deployed('b ConfigMap/web')],
    [deployed('b ConfigMap/web'), deployed('a ConfigMap/web')],
    ['web same web', 'web same web'],
  ],
])('%s', (_name, before, after, told) => {
  expect(tell(before, after)).toEqual(told)
})
