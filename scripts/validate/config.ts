// validation.yaml: what its JSON Schema says it may say, its defaults, and an error with a position for everything else.
import { createRequire } from 'node:module'
import { Problem } from '../command/problem.ts'
import { closest } from '../tree/model/closest.ts'
import type { FieldPath } from '../tree/model/place.ts'
import type { SourceFile } from '../tree/source/source-file.ts'
import type { Severity } from './findings/finding.ts'
import { rangeInText } from './policies/range-in-text.ts'
import { createCompiler, type RawFault } from './schema/compile.ts'
import type { JsonSchema } from './schema/json-schema.ts'
import { dropNulls } from './schema/nulls.ts'
import { schemaChain } from './schema/suggest.ts'
import written from './validation.schema.json' with { type: 'json' }

// Most configurations have no expressions.
const requireHere = createRequire(import.meta.url)

export interface Config {
  readonly repository: { readonly urls: readonly string[] }
  /** Patterns as in .gitignore, relative to the root. */
  readonly exclude: readonly string[]
  readonly unknownKinds: { readonly allow: readonly { readonly apiVersion: string; readonly kind: string }[] }
  /** Severity of a rule, by its id. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>
  /** Options of kustomize that the tree itself does not show. */
  readonly kustomize: { readonly enableHelm: boolean }
  /** Definitions beside those that the tree deploys. */
  readonly schemas: readonly SchemaSource[]
  /** `strict` adds rules on what is ordinary in this field, and could be better. */
  readonly preset: 'recommended' | 'strict'
  /** Severities of some findings of a rule; the last one that fits counts. */
  readonly severity: readonly SeverityRule[]
  readonly suppressions: readonly SuppressionRule[]
  readonly policies: readonly OwnPolicy[]
}

/** A rule that the repository writes for itself. */
export interface OwnPolicy {
  readonly id: string
  /** As `Deployment`, `apps/Deployment` or `*`. */
  readonly kinds: readonly string[]
  /** In CEL, over `object`, `namespaceObject` and `params`; true where all is well. */
  readonly expression: string
  readonly message?: string
  readonly messageExpression?: string
  readonly severity: Severity
  readonly params?: Readonly<Record<string, unknown>>
}

export interface SeverityRule {
  readonly rule: string
  /** A pattern as in .gitignore. */
  readonly path?: string
  /** A folder on the way to the build: `qa` fits `overlays/qa`. */
  readonly environment?: string
  readonly severity: Severity | 'off'
}

export interface SuppressionRule extends Omit<SeverityRule, 'severity'> {
  /** As `Deployment/web`. */
  readonly object?: string
  readonly reason: string
  readonly owner?: string
  /** The last day, as `2026-12-31`. */
  readonly expires?: string
}

/** A file of CustomResourceDefinitions, or a JSON Schema and the kind that it describes. */
export interface SchemaSource {
  /** Relative to the root. */
  readonly file: string
  readonly kind?: { readonly apiVersion: string; readonly kind: string }
}

export const DEFAULT_CONFIG: Config = {
  repository: { urls: [] },
  exclude: [],
  unknownKinds: { allow: [] },
  rules: {},
  kustomize: { enableHelm: false },
  schemas: [],
  preset: 'recommended',
  severity: [],
  suppressions: [],
  policies: [],
}

/** The file as its schema describes it. */
interface Written {
  readonly repository?: Partial<Config['repository']>
  readonly exclude?: Config['exclude']
  readonly unknownKinds?: Partial<Config['unknownKinds']>
  readonly rules?: Readonly<Record<string, Severity | 'off' | false>>
  /** Read by tree/environments/declared.ts. */
  readonly environments?: {
    readonly order?: readonly { readonly name: string }[]
    readonly mayDiffer?: readonly (string | { readonly path?: string })[]
  }
  readonly preset?: Config['preset']
  readonly severity?: readonly (Omit<SeverityRule, 'severity'> & {
    readonly severity: SeverityRule['severity'] | false
  })[]
  readonly suppressions?: Config['suppressions']
  readonly policies?: readonly (Omit<OwnPolicy, 'severity'> & Partial<Pick<OwnPolicy, 'severity'>>)[]
  readonly kustomize?: Partial<Config['kustomize']>
  readonly schemas?: readonly (string | { readonly file: string; readonly apiVersion: string; readonly kind: string })[]
}

/** As it was made of the catalogue: to make it anew would load every rule. */
const SCHEMA = written as unknown as JsonSchema
const lookup = (): JsonSchema => SCHEMA

/** Throws a Problem whose message begins with `file:line:column`. An empty file is the default configuration. */
export function readConfig(file: SourceFile): Config {
  const parsed = file.parse('kubectl')
  const fail = (message: string, path: FieldPath): never => {
    const { line, column } = parsed.fault ? file.rangeAt(parsed.fault.offset) : file.rangeOf(0, path)
    throw new Problem(`${file.path}:${line}:${column}: ${message}`, { exitCode: 2 })
  }
  if (parsed.fault) fail(parsed.fault.message, [])
  if (parsed.documents.length > 1) fail('one document is expected', [])
  const document = parsed.documents[0] ?? {}
  // A key without a value is one that is not there.
  const value = dropNulls(document, SCHEMA, { lookup, emptyItems: 'kept' })
  const fault = findFault(value)
  if (fault) fail(describeFault(fault), placeOf(fault))
  const { repository, exclude, unknownKinds, rules, schemas, environments, ...written } = value as Written
  const suppressions = written.suppressions ?? []
  const undated = suppressions.findIndex(({ expires }) => expires !== undefined && !/^\d{4}-\d\d-\d\d$/.test(expires))
  if (undated >= 0) fail('expires must be a day, as 2026-12-31', ['suppressions', undated, 'expires'])
  const names = (environments?.order ?? []).map(({ name }) => name)
  const twice = names.findIndex((name, index) => names.indexOf(name) < index)
  if (twice >= 0) fail(`environment ${names[twice]} is listed twice`, ['environments', 'order', twice, 'name'])
  for (const [index, entry] of (environments?.mayDiffer ?? []).entries()) {
    const [path, at] = typeof entry === 'string' ? [entry, []] : [entry.path, ['path']]
    if (path !== undefined && !path.startsWith('/'))
      fail('a path begins with /, as /spec/replicas', ['environments', 'mayDiffer', index, ...at])
  }
  const policies = (written.policies ?? []).map((one): OwnPolicy => ({ ...one, severity: one.severity ?? 'error' }))
  checkPolicies(policies, file, fail)
  return {
    policies,
    preset: written.preset ?? 'recommended',
    severity: (written.severity ?? []).map(one => ({ ...one, severity: one.severity || 'off' })),
    suppressions,
    repository: { urls: repository?.urls ?? [] },
    exclude: exclude ?? [],
    kustomize: { enableHelm: written.kustomize?.enableHelm ?? false },
    unknownKinds: { allow: unknownKinds?.allow ?? [] },
    // `off` is false for a YAML 1.1 reader.
    rules: Object.fromEntries(Object.entries(rules ?? {}).map(([id, severity]) => [id, severity || 'off'])),
    schemas: (schemas ?? []).map(one =>
      typeof one === 'string'
        ? { file: one }
        : { file: one.file, kind: { apiVersion: one.apiVersion, kind: one.kind } },
    ),
  }
}

/** The names of policies, and their expressions, each fault where it is written. */
function checkPolicies(
  policies: readonly OwnPolicy[],
  file: SourceFile,
  fail: (message: string, path: FieldPath) => never,
): void {
  if (policies.length === 0) return
  const { findRefusals } = requireHere('./policies/refusals.ts') as typeof import('./policies/refusals.ts')
  for (const [index, policy] of policies.entries()) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(policy.id))
      fail('id must be lower-case words with dashes', ['policies', index, 'id'])
    if (policies.findIndex(({ id }) => id === policy.id) < index)
      fail(`policy ${policy.id} is listed twice`, ['policies', index, 'id'])
    for (const { message, offset, field } of findRefusals(policy)) {
      const { line, column } = rangeInText(file, ['policies', index, field], offset)
      throw new Problem(`${file.path}:${line}:${column}: the ${field} of policy ${policy.id} ${message}`, {
        exitCode: 2,
      })
    }
  }
}

/** The first thing that the schema has against a configuration. The schema has no patterns. */
export function findFault(value: unknown): RawFault | undefined {
  return createCompiler(lookup, source => ({ source, test: () => true })).check('', value)[0]
}

function placeOf({ path, params }: RawFault): FieldPath {
  return typeof params.additionalProperty === 'string' ? [...path, params.additionalProperty] : path
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  integer: 'a whole number',
}

function describeFault({ path, keyword, params }: RawFault): string {
  const subject = path.join('.') || 'the file'
  const schema = schemaChain(path, SCHEMA, lookup).at(-1)
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const keys = Object.keys(schema?.properties ?? {})
      const near = closest(key, keys)
      return `unknown key "${key}"${near ? `: did you mean "${near}"?` : `; known are ${keys.join(', ')}`}`
    }
    case 'required':
      return `${[...path, params.missingProperty].join('.')} is required`
    case 'enum': {
      const choices = (schema?.enum ?? []).filter(choice => typeof choice === 'string')
      return `${subject} must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
    }
    case 'minItems':
      return `${subject} must have at least one item`
    case 'minimum':
      return `${subject} must be at least ${params.limit}`
    case 'minLength':
      return `${subject} must not be empty`
    case 'type':
      return `${subject} must be ${[params.type]
        .flat()
        .map(type => TYPES[String(type)] ?? type)
        .join(' or ')}`
    default:
      return `${subject} must be a file, or a mapping of file, apiVersion and kind`
  }
}
