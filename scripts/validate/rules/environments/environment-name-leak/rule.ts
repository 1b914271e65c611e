// The name of one environment in the files of another: an overlay that was copied, and not changed everywhere.
import type { DeclaredEnvironment } from '../../../../tree/environments/declared.ts'
import { createNameSearch } from '../../../../tree/environments/names.ts'
import type { EnvironmentBuild } from '../../../../tree/environments/open.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { SourceFile } from '../../../../tree/source/source-file.ts'
import { defineRule, type RuleFinding } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'environment-name-leak',
  severity: 'warning',
  summary: 'A file of one environment names another.',
  why: 'prod then talks to the database of dev, or dev to that of prod: the overlay was copied and one line forgotten.',
  remediation: 'Write the name of the environment that the file belongs to.',
  source: 'environments.order in validation.yaml',
  *check({ environments: { builds }, tree }) {
    const owners = listOwners(builds)
    const find = createNameSearch([...owners.keys()])
    const seen = new Set<string>()
    for (const { environment, ownFiles } of builds) {
      for (const path of ownFiles) {
        const file = seen.has(path) ? undefined : tree.sources.read(path)
        seen.add(path)
        if (!(file instanceof SourceFile) || file.fault) continue
        const isForeign = (name: string): boolean => !owners.get(name)?.has(environment)
        yield* checkFile(file, text => listNamed(text, find).find(isForeign), environment, owners)
      }
    }
  },
})

type Owners = ReadonlyMap<string, ReadonlySet<DeclaredEnvironment>>

/** Whose each name is: the environment's own, and those of the namespaces that its objects live in. */
function listOwners(builds: readonly EnvironmentBuild[]): Owners {
  const owners = new Map<string, Set<DeclaredEnvironment>>()
  for (const { environment, resources } of builds) {
    const namespaces = resources.flatMap(({ namespace }) => (namespace ? [namespace] : []))
    for (const name of new Set([environment.name, ...namespaces])) {
      owners.set(name, (owners.get(name) ?? new Set()).add(environment))
    }
  }
  return owners
}

/** In prose a name alone is a word: there it counts as a part of a name or of an assignment. */
function listNamed(text: string, find: (text: string) => readonly string[]): readonly string[] {
  const tokens = text.split(/[\s"'`,;()<>{}[\]]+/).filter(Boolean)
  return tokens.flatMap(token => {
    const found = find(token)
    return tokens.length > 1 && found[0]?.length === token.length ? [] : found
  })
}

function* checkFile(
  file: SourceFile,
  findForeign: (text: string) => string | undefined,
  environment: DeclaredEnvironment,
  owners: Owners,
): Generator<RuleFinding> {
  const tell = (name: string): string => {
    const [owner] = owners.get(name) ?? []
    const whose = owner && owner.name !== name ? `, a namespace of ${owner.name},` : ''
    return `${name}${whose} is named in a file of ${environment.name}`
  }
  if (!/\.ya?ml$/.test(file.path)) {
    yield* checkText(file, findForeign, tell)
    return
  }
  const parsed = file.parse('kubectl')
  if (parsed.fault) return
  for (const [index, document] of parsed.documents.entries()) {
    for (const [path, text] of listTexts(document, [])) {
      const name = findForeign(text)
      if (name === undefined) continue
      yield { message: tell(name), values: [name], places: [{ range: file.rangeOf(index, path), fieldPath: path }] }
    }
  }
}

/** A file for a ConfigMap, such as one of properties. Its comments say what they like. */
function* checkText(
  file: SourceFile,
  findForeign: (text: string) => string | undefined,
  tell: (name: string) => string,
): Generator<RuleFinding> {
  let offset = 0
  for (const line of file.text.split('\n')) {
    const name = /^\s*(?:#|\/\/|;|--)/.test(line) ? undefined : findForeign(line)
    if (name !== undefined) {
      const range = file.rangeAt(offset + line.indexOf(name))
      yield { message: tell(name), values: [name], places: [{ range, fieldPath: [] }] }
    }
    offset += line.length + 1
  }
}

function* listTexts(value: unknown, path: FieldPath): Generator<readonly [FieldPath, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* listTexts(item, [...path, index])
  else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) yield* listTexts(child, [...path, key])
  }
}
