// The meaning of a LabelSelector, requirement by requirement.
import { expect, test } from 'vitest'
import { describeRequirement, findRequirementFault, isMet, readPairs, readRequirements } from './label-selector.ts'

const LABELS = { app: 'web', tier: 'front', empty: '' }
const expression = (key: string, operator: string, ...values: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length ? { values } : {}) }],
})

test.each<readonly [selector: unknown, isSelected: boolean, words: string]>([
  [{}, true, ''],
  [undefined, true, ''],
  [{ matchLabels: { app: 'web' } }, true, 'app=web'],
  [{ matchLabels: { app: 'web', tier: 'back' } }, false, 'app=web, tier=back'],
  [{ matchLabels: { gone: '' } }, false, 'gone='],
  [{ matchLabels: { empty: '' } }, true, 'empty='],
  [expression('app', 'In', 'api', 'web'), true, 'app in (api, web)'],
  [expression('app', 'In', 'api'), false, 'app=api'],
  [expression('gone', 'In', 'x'), false, 'gone=x'],
  [expression('app', 'NotIn', 'api'), true, 'app not in (api)'],
  [expression('app', 'NotIn', 'web'), false, 'app not in (web)'],
  [expression('gone', 'NotIn', 'x'), true, 'gone not in (x)'],
  [expression('empty', 'Exists'), true, 'empty to be set'],
  [expression('gone', 'Exists'), false, 'gone to be set'],
  [expression('app', 'DoesNotExist'), false, 'app not to be set'],
  [expression('gone', 'DoesNotExist'), true, 'gone not to be set'],
  [expression('app', 'Gt', '1'), false, 'app not to be set'],
  [{ matchLabels: { app: 'web' }, ...expression('tier', 'NotIn', 'front') }, false, 'app=web, tier not in (front)'],
])('%j', (selector, isSelected, words) => {
  const requirements = readRequirements(selector)
  expect(requirements.every(one => isMet(one, LABELS))).toBe(isSelected)
  expect(requirements.map(describeRequirement).join(', ')).toBe(words)
})

test('each requirement knows where it stands', () => {
  const selector = { matchLabels: { 'a/b': 'c' }, ...expression('x', 'Exists') }
  expect(readRequirements(selector).map(({ path }) => path)).toEqual([
    ['matchLabels', 'a/b'],
    ['matchExpressions', 0],
  ])
  expect(readPairs({ app: 'web' })).toEqual([{ key: 'app', operator: 'In', values: ['web'], path: ['app'] }])
})

test.each([
  [expression('a', 'In', 'x'), undefined],
  [expression('a', 'In'), 'operator In needs at least one value'],
  [expression('a', 'NotIn'), 'operator NotIn needs at least one value'],
  [expression('a', 'Exists'), undefined],
  [expression('a', 'Exists', 'x'), 'operator Exists takes no values'],
  [expression('a', 'DoesNotExist', 'x'), 'operator DoesNotExist takes no values'],
  [expression('a', 'exists'), 'operator "exists" is not one of In, NotIn, Exists, DoesNotExist'],
])('%j is refused or not', (selector, refusal) => {
  expect(readRequirements(selector).map(findRequirementFault)).toEqual([refusal])
})
