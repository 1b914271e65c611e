// What kustomize says of the rest of a kustomization: its schema, order, configurations, definitions and plugins.
import { listAt, valueAt } from '../../model/build.ts'
import type { FieldPath } from '../../model/place.ts'
import { SourceFile } from '../../source/source-file.ts'
import { readPlainScalar } from '../../source/yaml/scalars.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { type Explanation, type Failure, type Spot, spotIn } from './explanation.ts'

/** The first kustomization that has a field. */
function findSetting({ reach }: Failure, ...path: readonly string[]): Spot | undefined {
  const found = reach.find(({ value }) => valueAt(value, path) !== undefined)
  return found && spotIn(found, path)
}

interface ReadFile {
  readonly kustomization: Kustomization
  readonly file: SourceFile
  readonly index: number
}

function* filesOf({ reach, sources }: Failure, field: string): Generator<ReadFile> {
  for (const kustomization of reach) {
    for (const { path, reference } of kustomization.files) {
      const file = reference.fieldPath[0] === field ? sources.read(path) : undefined
      if (file instanceof SourceFile) yield { kustomization, file, index: Number(reference.fieldPath[1]) }
    }
  }
}

/** A field of the first document of a file that has it. */
function findInFile(failure: Failure, fields: readonly string[], fieldPath: FieldPath): Spot | undefined {
  for (const field of fields) {
    for (const { file } of filesOf(failure, field)) {
      const [document] = file.parse('kustomize').documents
      if (valueAt(document, fieldPath) !== undefined)
        return { range: file.rangeOf(0, fieldPath), fieldPath, note: file.path }
    }
  }
  return undefined
}

/** Where a key stands first in a value. */
function pathOfKey(value: unknown, key: string, path: FieldPath): FieldPath | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value) && Object.hasOwn(value, key)) return [...path, key]
  for (const [name, one] of Object.entries(value)) {
    const found = pathOfKey(one, key, [...path, Array.isArray(value) ? Number(name) : name])
    if (found) return found
  }
  return undefined
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text !== 'string' || new RegExp(text).source !== ''
  } catch {
    return false
  }
}

/** What Go calls the kinds of YAML. */
const SHAPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  bool: 'true or false',
}

const wanted = (type: string): string =>
  /slice|\[\]/i.test(type)
    ? 'a list'
    : /map|struct/i.test(type)
      ? 'a mapping'
      : type === 'bool'
        ? 'true or false'
        : `a ${type}`

/** The first key of a file of the build that is a number or true or false, for kustomize or for what it hands the object to. */
function findKey({ reach, sources }: Failure): Spot | undefined {
  for (const { files } of reach) {
    for (const { path, reference } of files) {
      const file = reference.content === 'data' ? undefined : sources.read(path)
      if (!(file instanceof SourceFile)) continue
      const pending = file.trees.filter(tree => tree !== undefined)
      for (let node = pending.shift(); node; node = pending.shift()) {
        for (const { key, value } of node.pairs ?? []) {
          const text = key.text ?? ''
          if (key.isPlain && typeof readPlainScalar(text) !== 'string') {
            const { line, column, ...rest } = file.rangeAt(key.start)
            return { range: { ...rest, line, column, endColumn: column + text.length }, fieldPath: [], note: text }
          }
          pending.push(value)
        }
        pending.push(...(node.items ?? []))
      }
    }
  }
  return undefined
}

export const SETTING_ERRORS: readonly Explanation[] = [
  {
    pattern: /json: unsupported type: map\[interface \{\}\]interface \{\}/,
    find: (_, failure) => findKey(failure),
    say: (_, { note }) => `the key ${note} is not a string: write it in quotes`,
  },
  {
    pattern: /the specified OpenAPI version is not built in/,
    find: (_, failure) => findSetting(failure, 'openapi', 'version'),
    say: () =>
      'kustomize does not have this version of the schema built in: leave it out, or name a file under openapi.path',
  },
  {
    pattern: /builtin version and custom schema provided/,
    find: (_, failure) => findSetting(failure, 'openapi'),
    say: () => 'openapi has a version and a path: it may have one of them',
  },
  {
    pattern: /invalid schema file|invalid file "?[^"]*"?: |openapi/i,
    find: (_, failure) => findSetting(failure, 'openapi', 'path'),
    say: () => 'the file is not a schema that kustomize can read (OpenAPI 2, with definitions)',
  },
  {
    pattern: /'sortOptions\.order' must be one of \[(.*?)\]/,
    find: (_, failure) => findSetting(failure, 'sortOptions', 'order') ?? findSetting(failure, 'sortOptions'),
    say: ([, orders]) => `the order must be one of ${orders}`,
  },
  {
    pattern: /'sortOptions\.legacySortOptions' is set but the selected sort order is '(\w+)'/,
    find: (_, failure) => findSetting(failure, 'sortOptions', 'legacySortOptions'),
    say: ([, order]) => `legacySortOptions counts with order: legacy only, and the order is ${order}`,
  },
  {
    pattern: /unable to parse open API definition from '(.*?)'/,
    find([, path], { reach }) {
      for (const kustomization of reach) {
        const index = listAt(kustomization.value, ['crds']).indexOf(path)
        if (index >= 0) return spotIn(kustomization, ['crds', index])
      }
      return undefined
    },
    say: ([, path]) =>
      `${path} is not what crds reads: OpenAPI definitions by their Go types, no CustomResourceDefinition`,
  },
  {
    pattern: /cannot unmarshal (\w+) into Go struct field TransformerConfig\.([\w.]+) of type (\S+)/,
    find([, , path = ''], failure) {
      const fieldPath = path.split('.')
      return (
        findInFile(failure, ['configurations'], fieldPath) ??
        findInFile(failure, ['configurations'], fieldPath.slice(0, 1))
      )
    },
    say: ([, found = '', path, type = '']) => `${path} must be ${wanted(type)}, not ${SHAPES[found] ?? found}`,
  },
  {
    pattern: /json: unknown field "(\w+)"/,
    find: ([, field = ''], failure) => findInFile(failure, ['configurations'], [field]),
    say: ([, field]) => `kustomize has no configuration called ${field}`,
  },
  {
    pattern: /json: unknown field "(\w+)"/,
    find([, field = ''], failure) {
      for (const { file } of filesOf(failure, 'configurations')) {
        const fieldPath = pathOfKey(file.parse('kustomize').documents[0], field, [])
        if (fieldPath) return { range: file.rangeOf(0, fieldPath), fieldPath, note: file.path }
      }
      return undefined
    },
    say: ([, field]) => `unknown field "${field}" in a configuration of kustomize`,
  },
  {
    pattern: /failed to merge (\w)(\w+) fieldSpec: conflicting fieldspecs/,
    find: ([, first = '', rest = ''], failure) =>
      findInFile(failure, ['configurations'], [first.toLowerCase() + rest]) ?? findSetting(failure, 'configurations'),
    say: ([, first = '', rest = '']) =>
      `${first.toLowerCase()}${rest} has one path twice, with create: true and without: kustomize takes one of them`,
  },
  {
    pattern: /validator shouldn't modify the resource map/,
    find: (_, failure) => findSetting(failure, 'validators'),
    say: () => 'a validator changes the resources, and may not: list it under transformers',
  },
  {
    pattern: /^panic: .*regexp/s,
    find(_, { reach }) {
      for (const kustomization of reach) {
        const index = listAt(kustomization.value, ['images']).findIndex(entry => !isPattern(valueAt(entry, ['name'])))
        if (index >= 0) return spotIn(kustomization, ['images', index, 'name'])
      }
      return undefined
    },
    say: () => 'the name of an image is read as a regular expression of Go (RE2), and this is not one',
  },
  {
    pattern: /^panic: |goroutine \d+ \[running\]/,
    find: (_, { reach: [top] }) => top && spotIn(top, []),
    say: () => 'kustomize itself breaks down over this build (a panic), and does not say where',
  },
  {
    pattern: /plugin (\w+)\.builtin\.\S*?\/(\S+?) fails configuration: (.*?)(?: in apiVersion: .*)?$/,
    find([, kind, id = ''], failure) {
      for (const field of ['generators', 'transformers', 'validators']) {
        for (const { file } of filesOf(failure, field)) {
          for (const [index, document] of file.parse('kustomize').documents.entries()) {
            const name = String(valueAt(document, ['metadata', 'name']))
            if (valueAt(document, ['kind']) === kind && (id === name || id.startsWith(`${name}.`)))
              return { range: file.rangeOf(index, ['kind']), fieldPath: ['kind'] }
          }
        }
      }
      return undefined
    },
    say: ([, kind, , reason]) => `kustomize does not take this ${kind}: ${reason}`,
  },
]
