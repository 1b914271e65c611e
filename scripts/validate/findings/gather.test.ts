// What makes two faults one finding, where it is shown, in which order, and what of it counts.
import { expect, test } from 'vitest'
import { type Resource, renderedResource } from '../../tree/model/build.ts'
import type { Fault, FieldPath, SourceRange } from '../../tree/model/place.ts'
import { countFindings } from './count.ts'
import type { Finding } from './finding.ts'
import { gatherFindings, gatherNotExamined, type Locate } from './gather.ts'

const service = (build: string, namespace?: string, annotations = {}): Resource => ({
  ...renderedResource(build, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations } }, 0),
  namespace,
})

const rangeOf = (file: string, line: number): SourceRange => ({ file, line, column: 3, endLine: line, endColumn: 9 })

/** A field stands in the line that its path names; what `patched` names was written by a later step. */
const locate: Locate = ({ name }, path) => {
  const line = path.find(segment => typeof segment === 'number') ?? 1
  return { range: rangeOf(`${name}.yaml`, line), chain: [], rank: path.includes('patched') ? 2 : 0, proved: true }
}

const fault = (build: string, more: Partial<Fault> = {}, ...paths: readonly FieldPath[]): Fault => {
  const [first = [4, 'spec'], ...rest] = paths
  const resource = service(build, build)
  return {
    ...{ ruleId: 'dangling-service', message: 'no pods', values: ['app'] },
    places: [{ resource, fieldPath: first }, ...rest.map(fieldPath => ({ resource, fieldPath }))],
    ...more,
  }
}

const gather = (...faults: readonly Fault[]): readonly Finding[] => gatherFindings(faults, { locate, rules: {} })
const occurrences = (findings: readonly Finding[]) => findings.map(one => one.occurrences.map(({ build }) => build))

test.each<readonly [what: string, one: Partial<Fault>, other: Partial<Fault>, path: FieldPath, isOne: boolean]>([
  ['the same of the same place is one', {}, {}, [4, 'spec'], true],
  ['prose makes no difference', {}, { message: 'no pods here' }, [4, 'spec'], true],
  ['another value is another', {}, { values: ['other'], message: 'no other' }, [4, 'spec'], false],
  ['a text is not the number of its digits', { values: [1] }, { values: ['1'], message: 'text' }, [4, 'spec'], false],
  ['the same words of another value are another', {}, { values: ['other'] }, [4, 'spec'], false],
  ['a field of the same name that the same place writes is the same', {}, {}, ['more', 4, 'spec'], true],
  ['another rule is another', {}, { ruleId: 'dangling-target-port' }, [4, 'spec'], false],
  ['another line is another', {}, {}, [5, 'spec'], false],
  ['another field of one line is another', {}, { message: 'no status' }, [4, 'status'], false],
])('%s', (_, one, other, path, isOne) => {
  const found = occurrences(gather(fault('prod', one), fault('dev', other, path), fault('prod', one)))
  expect(found).toHaveLength(isOne ? 1 : 2)
  expect(found).toEqual(isOne ? [['dev', 'prod']] : expect.arrayContaining([['dev'], ['prod']]))
})

test('a finding is known again in other words, and not with other values', () => {
  const print = (more: Partial<Fault>) => gather(fault('dev', more)).map(one => [one.fingerprint, one.likeness])
  for (const values of [[], ['app']]) expect(print({ values, message: 'said otherwise' })).toEqual(print({ values }))
  const [[fingerprint, likeness] = []] = print({ values: [] })
  const [[other, alike] = []] = print({ values: ['app'] })
  expect([other, alike]).not.toContain(fingerprint)
  expect(alike).not.toBe(likeness)
})

test('of a file that was moved the likeness is left, and of another object neither', () => {
  const at = (file: string, name = 'web') => {
    const place = { range: rangeOf(file, 4), fieldPath: ['spec'] }
    const resource = { apiVersion: 'v1', kind: 'Service', name }
    return gather({ ...fault('dev'), places: [place], resource })[0]
  }
  expect(at('moved.yaml')?.fingerprint).not.toBe(at('web.yaml')?.fingerprint)
  expect(at('moved.yaml')?.likeness).toBe(at('web.yaml')?.likeness)
  expect(at('web.yaml', 'api')?.likeness).not.toBe(at('web.yaml')?.likeness)
})

test('it is shown at the place that was written last, and keeps the field of the first', () => {
  const [finding] = gather(fault('dev', {}, [4, 'spec'], [8, 'patched'], [6, 'spec']))
  expect(finding).toMatchObject({ location: { file: 'web.yaml', line: 8 }, fieldPath: [4, 'spec'] })
})

test('what is an error in one build is an error, in whichever order', () => {
  const [certain, doubtful] = [fault('dev'), fault('prod', { severity: 'warning' })]
  for (const faults of [
    [certain, doubtful],
    [doubtful, certain],
  ]) {
    expect(gather(...faults)).toMatchObject([{ severity: 'error', occurrences: [{ build: 'dev' }, { build: 'prod' }] }])
  }
})

test('what is excused in one build counts in another, in whichever order', () => {
  const excused = service('dev', 'dev', { 'ignore-check.kube-linter.io/dangling-service': 'on purpose' })
  const [open, silent, doubtful] = [
    fault('prod'),
    fault('dev', { places: [{ resource: excused, fieldPath: [4, 'spec'] }] }),
    fault('qa', { severity: 'warning' }),
  ]
  for (const faults of [
    [silent, open],
    [open, silent],
    [silent, open, silent],
  ]) {
    const [finding, ...more] = gather(...faults)
    expect(more).toEqual([])
    expect(finding).toMatchObject({ severity: 'error', occurrences: [{ build: 'dev' }, { build: 'prod' }] })
    expect(finding?.suppression).toBeUndefined()
  }
  for (const faults of [
    [silent, doubtful],
    [doubtful, silent],
  ])
    expect(gather(...faults)).toMatchObject([{ severity: 'warning' }])
  expect(gather(silent, silent)).toMatchObject([{ suppression: { by: 'annotation' } }])
})

test('what is turned off, or excused by its object, is kept, marked, and counted once', () => {
  const off = gatherFindings([fault('dev'), fault('prod')], { locate, rules: { 'dangling-service': 'off' } })
  expect(off).toMatchObject([{ suppression: { by: 'validation.yaml' } }])
  const excused = service('dev', 'dev', { 'ignore-check.kube-linter.io/dangling-service': 'on purpose' })
  const annotated = gather(fault('dev', { places: [{ resource: excused, fieldPath: [4, 'spec'] }] }))
  expect(annotated).toMatchObject([{ suppression: { by: 'annotation', reason: 'on purpose' } }])
  const warning = gather(fault('qa', { severity: 'warning', values: ['w'] }))
  expect(countFindings([...off, ...annotated, ...warning])).toEqual({ errors: 0, warnings: 1, suppressed: 2 })
})

test('the order is file, line, column, rule; twins are told apart, and keep their names when lines move', () => {
  const at = (file: string, line: number, ruleId = 'yaml-syntax'): Fault => ({
    ...{ ruleId, message: 'm', values: ['v'], places: [{ range: rangeOf(file, line), fieldPath: [] }] },
  })
  const shuffled = [at('b', 1), at('a', 9), at('a', 2, 'yaml-syntax'), at('a', 2, 'unknown-kind')]
  const sorted = gather(...shuffled)
  const shown = sorted.map(({ location, ruleId }) => `${location.file}:${location.line} ${ruleId}`)
  expect(shown).toEqual(['a:2 unknown-kind', 'a:2 yaml-syntax', 'a:9 yaml-syntax', 'b:1 yaml-syntax'])
  const prints = (findings: readonly Finding[]) => findings.map(({ fingerprint }) => fingerprint)
  expect(new Set(prints(sorted)).size).toBe(4)
  expect(prints(gather(at('a', 2, 'unknown-kind')))).not.toEqual(prints(gather(at('a', 2))))
  expect(prints(gather(at('a', 12), at('a', 19)))).toEqual(prints(gather(at('a', 2), at('a', 9))))
})

test('what schema-validation tells is not told again of the scalar in the same line', () => {
  const ambiguous = (line: number) => fault('dev', { ruleId: 'ambiguous-scalar', values: [line] }, ['spec', line])
  const typed = fault('dev', { ruleId: 'schema-validation' }, [4, 'spec'])
  expect(gather(ambiguous(4), typed, ambiguous(5)).map(({ ruleId, location }) => `${ruleId} ${location.line}`)).toEqual(
    ['schema-validation 4', 'ambiguous-scalar 5'],
  )
})

test('occurrences are told once each, by build and then by namespace', () => {
  const of = (build: string, namespace?: string): Fault =>
    fault(build, { places: [{ resource: service(build, namespace), fieldPath: [4, 'spec'] }] })
  const [finding] = gather(of('b', 'y'), of('b', 'x'), of('a', 'z'), of('b', 'y'), of('a'))
  expect(finding?.occurrences).toEqual([
    { build: 'a' },
    { build: 'a', namespace: 'z' },
    { build: 'b', namespace: 'x' },
    { build: 'b', namespace: 'y' },
  ])
})

test('a number is shown as it is written, and what copied it is named instead of quotes', () => {
  const said = (written: string | undefined, via?: 'var'): string | undefined => {
    const how: Locate = (resource, path) => ({
      ...locate(resource, path),
      ...(written === undefined ? {} : { written }),
      ...(via ? { via } : {}),
    })
    const message = 'spec must be a string, not the number 771294000000: quote it'
    return gatherFindings([fault('dev', { message })], { locate: how, rules: {} })[0]?.message
  }
  expect(said('7712940e5')).toBe('spec must be a string, not the number 7712940e5: quote it')
  expect(said('5')).toBe('spec must be a string, not the number 771294000000: quote it')
  expect(said(undefined)).toBe('spec must be a string, not the number 771294000000: quote it')
  expect(said('7712940e5', 'var')).toBe('spec must be a string, not the number 7712940e5, which a var copies here')
})

test('a trace that is not proved is marked, a place in a file is proved', () => {
  const unsure: Locate = (resource, path) => ({ ...locate(resource, path), proved: false })
  expect(gatherFindings([fault('dev')], { locate: unsure, rules: {} })).toMatchObject([{ proved: false }])
  const inFile = fault('dev', { places: [{ range: rangeOf('a.yaml', 1), fieldPath: [] }] })
  for (const one of [...gather(inFile), ...gather(fault('dev'))]) expect(one).not.toHaveProperty('proved')
})

test('what was not examined stands where its own object stands, each reason once', () => {
  const [one, two] = [service('dev'), { ...service('dev'), name: 'api' }]
  const skip = (resource: Resource, line: number, reason = 'a chart') => ({
    ...{ place: { resource, fieldPath: ['spec', line] }, reason, detail: 'x' },
  })
  expect(
    gatherNotExamined([skip(one, 7), skip(two, 7), skip(one, 7), skip(one, 3), skip(one, 3, 'a')], locate),
  ).toEqual([
    { file: 'api.yaml', line: 7, reason: 'a chart', detail: 'x' },
    { file: 'web.yaml', line: 3, reason: 'a', detail: 'x' },
    { file: 'web.yaml', line: 3, reason: 'a chart', detail: 'x' },
    { file: 'web.yaml', line: 7, reason: 'a chart', detail: 'x' },
  ])
})

test('of places that were written at the same time the first is shown', () => {
  expect(gather(fault('dev', {}, [4, 'spec'], [6, 'spec']))).toMatchObject([{ location: { line: 4 } }])
})

test('two doubts are not one certainty, and a fault may say itself what to do', () => {
  const doubt: Partial<Fault> = { severity: 'warning' }
  expect(gather(fault('dev', doubt), fault('prod', doubt))).toMatchObject([{ severity: 'warning' }])
  expect(gather(fault('dev', { remediation: 'Leave it out.' }))).toMatchObject([{ remediation: 'Leave it out.' }])
  expect(gather(fault('dev'))[0]?.remediation).toMatch(/^[A-Z].*\.$/)
})

test.each([
  ['by the build itself, over a manifest of a base', 'generator', 'overlay', 'base', 'overlay', true],
  ['by the build itself, over a manifest of its own', 'generator', 'overlay', 'overlay', 'overlay', false],
  ['by the base, over a manifest of another one', 'generator', 'base', 'other', 'overlay', false],
  ['by a patch of a base, over a manifest of another one', 'patch', 'base', 'other', 'overlay', true],
] as const)('what is written later %s', (_, role, writer, manifest, build, isShown) => {
  const own = { ...rangeOf(`${manifest}/web.yaml`, 4), role: 'resource' } as const
  const later = { ...rangeOf(`${writer}/kustomization.yaml`, 8), role } as const
  const at: Locate = (_resource, path) =>
    path.includes('later')
      ? { range: later, chain: [later], rank: 2, proved: true }
      : { range: own, chain: [own], rank: 1, proved: true }
  const [finding] = gatherFindings([fault(build, {}, ['spec'], ['later'])], { locate: at, rules: {} })
  expect(finding?.location.file).toBe(isShown ? `${writer}/kustomization.yaml` : `${manifest}/web.yaml`)
})
