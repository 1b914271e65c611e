// Options that Argo CD asks for, where it asks for them, and those that nobody reads.
import { expect, test } from 'vitest'
import {
  checkApplicationOptions,
  checkResourceOptions,
  COMPARE_OPTIONS,
  hasApplicationOption,
  hasOption,
  readList,
  SYNC_OPTIONS,
} from './options.ts'

const spec = (...syncOptions: readonly unknown[]) => ({ syncPolicy: { syncOptions } })
const shown = (faults: Iterable<{ values: readonly string[] }>) => [...faults].map(({ values }) => values.join(' '))

test.each([
  [['CreateNamespace=true', 'Prune=confirm', 'PrunePropagationPolicy=orphan'], []],
  [['CreateNamespace'], ['unread-option CreateNamespace']],
  [['CreateNamespace=yes'], ['unread-option CreateNamespace=yes']],
  [['Force=true'], ['unread-option Force=true']],
  [['toString=true'], ['unread-option toString=true']],
  [['Prune=false', 'Prune=true'], ['second-option Prune=true']],
  [['Validate=false', 'Validate=true'], []],
  [[1, 'Delete=true', 'Delete=false'], ['second-option Delete=false']],
])('an Application with %j', (options, expected) => {
  expect(shown(checkApplicationOptions(spec(...options), ['spec']))).toEqual(expected)
})

test.each([
  [{}, ['CreateNamespace=true'], 0],
  [{}, ['CreateNamespace=false'], 1],
  [{}, [], 1],
  [null, [], 0],
])('metadata %j of a namespace with %j', (managedNamespaceMetadata, syncOptions, faults) => {
  const found = checkApplicationOptions({ syncPolicy: { syncOptions, managedNamespaceMetadata } }, ['spec'])
  expect(shown(found)).toEqual(Array(faults).fill('lone-setting'))
})

const annotated = (sync: string, compare?: string): unknown => ({
  metadata: { annotations: { [SYNC_OPTIONS]: sync, ...(compare === undefined ? {} : { [COMPARE_OPTIONS]: compare }) } },
})

test.each([
  ['Prune=false, Force=true', undefined, false, []],
  ['CreateNamespace=true', undefined, false, ['unread-option CreateNamespace=true']],
  ['Prune=false,Prune=true,Force=true,Force=false', undefined, false, ['second-option Prune=true']],
  ['', 'IgnoreExtraneous', false, []],
  ['', 'IgnoreExtraneous', true, ['unread-option IgnoreExtraneous']],
  ['', 'ServerSideDiff=true', true, []],
  ['', 'ServerSideDiff=true', false, ['unread-option ServerSideDiff=true']],
])('a resource with %s and %s, itself an Application: %s', (sync, compare, isApplication, expected) => {
  expect(shown(checkResourceOptions(annotated(sync, compare), isApplication))).toEqual(expected)
})

test.each([
  ['CreateNamespce=true', 'did you mean CreateNamespace=true?'],
  ['createnamespace = TRUE', 'did you mean CreateNamespace=true?'],
  ['Force=true', 'here, it is read on single resources only'],
])('of %s it says what was meant', (option, words) => {
  const [fault] = checkApplicationOptions(spec(option), ['spec'])
  expect(fault?.message).toContain(words)
})

test.each([
  ['IgnoreExtraneos', false, 'did you mean IgnoreExtraneous?'],
  ['IgnoreExtraneous', true, 'it is read on resources only'],
  ['ServerSideDiff=true', false, 'it is read on Applications only'],
])('of %s in a comparison it says what was meant', (option, isApplication, words) => {
  const [fault] = checkResourceOptions(annotated('', option), isApplication)
  expect(fault?.message).toContain(words)
})

test('a list is read with its blanks, once each, and asked for whole options', () => {
  const object = annotated(' Prune=false ,, Prune=false,Force=true')
  expect(readList(object, SYNC_OPTIONS)).toEqual(['Prune=false', 'Force=true'])
  expect([hasOption(object, 'Prune=false'), hasOption(object, 'Prune')]).toEqual([true, false])
  const application = { spec: spec('Prune=false') }
  expect([hasApplicationOption(application, 'Prune=false'), hasApplicationOption(application, 'Prune')]).toEqual([
    true,
    false,
  ])
})
