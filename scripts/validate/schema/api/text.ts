// The forms of names and texts of the Kubernetes API, each with what it allows and the nearest right value.
// Source: RFC 1123 and RFC 1035 names, and apimachinery's util/validation and api/validate/content.

import type { TextTest } from './check.ts'
import { bytesOf } from './node.ts'

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const dnsLabelPattern = new RegExp(`^${label}$`)
const dnsSubdomainPattern = new RegExp(`^${label}(?:\\.${label})*$`)
const relaxedLabel = '_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?'
const relaxedSubdomainPattern = new RegExp(`^${relaxedLabel}(?:\\.${relaxedLabel})*$`)
const wildcardPattern = new RegExp(`^\\*\\.${label}(?:\\.${label})*$`)
const qualifiedPattern = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

const lowerCase = 'lower-case letters, digits and "-", starting and ending with a letter or digit'

export const dnsLabel: TextTest = value => {
  if (dnsLabelPattern.test(value)) return tooLong(value, 63)
  return `must be ${lowerCase}${near(value, toDnsLabel(value))}`
}

export const dnsSubdomain: TextTest = value => {
  if (dnsSubdomainPattern.test(value)) return tooLong(value, 253)
  return `must be ${lowerCase.replace('digits and "-"', 'digits, "-" and "."')}${near(value, toDnsSubdomain(value))}`
}

/** Names of hosts in DNS search lists may have underscores. */
export const relaxedSubdomain: TextTest = value => {
  if (relaxedSubdomainPattern.test(value)) return tooLong(value, 253)
  return 'must be a domain of lower-case letters, digits, "-" and "_"'
}

/** Case does not matter: names of CSI drivers. */
export const anyCaseSubdomain: TextTest = value => dnsSubdomain(value.toLowerCase())

export const dns1035Label: TextTest = value => {
  if (/^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(value)) return tooLong(value, 63)
  return `must be lower-case letters, digits and "-", starting with a letter${near(value, toDnsLabel(value).replace(/^[0-9-]+/, ''))}`
}

export const wildcardDomain: TextTest = value =>
  wildcardPattern.test(value)
    ? tooLong(value, 253)
    : 'must have "*." at its start and a domain after it, as *.example.com'

/** `name` or `prefix/name`: keys of labels and annotations, names of conditions and gates. */
export const qualifiedName: TextTest = value => {
  const parts = value.split('/')
  if (parts.length > 2) return 'must be a name, or a domain, "/" and a name'
  const name = parts.at(-1) as string
  if (parts.length === 2) {
    const prefix = parts[0] as string
    if (prefix === '') return 'must have a domain before the "/"'
    const problem = dnsSubdomain(prefix)
    if (problem !== undefined) return `must have a domain of lower-case letters, digits, "-" and "." before the "/"`
  }
  if (name === '') return parts.length === 2 ? 'must have a name after the "/"' : 'must not be empty'
  if (bytesOf(name) > 63) return `must have at most 63 bytes${parts.length === 2 ? ' after the "/"' : ''}`
  if (!qualifiedPattern.test(name))
    return 'must be letters, digits, "-", "_" and ".", starting and ending with a letter or digit'
  return undefined
}

/** Annotations take capitals in their domain too. */
export const annotationKey: TextTest = value => qualifiedName(value.toLowerCase())

export const labelValue: TextTest = value => {
  if (bytesOf(value) > 63) return `must have at most 63 bytes and has ${bytesOf(value)}`
  if (value === '' || qualifiedPattern.test(value)) return undefined
  return `must be letters, digits, "-", "_" and ".", starting and ending with a letter or digit${near(value, toLabelValue(value))}`
}

export const portName: TextTest = value => {
  if (bytesOf(value) > 15) return `must have at most 15 bytes and has ${bytesOf(value)}`
  if (!/^[-a-z0-9]+$/.test(value)) return 'must be lower-case letters, digits and "-"'
  if (!/[a-z]/.test(value)) return 'must have a letter; a number is written without quotes'
  if (value.includes('--')) return 'must not have "--"'
  return /^-|-$/.test(value) ? 'must not start or end with "-"' : undefined
}

/** Names of environment variables: printable ASCII without "=". */
export const variableName: TextTest = value => {
  if (value === '') return 'must not be empty'
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value) ? undefined : 'must be printable ASCII without "="'
}

/** Keys of ConfigMaps and Secrets. */
export const configKey: TextTest = value => {
  if (bytesOf(value) > 253) return `must have at most 253 bytes and has ${bytesOf(value)}`
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) return 'must be letters, digits, "-", "_" and "."'
  return value === '.' || value.startsWith('..') ? 'must not be "." and not start with ".."' : undefined
}

export const headerName: TextTest = value =>
  /^[-A-Za-z0-9]+$/.test(value) ? undefined : 'must be letters, digits and "-"'

/** A name that stands in a URL: RBAC objects, and what a reference names. */
export const pathSegment: TextTest = value => {
  if (value === '.' || value === '..') return 'must not be "." or ".."'
  return /[/%]/.test(value) ? 'must not have "/" or "%"' : undefined
}

export const percentage: TextTest = value =>
  /^[0-9]+%$/.test(value) ? undefined : 'must be an integer or a percentage such as 25%'

/** A MicroTime of meta/v1: the server reads six digits of a second, no more and no less. */
export const microTime: TextTest = value =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/.test(value)
    ? undefined
    : 'must be a time with six digits of a second, as 2026-01-31T12:00:00.000000Z'

export const relativePath: TextTest = value => {
  if (value.startsWith('/')) return 'must be a relative path'
  return hasBackstep(value) ? 'must not have ".." in it' : undefined
}

/** A path below a volume, where names that begin with ".." are the kubelet's. */
export const localPath: TextTest = value => {
  const problem = relativePath(value)
  if (problem !== undefined) return problem
  return value.startsWith('..') ? 'must not start with ".."' : undefined
}

export const withoutBackstep: TextTest = value => (hasBackstep(value) ? 'must not have ".." in it' : undefined)

/** `domain/path`: who manages a Job. */
export const domainPrefixedPath: TextTest = value => {
  const cut = value.indexOf('/')
  if (cut <= 0 || cut === value.length - 1) return 'must be a domain and a path, as example.com/name'
  if (dnsSubdomain(value.slice(0, cut)) !== undefined) return 'must begin with a domain in lower case'
  return /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(value.slice(cut + 1)) ? undefined : 'must have a path as in a URL'
}

/** A domain with at least this many labels. */
export function fullDomain(labels: number): TextTest {
  return value =>
    dnsSubdomain(value) ??
    (value.split('.').length < labels ? `must be a domain of at least ${labels} labels` : undefined)
}

/** The first of several tests that fails. */
export function both(...tests: readonly TextTest[]): TextTest {
  return value => {
    for (const test of tests) {
      const problem = test(value)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** What a name that gets something appended may end with. */
export function asPrefix(test: TextTest): TextTest {
  return value => test(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value)
}

const hasBackstep = (value: string): boolean => value.split('/').includes('..')

function tooLong(value: string, most: number): string | undefined {
  const length = bytesOf(value)
  return length > most ? `must have at most ${most} bytes and has ${length}` : undefined
}

function near(value: string, right: string): string {
  return right !== '' && right !== value && right.length <= 63 ? `, as ${right}` : ''
}

const toDnsLabel = (value: string): string =>
  value
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')

const toDnsSubdomain = (value: string): string => value.split('.').map(toDnsLabel).filter(Boolean).join('.')

const toLabelValue = (value: string): string =>
  value.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
