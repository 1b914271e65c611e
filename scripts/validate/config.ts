// validation.yaml: what it may say, its defaults, and an error with a position for everything else.
import { Problem } from '../command/problem.ts'
import { closest } from '../tree/model/closest.ts'
import type { Severity } from './findings/finding.ts'
import type { FieldPath } from '../tree/model/place.ts'
import type { Value } from '../tree/model/resource.ts'
import { RULES } from './rules/index.ts'
import type { SourceFile } from '../tree/source/source-file.ts'

export interface Config {
  readonly repository: { readonly urls: readonly string[] }
  /** Patterns as in .gitignore, relative to the root. */
  readonly exclude: readonly string[]
  readonly unknownKinds: { readonly allow: readonly { readonly apiVersion: string; readonly kind: string }[] }
  /** Severity of a rule, by its id. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>
}

export const DEFAULT_CONFIG: Config = { repository: { urls: [] }, exclude: [], unknownKinds: { allow: [] }, rules: {} }

type Mapping = Readonly<Record<string, Value>>

/** Throws a Problem whose message begins with `file:line:column`. An empty file is the default configuration. */
export function readConfig(file: SourceFile): Config {
  const parsed = file.parse('kubectl')
  const fail = (message: string, path: FieldPath): never => {
    const { line, column } = parsed.fault ? file.rangeAt(parsed.fault.offset) : file.rangeOf(0, path)
    throw new Problem(`${file.path}:${line}:${column}: ${message}`, { exitCode: 2 })
  }
  if (parsed.fault) fail(parsed.fault.message, [])
  if (parsed.documents.length > 1) fail('one document is expected', [])
  const mapping = (value: Value | undefined, path: FieldPath, keys: readonly string[]): Mapping => {
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value))
      return fail(`${path.join('.') || 'the file'} must be a mapping`, path)
    for (const key of Object.keys(value)) {
      if (keys.includes(key)) continue
      const near = closest(key, keys)
      fail(`unknown key "${key}"${near ? `: did you mean "${near}"?` : `; known are ${keys.join(', ')}`}`, [
        ...path,
        key,
      ])
    }
    return value as Mapping
  }
  const list = (value: Value | undefined, path: FieldPath): readonly Value[] =>
    value === undefined || value === null
      ? []
      : Array.isArray(value)
        ? value
        : fail(`${path.join('.')} must be a list`, path)
  const text = (value: Value | undefined, path: FieldPath): string =>
    typeof value === 'string' && value !== '' ? value : fail(`${path.join('.')} must be a text`, path)
  const texts = (value: Value | undefined, path: FieldPath): readonly string[] =>
    list(value, path).map((item, index) => text(item, [...path, index]))

  /** Read by tree/environments.ts; here a mistake in it is told. */
  const checkEnvironments = (value: Value | undefined): void => {
    const names = new Set<string>()
    const section = mapping(value, ['environments'], ['order'])
    for (const [index, item] of list(section.order, ['environments', 'order']).entries()) {
      const path = ['environments', 'order', index]
      const entry = mapping(item, path, ['name', 'builds', 'registries', 'replicas'])
      const name = text(entry.name, [...path, 'name'])
      if (names.has(name)) fail(`environment ${name} is listed twice`, [...path, 'name'])
      names.add(name)
      if (texts(entry.builds, [...path, 'builds']).length === 0) fail(`environment ${name} has no builds`, path)
      texts(entry.registries, [...path, 'registries'])
      const replicas = mapping(entry.replicas, [...path, 'replicas'], ['minimum', 'maximum'])
      for (const [key, bound] of Object.entries(replicas)) {
        const isCount = typeof bound === 'number' && Number.isInteger(bound) && bound >= 0
        if (!isCount) fail(`replicas.${key} must be a whole number from 0`, [...path, 'replicas', key])
      }
    }
  }

  const top = mapping(parsed.documents[0], [], ['repository', 'exclude', 'unknownKinds', 'rules', 'environments'])
  const repository = mapping(top.repository, ['repository'], ['urls'])
  const unknownKinds = mapping(top.unknownKinds, ['unknownKinds'], ['allow'])
  const allow = list(unknownKinds.allow, ['unknownKinds', 'allow']).map((item, index) => {
    const path = ['unknownKinds', 'allow', index]
    const entry = mapping(item, path, ['apiVersion', 'kind'])
    return { apiVersion: text(entry.apiVersion, [...path, 'apiVersion']), kind: text(entry.kind, [...path, 'kind']) }
  })
  checkEnvironments(top.environments)
  const ids = RULES.map(rule => rule.id)
  const rules = Object.entries(mapping(top.rules, ['rules'], ids)).map(([id, value]) => {
    if (value !== 'error' && value !== 'warning' && value !== 'off' && value !== false) {
      return fail(`rules.${id} must be error, warning or off`, ['rules', id])
    }
    // `off` is false for a YAML 1.1 reader.
    return [id, value === false ? 'off' : value] as const
  })
  return {
    repository: { urls: texts(repository.urls, ['repository', 'urls']) },
    exclude: texts(top.exclude, ['exclude']),
    unknownKinds: { allow },
    rules: Object.fromEntries(rules),
  }
}
