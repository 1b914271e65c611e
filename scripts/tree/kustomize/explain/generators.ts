// What kustomize says of ConfigMaps and Secrets that it makes of literals and files.
import { posix } from 'node:path'
import { listAt, stringAt, valueAt } from '../../model/build.ts'
import { closest } from '../../model/closest.ts'
import type { FieldPath } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { type Explanation, type Failure, type Spot, spotIn } from './explanation.ts'
import { isNamed, resourceDocuments } from './written.ts'

export const GENERATORS = ['configMapGenerator', 'secretGenerator'] as const

interface GeneratorEntry {
  readonly kustomization: Kustomization
  readonly entry: unknown
  readonly fieldPath: FieldPath
}

/** All entries of all generators, the root's first. */
export function* generatorEntries(
  { reach }: Failure,
  fields: readonly string[] = GENERATORS,
): Generator<GeneratorEntry> {
  for (const kustomization of reach) {
    for (const field of fields) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries())
        yield { kustomization, entry, fieldPath: [field, index] }
    }
  }
}

const fieldsOf = (kind: string | undefined): readonly string[] =>
  GENERATORS.filter(field => kind === undefined || field.toLowerCase().startsWith(kind.toLowerCase()))

const entriesNamed = (
  failure: Failure,
  kind: string | undefined,
  name: string | undefined,
): readonly GeneratorEntry[] =>
  [...generatorEntries(failure, fieldsOf(kind))].filter(({ entry }) => stringAt(entry, ['name']) === name)

/** An item of a list of a generator that says what kustomize quotes. */
function findSource(failure: Failure, lists: readonly string[], isIt: (text: string) => boolean): Spot | undefined {
  for (const { kustomization, entry, fieldPath } of generatorEntries(failure)) {
    for (const list of lists) {
      const index = listAt(entry, [list]).findIndex(item => typeof item === 'string' && isIt(item))
      if (index >= 0) return spotIn(kustomization, [...fieldPath, list, index])
    }
  }
  return findInPlugin(failure, lists, isIt)
}

/** The same in a file under `generators`. */
function findInPlugin(failure: Failure, lists: readonly string[], isIt: (text: string) => boolean): Spot | undefined {
  for (const { files } of failure.reach) {
    for (const { path, reference } of files) {
      const file = reference.fieldPath[0] === 'generators' ? failure.sources.read(path) : undefined
      if (!(file instanceof SourceFile)) continue
      for (const [document, value] of file.parse('kustomize').documents.entries()) {
        for (const list of lists) {
          const index = listAt(value, [list]).findIndex(item => typeof item === 'string' && isIt(item))
          const fieldPath = [list, index]
          if (index >= 0) return { range: file.rangeOf(document, fieldPath), fieldPath }
        }
      }
    }
  }
  return undefined
}

const KIND_AND_NAME = /id resid\.ResId\{.*?Kind:"(\w+)".*?Name:"([^"]+)".*?\} /

/** What the sources of an entry are called in the object. */
function* keysOf({ kustomization, entry, fieldPath }: GeneratorEntry, failure: Failure) {
  for (const [index, text] of listAt(entry, ['literals']).entries())
    yield { key: String(text).split('=')[0] ?? '', path: [...fieldPath, 'literals', index] }
  for (const [index, text] of listAt(entry, ['files']).entries()) {
    const [key = '', path] = String(text).split('=')
    yield { key: path === undefined ? posix.basename(key) : key, path: [...fieldPath, 'files', index] }
  }
  for (const [index, path] of listAt(entry, ['envs']).entries()) {
    const file = failure.sources.read(posix.join(kustomization.folder, String(path)))
    for (const line of file instanceof SourceFile ? file.text.split('\n') : [])
      yield { key: line.split('=')[0]?.trim() ?? '', path: [...fieldPath, 'envs', index] }
  }
}

export const GENERATOR_ERRORS: readonly Explanation[] = [
  {
    pattern: new RegExp(`${KIND_AND_NAME.source}does not exist; cannot merge or replace`),
    find([, kind, name], failure) {
      const [found] = entriesNamed(failure, kind, name)
      return found && spotIn(found.kustomization, found.fieldPath)
    },
    say([, kind = '', name = ''], _, failure) {
      const generated = [...generatorEntries(failure, fieldsOf(kind))].map(
        ({ entry }) => stringAt(entry, ['name']) ?? '',
      )
      const written = [...resourceDocuments(failure)]
        .filter(({ value }) => valueAt(value, ['kind']) === kind)
        .map(({ value }) => String(valueAt(value, ['metadata', 'name'])))
      const near = closest(
        name,
        [...generated, ...written].filter(one => one !== name),
      )
      return near === undefined
        ? `no ${name} is there to merge into: a base must generate it first`
        : `no ${kind} ${name} is there to merge into; did you mean ${near}?`
    },
  },
  {
    pattern: new RegExp(`${KIND_AND_NAME.source}exists; .*behavior must be merge or replace`),
    find([, kind, name], failure) {
      const entries = entriesNamed(failure, kind, name)
      const root = entries[0]?.kustomization
      const found = entries.filter(one => one.kustomization === root).at(-1)
      if (!found) return undefined
      const manifest = [...resourceDocuments(failure)].find(({ value }) => isNamed(value, kind, name))
      const other = entries.find(one => one !== found)
      const note = manifest ? manifest.file : other?.kustomization.file.path
      return spotIn(found.kustomization, found.fieldPath, note)
    },
    say: ([, kind, name], { note }) =>
      `${kind} ${name} is there already${note ? `, of ${note}` : ''}: say behavior: merge or replace, or give it another name`,
  },
  {
    pattern: /invalid literal source (.*?), expected key=value/,
    find: ([, text], failure) => findSource(failure, ['literals'], item => item === text),
    say: ([, text = '']) =>
      text.startsWith('=') ? `${text} has no key: write key=value` : `${text} has no value: write key=value`,
  },
  {
    pattern: /a (?:configmap|secret) must have a name/,
    find(_, failure) {
      const found = [...generatorEntries(failure)].find(({ entry }) => !stringAt(entry, ['name']))
      return found && spotIn(found.kustomization, found.fieldPath)
    },
    say: () => 'this entry has no name: what it generates needs one',
  },
  {
    pattern: /(configmap|secret) (\S+) illegally repeats the key `(.*?)`/,
    find([, kind, name, key], failure) {
      for (const found of entriesNamed(failure, kind, name)) {
        const twins = [...keysOf(found, failure)].filter(one => one.key === key)
        const last = twins.at(-1)
        if (twins.length > 1 && last) return spotIn(found.kustomization, last.path)
      }
      return undefined
    },
    say: ([, , name, key]) => `${key} is a key of ${name} twice`,
  },
  {
    pattern: /(missing key name for file path|missing file path for key name) .* in source "(.*?)"/,
    find: ([, , text], failure) => findSource(failure, ['files'], item => item === text),
    say: ([, what = '', text]) =>
      what.startsWith('missing key') ? `${text} has no key before =` : `${text} has no path behind =`,
  },
  {
    pattern: /source "(.*?)" key name or file path contains '='/,
    find: ([, text], failure) => findSource(failure, ['files'], item => item === text),
    say: ([, text]) => `${text} has more than one =: neither a key nor a path may contain it`,
  },
  {
    pattern: /env source files?: \[(.*?)\]: (?:line (\d+) has invalid utf8 bytes|(.*))/,
    find: ([, paths = ''], failure) => findSource(failure, ['envs'], item => paths.split(' ').includes(item)),
    say: ([, paths, line, reason]) =>
      line === undefined
        ? `${paths} cannot be read as lines of key=value: ${reason}`
        : `line ${line} of ${paths} is not UTF-8`,
  },
]
