// Literals of the generators of an overlay; those that are marked travel with an image.
import { isScalar, type Scalar, type YAMLMap } from 'yaml'
import { Problem } from '../../../command/problem.ts'
import {
  appendItem,
  formatScalar,
  lineOf,
  listAt,
  mapsOf,
  type Plain,
  rangeOf,
  readYaml,
  removeItem,
  replaceText,
  requireExactly,
  textAt,
  type YamlText,
} from '../yaml-text.ts'

/** What has this comment on its line goes from environment to environment with the image. */
export const TRAVELS = /^\s*promote\b/

export const GENERATORS = ['configMapGenerator', 'secretGenerator'] as const

export interface Literal {
  readonly list: (typeof GENERATORS)[number]
  readonly generator: string
  readonly key: string
  readonly value: string
  readonly travels: boolean
  /** Of the file, from 1. */
  readonly line: number
}

export function listLiterals(path: string, text: string): readonly Literal[] {
  const yaml = readYaml(path, text)
  return GENERATORS.flatMap(list =>
    mapsOf(listAt(yaml, yaml.root, list)).flatMap(generator =>
      scalarsOf(yaml, generator).map(scalar => {
        const [key, value] = splitLiteral(scalar)
        const travels = TRAVELS.test(scalar.comment ?? '')
        const line = lineOf(text, rangeOf(scalar)[0])
        return { list, generator: textAt(generator, 'name') ?? '', key, value, travels, line }
      }),
    ),
  )
}

type Place = Pick<Literal, 'list' | 'generator' | 'key'>

/** Sets one literal of a generator that the file has; the mark goes along, so that the next promotion takes it further. */
export function setLiteral(path: string, text: string, place: Place, value: string): string {
  return requireExactly(path, text, writeLiteral(path, text, place, value), root =>
    changeLiterals(root, place, `${place.key}=${value}`),
  )
}

function writeLiteral(path: string, text: string, place: Place, value: string): string {
  const { yaml, generator } = findGenerator(path, text, place)
  const list = listAt(yaml, generator, 'literals')
  if (!list) throw missing(path, place)
  const mark = list.flow ? '' : ' # promote'
  const literal = formatScalar(`${place.key}=${value}`)
  const scalar = scalarsOf(yaml, generator).find(item => splitLiteral(item)[0] === place.key)
  if (!scalar) return appendItem(yaml, list, [literal], mark)
  const isMarked = list.flow || TRAVELS.test(scalar.comment ?? '')
  if (splitLiteral(scalar)[1] === value && isMarked) return text
  if (isMarked || !scalar.comment) return replaceText(yaml, scalar, isMarked ? literal : `${literal}${mark}`)
  // The comment that stands there stays, behind the mark.
  return replaceText(yaml, scalar, literal, comment => comment.replace(/^[ \t]*#[ \t]*/, `${mark}, `))
}

export function removeLiteral(path: string, text: string, place: Place): string {
  return requireExactly(path, text, writeWithout(path, text, place), root => changeLiterals(root, place, undefined))
}

function writeWithout(path: string, text: string, place: Place): string {
  const { yaml, generator } = findGenerator(path, text, place)
  const list = listAt(yaml, generator, 'literals')
  const index = (list?.items ?? []).findIndex(item => isScalar(item) && splitLiteral(item)[0] === place.key)
  return list && index >= 0 ? removeItem(yaml, list, index) : text
}

function findGenerator(path: string, text: string, place: Place): { yaml: YamlText; generator: YAMLMap } {
  const yaml = readYaml(path, text)
  const generators = mapsOf(listAt(yaml, yaml.root, place.list))
  const generator = generators.find(item => textAt(item, 'name') === place.generator)
  if (!generator) throw missing(path, place)
  return { yaml, generator }
}

const missing = (path: string, { list, generator, key }: Place): Problem =>
  new Problem(`${key} travels, but ${path} has no ${list} "${generator}" with literals: add one by hand first`)

function scalarsOf(yaml: YamlText, generator: YAMLMap): Scalar[] {
  return (listAt(yaml, generator, 'literals')?.items ?? []).filter(item => isScalar(item))
}

function splitLiteral(scalar: Scalar): [string, string] {
  const text = String(scalar.source ?? scalar.value)
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function changeLiterals(root: Plain, { list, generator: name, key }: Place, literal: string | undefined): Plain {
  const generators = root[list] as readonly (Plain & { readonly literals: readonly unknown[] })[]
  const generator = generators.find(item => String(item.name) === name)
  const literals = generator?.literals ?? []
  const index = literals.findIndex(item => String(item) === key || String(item).startsWith(`${key}=`))
  const present = index < 0 ? literals.length : index
  const changed = {
    ...generator,
    literals: literals.toSpliced(present, 1, ...(literal === undefined ? [] : [literal])),
  }
  return { ...root, [list]: generators.map(item => (item === generator ? changed : item)) }
}
