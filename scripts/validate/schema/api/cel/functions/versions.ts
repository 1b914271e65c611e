// Semantic versions. Source: k8s.io/apiserver/pkg/cel/library (semver), semver.org.
import type { Library } from './library.ts'

type Part = bigint | string

class Version {
  readonly parts: readonly [bigint, bigint, bigint]
  readonly pre: readonly Part[]
  constructor(parts: readonly [bigint, bigint, bigint], pre: readonly Part[]) {
    this.parts = parts
    this.pre = pre
  }
}

const number = '(0|[1-9]\\d{0,19})'
const PATTERN = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)

function read(text: string): Version | undefined {
  const [, major, minor, patch, pre] = (text.length <= 1000 && PATTERN.exec(text)) || []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const parts = pre?.split('.') ?? []
  if (parts.some(part => /^0\d+$/.test(part))) return undefined
  return new Version(
    [BigInt(major), BigInt(minor), BigInt(patch)],
    parts.map(part => (/^\d+$/.test(part) ? BigInt(part) : part)),
  )
}

function trim(part: string): string {
  if (part.length <= 1) return part
  const rest = part.replace(/^0+/, '')
  return /^\d/.test(rest) ? rest : `0${rest}`
}

/** Without a `v` before it and zeros at its start, and with the parts that are left out. */
function normalize(text: string): string {
  const [major = '', minor, ...patch] = text.replace(/^v/, '').split('.')
  const written = [major, minor, patch.length > 0 ? patch.join('.') : undefined]
  const parts = written.filter(part => part !== undefined).map(trim)
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) return ''
  return [...parts, '0', '0'].slice(0, 3).join('.')
}

const readAny = (text: string, isLenient = false): Version | undefined => read(isLenient ? normalize(text) : text)

function toVersion(text: string, isLenient = false): Version {
  const version = readAny(text, isLenient)
  if (!version) throw new Error('is not a semantic version')
  return version
}

const order = (a: Part, b: Part): number => (a === b ? 0 : a < b ? -1 : 1)

/** A number is before a word. */
function comparePart(a: Part | undefined, b: Part | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  return typeof a === typeof b ? order(a, b) : typeof a === 'bigint' ? -1 : 1
}

function compare(a: Version, b: Version): number {
  for (const [index, part] of a.parts.entries()) {
    const result = order(part, b.parts[index] as bigint)
    if (result !== 0) return result
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length
  for (let index = 0; index < Math.max(a.pre.length, b.pre.length); index++) {
    const result = comparePart(a.pre[index], b.pre[index])
    if (result !== 0) return result
  }
  return 0
}

export function addVersions({ environment, add }: Library): void {
  const own = 'kubernetes.Semver'
  environment.registerType(own, Version)
  environment.registerOperator(`${own} == ${own}`, (a: Version, b: Version) => compare(a, b) === 0)
  add(`semver(string): ${own}`, toVersion)
  add(`semver(string, bool): ${own}`, toVersion)
  add('isSemver(string): bool', (text: string) => readAny(text) !== undefined)
  add('isSemver(string, bool): bool', (text: string, isLenient: boolean) => readAny(text, isLenient) !== undefined)
  for (const [index, name] of ['major', 'minor', 'patch'].entries())
    add(`${own}.${name}(): int`, ({ parts }: Version) => parts[index])
  add(`${own}.isLessThan(${own}): bool`, (a: Version, b: Version) => compare(a, b) < 0)
  add(`${own}.isGreaterThan(${own}): bool`, (a: Version, b: Version) => compare(a, b) > 0)
  add(`${own}.compareTo(${own}): int`, (a: Version, b: Version) => BigInt(Math.sign(compare(a, b))))
}
