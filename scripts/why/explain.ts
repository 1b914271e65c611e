// Answers which line wrote a field of a build: the value, who wrote it, and what else the last line writes.
import { type Problem, usageProblem } from '../command/problem.ts'
import { listLeaves } from '../tree/kustomize/trace/compare.ts'
import { createLocator, type Located } from '../tree/kustomize/trace/locate.ts'
import { type Resource, valueAt } from '../tree/model/build.ts'
import { closest } from '../tree/model/closest.ts'
import type { FieldPath } from '../tree/model/place.ts'
import { openFolder } from '../tree/source/folder.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import { findBuild } from './find-build.ts'

/** One field with who wrote it: the contract of `--format json`. */
export interface FieldAnswer {
  readonly build: string
  readonly resource: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    /** Null for one that says none. */
    readonly namespace: string | null
  }
  readonly fieldPath: FieldPath
  readonly value: unknown
  readonly proved: boolean
  readonly chain: Located['chain']
}

export interface Explanation extends FieldAnswer {
  readonly located: Located
}

export interface Question {
  readonly root: string
  /** A folder with a kustomization, the name of an Application, or a build as validate names it. */
  readonly build: string
  /** As `Deployment/web` or `Deployment/shop/web`; undefined: every resource. */
  readonly resource: string | undefined
  /** A JSON pointer; undefined: every field. */
  readonly pointer: string | undefined
}

/** A resource as it is rendered, with who wrote any of its fields. */
export interface ShownResource {
  readonly object: unknown
  readonly title: string
  locate(path: FieldPath): Located
}

export interface Answer {
  /** What was asked for, where no field was. */
  readonly resources: readonly ShownResource[]
  readonly fields: readonly Explanation[]
  /** Other fields of the build that the line of the only field writes. */
  readonly siblings: readonly Explanation[]
  textOf(file: string): string | undefined
}

/** Throws a Problem for a build, a resource or a field that is not there; it says what is. */
export async function explain({ root, build: folder, resource: wanted, pointer }: Question): Promise<Answer> {
  const sources = openFolder(root)
  const { renderings, resources } = await findBuild(sources, root, folder)
  const locate = createLocator(renderings)
  const answer = (resource: Resource, fieldPath: FieldPath): Explanation => {
    const located = locate(resource, fieldPath)
    const { object, kind, name, namespace, build } = resource
    return {
      build,
      resource: { apiVersion: object.apiVersion, kind, name, namespace: namespace ?? null },
      fieldPath,
      value: valueAt(object, fieldPath),
      proved: located.proved,
      chain: located.chain,
      located,
    }
  }
  const textOf = (path: string): string | undefined => {
    const file = sources.read(path)
    return file instanceof SourceFile ? file.text : undefined
  }
  const allOf = (resource: Resource): readonly Explanation[] =>
    [...listLeaves(resource.object)].map(path => answer(resource, path))
  const show = (resource: Resource): ShownResource => ({
    object: resource.object,
    title: `${resource.kind} ${resource.name} in ${resource.build}`,
    locate: path => locate(resource, path),
  })
  const chosen = wanted === undefined ? resources : [findResource(resources, wanted, folder)]
  const [resource] = chosen
  if (wanted === undefined || pointer === undefined || !resource) {
    return { resources: chosen.map(show), fields: chosen.flatMap(allOf), siblings: [], textOf }
  }
  const path = readPointer(resource, pointer)
  const field = answer(resource, path)
  const isSame = (one: Explanation): boolean => {
    const [a, b] = [one.located.range, field.located.range]
    return a.file === b.file && a.line === b.line && a.column === b.column
  }
  const siblings = resources
    .flatMap(allOf)
    .filter(
      one =>
        isSame(one) &&
        !(
          one.resource.kind === resource.kind &&
          one.resource.name === resource.name &&
          one.fieldPath.join('\0') === path.join('\0')
        ),
    )
  return { resources: [], fields: [field], siblings, textOf }
}

function findResource(resources: readonly Resource[], wanted: string, build: string): Resource {
  const parts = wanted.split('/')
  const kind = parts[0] ?? ''
  const name = parts.slice(1).at(-1)
  const namespace = parts.length > 2 ? parts[1] : undefined
  const isIt = (one: Resource): boolean =>
    one.kind.toLowerCase() === kind.toLowerCase() &&
    one.name === name &&
    (namespace === undefined || one.namespace === namespace)
  // What a generator makes is known to people without its hash.
  const isGenerated = (one: Resource): boolean =>
    isIt({ ...one, name: one.name.replace(/-[bcdfghkmt2456789]{10}$/, '') })
  const exact = resources.filter(isIt)
  const found = exact.length ? exact : resources.filter(isGenerated)
  const [first] = found
  if (first && found.length === 1) return first
  const names = resources.map(one => `${one.kind}/${one.name}`)
  if (first)
    throw usageProblem(
      `${build} has ${found.length} of ${wanted}`,
      `Name the namespace: ${found.map(one => `${one.kind}/${one.namespace}/${one.name}`).join(', ')}`,
    )
  const near = closest(wanted, names)
  throw usageProblem(`${build} has no ${wanted}${near ? `; did you mean ${near}?` : ''}`, `It has ${names.join(', ')}`)
}

function readPointer({ object }: Resource, pointer: string): FieldPath {
  const written = pointer.replace(/^\//, '').split('/')
  const segments = written
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .filter((part, index) => part !== '' || index > 0)
  const path: (string | number)[] = []
  let value: unknown = object
  for (let at = 0; at < segments.length; ) {
    const found = readStep(value, segments.slice(at))
    if (!found) throw unknownField(value, path, segments[at] ?? '', pointer)
    path.push(found.step)
    value = valueAt(value, [found.step])
    at += found.length
  }
  return path
}

/** The field that the next segments name: a key may have slashes that nobody escaped, and an item may be called by its name. */
function readStep(value: unknown, segments: readonly string[]): { step: string | number; length: number } | undefined {
  const [first = ''] = segments
  if (Array.isArray(value)) {
    const index = /^\d+$/.test(first) ? Number(first) : value.findIndex(item => valueAt(item, ['name']) === first)
    return index >= 0 && index < value.length ? { step: index, length: 1 } : undefined
  }
  for (let length = 1; length <= segments.length; length++) {
    const step = segments.slice(0, length).join('/')
    if (valueAt(value, [step]) !== undefined) return { step, length }
  }
  return undefined
}

function unknownField(value: unknown, path: FieldPath, segment: string, pointer: string): Problem {
  const where = path.length ? `/${path.join('/')}` : 'the resource'
  if (Array.isArray(value)) {
    const names = value.map((item, index) => {
      const name = valueAt(item, ['name'])
      return typeof name === 'string' ? `${index} (${name})` : String(index)
    })
    return usageProblem(
      `there is no ${pointer}: ${where} has no item ${segment}`,
      `It has ${names.join(', ') || 'none'}`,
    )
  }
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const dotted = segment.includes('.') && keys.includes(segment.split('.')[0] ?? '')
  const near = dotted ? `/${segment.replaceAll('.', '/')}` : closest(segment, keys)
  return usageProblem(
    `there is no ${pointer}: ${where} has no ${segment}${near ? `; did you mean ${near}?` : ''}`,
    keys.length ? `It has ${keys.join(', ')}` : 'It is a value with nothing below it',
  )
}
