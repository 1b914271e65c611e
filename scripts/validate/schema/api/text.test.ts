// The forms of names: what is taken, and what is not. Source: apimachinery's util/validation tests.
import { expect, test } from 'vitest'
import type { TextTest } from './check.ts'
import * as forms from './text.ts'

const long = (length: number): string => 'a'.repeat(length)

const TABLE: readonly (readonly [name: string, form: TextTest, right: readonly string[], wrong: readonly string[]])[] =
  [
    ['dnsLabel', forms.dnsLabel, ['a', 'a-b', '1', long(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', long(64)]],
    [
      'dnsSubdomain',
      forms.dnsSubdomain,
      ['a', 'a.b', '1.2', long(253)],
      ['', '.a', 'a.', 'a..b', 'A', 'a_b', long(254)],
    ],
    ['relaxedSubdomain', forms.relaxedSubdomain, ['_a', 'a_b.c', 'a.b'], ['__a', 'a_', '', long(254)]],
    ['anyCaseSubdomain', forms.anyCaseSubdomain, ['A.b', 'a'], ['A_b']],
    ['dns1035Label', forms.dns1035Label, ['a', 'a1', 'a-b'], ['1a', 'a.b', '', long(64)]],
    ['wildcardDomain', forms.wildcardDomain, ['*.a', '*.a.b'], ['*', '*.', 'a.b', '*.*.a', '*a']],
    [
      'qualifiedName',
      forms.qualifiedName,
      ['a', 'A.b_c', 'example.com/a', `example.com/${long(63)}`],
      ['', '/a', 'example.com/', 'a/b/c', 'Example.com/a', '-a', 'a-', `example.com/${long(64)}`],
    ],
    ['annotationKey', forms.annotationKey, ['Example.com/A'], ['a/b/c']],
    ['labelValue', forms.labelValue, ['', 'a', 'A.b_c', long(63)], ['-a', 'a.', 'a b', long(64)]],
    ['portName', forms.portName, ['http', 'a-1', '8a'], ['8080', 'a--b', '-a', 'a-', 'A', '', long(16)]],
    ['variableName', forms.variableName, ['A', 'a b', '1'], ['', 'A=B', 'ä']],
    ['configKey', forms.configKey, ['a', '.a', 'a..b', long(253)], ['', '.', '..', '..a', 'a b', long(254)]],
    ['headerName', forms.headerName, ['X-A'], ['', 'a b', 'a_b']],
    ['pathSegment', forms.pathSegment, ['a', '...', 'system:a'], ['.', '..', 'a/b', 'a%b']],
    ['percentage', forms.percentage, ['0%', '250%'], ['1.5%', '%', '-1%', '5']],
    [
      'microTime',
      forms.microTime,
      ['2026-01-31T12:00:00.000000Z', '2026-01-31T12:00:00.000000+02:00'],
      ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.00000Z', '2026-01-31'],
    ],
    ['relativePath', forms.relativePath, ['a', 'a/..b', '..a', ''], ['/a', '..', 'a/../b']],
    ['localPath', forms.localPath, ['a', 'a/..b'], ['/a', '..a', 'a/..']],
    ['withoutBackstep', forms.withoutBackstep, ['/a', '..a'], ['/a/..', '..']],
    [
      'domainPrefixedPath',
      forms.domainPrefixedPath,
      ['example.com/a', 'example.com/A/b'],
      ['example.com', '/a', 'example.com/', 'Example.com/a', 'example.com/a b'],
    ],
    ['fullDomain', forms.fullDomain(2), ['a.b', 'a.b.c'], ['a', '', 'A.b']],
    ['asPrefix', forms.asPrefix(forms.dnsLabel), ['a-', 'a', 'ab-'], ['-', 'AB-']],
    ['both', forms.both(forms.dnsLabel, forms.portName), ['a'], ['a.b', long(16)]],
  ]

test.each(TABLE)('%s', (_, form, right, wrong) => {
  expect(right.filter(value => form(value) !== undefined)).toEqual([])
  expect(wrong.filter(value => form(value) === undefined)).toEqual([])
})

test.each([
  [forms.dnsLabel, 'Web_Server', 'as web-server'],
  [forms.dnsSubdomain, 'Web_1.Example.com', 'as web-1.example.com'],
  [forms.dns1035Label, '1-Web', 'as web'],
  [forms.labelValue, ' a b ', 'as a-b'],
  [forms.dnsLabel, '___', 'letter or digit'],
  [forms.portName, 'http-metrics-port', 'at most 15 bytes and has 17'],
] as const)('what is near is named: %#', (form, value, said) => {
  expect(form(value)).toMatch(new RegExp(`${said}$`))
})
