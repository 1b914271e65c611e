// What is declared for a project widens it, and no other; what is not in clear text may be anything.
import { expect, test } from 'vitest'
import { renderedResource, type Resource, valueAt } from '../model/build.ts'
import { createScoper } from './scoped-resources.ts'

const resource = (object: object): Resource => renderedResource('argocd', object as never, 0)
const project = resource({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'shop' },
  spec: { sourceRepos: ['https://git.example/own'] },
})
const labels = (type: string) => ({ 'argocd.argoproj.io/secret-type': type })
const secret = (type: string, stringData: object) =>
  resource({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one', labels: labels(type) }, stringData })
const template = (path: readonly string[], spec: object, data?: object) =>
  resource({
    apiVersion: 'example.com/v1',
    kind: 'Made',
    metadata: { name: 'one' },
    spec: path.reduceRight<object>((inner, key) => ({ [key]: inner }), {
      template: { metadata: { labels: labels('repository') }, data },
      ...spec,
    }),
  })

const URL = 'https://charts.example'
const OWN = { sourceRepos: ['https://git.example/own'] }
const ANY = { sourceRepos: ['https://git.example/own', '*'] }
const encode = (text: string): string => Buffer.from(text).toString('base64')

test.each<readonly [what: string, declared: Resource, expected: object]>([
  ['a repository', secret('repository', { project: 'shop', url: URL }), { sourceRepos: [...OWN.sourceRepos, URL] }],
  ['one of another project', secret('repository', { project: 'web', url: URL }), OWN],
  ['one of all projects', secret('repository', { url: URL }), OWN],
  ['credentials', secret('repo-creds', { project: 'shop', url: URL }), OWN],
  ['one that sops has encrypted', secret('repository', { project: 'shop', url: 'ENC[x]' }), ANY],
  ['one whose project is', secret('repository', { project: 'ENC[x]', url: URL }), ANY],
  [
    'a cluster',
    secret('cluster', { project: 'shop', server: 'https://a.example', namespaces: 'one, two' }),
    {
      ...OWN,
      destinations: ['one', 'two'].map(namespace => ({ server: 'https://a.example', namespace })),
    },
  ],
  [
    'a cluster without namespaces',
    secret('cluster', { project: 'shop', server: 'https://a.example' }),
    { ...OWN, destinations: [{ server: 'https://a.example', namespace: '*' }] },
  ],
  [
    'a repository in base64',
    resource({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'one', labels: labels('repository') },
      data: { project: encode('shop'), url: encode(URL) },
    }),
    { sourceRepos: [...OWN.sourceRepos, URL] },
  ],
  ['a template of the project', template(['target'], {}, { project: 'shop' }), ANY],
  ['a template of another', template([], {}, { project: 'web' }), OWN],
  ['a sealed project', template([], { encryptedData: { project: 'x' } }), ANY],
  ['a sealed repository', template([], { encryptedData: { url: 'x' } }), OWN],
])('%s', (_, declared, expected) => {
  const { object } = createScoper([project, declared])(project)
  expect(valueAt(object, ['spec'])).toEqual(expected)
})
