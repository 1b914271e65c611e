// A kustomization with the settings of an Application laid over it: which of its words stand in the Application.
import type { Value } from '../../model/resource.ts'
import type { SourceFile } from '../../source/source-file.ts'
import { StepError } from './step.ts'
import { textWithin } from './text.ts'
import {
  clone,
  emptyMapping,
  fieldOf,
  itemsOf,
  type Mapping,
  type Origin,
  type Role,
  type Scalar,
  scalar,
  setField,
  textAt,
  textOf,
  toValue,
  type Traced,
} from './value.ts'

export type Fields = Readonly<Record<string, Value>>

export interface SettingsOver {
  /** The folder of the kustomization. */
  readonly folder: string
  /** Its file as it is written. */
  readonly file: SourceFile
  /** The kustomization as Argo CD changes it. */
  readonly edited: Fields
  /** `spec.source.kustomize` of the Application. */
  readonly settings: Traced
}

/**
 * The edited kustomization, every word where it is written. Throws StepError for what stands neither in the kustomization
 * nor in the Application, but in a file of overrides.
 */
export function laySettings(
  written: Traced,
  { edited, settings: given }: SettingsOver,
  role: Role,
  rank: number,
): Traced {
  const settings = asStep(given, role, rank)
  const made = emptyMapping(written.origin)
  for (const [field, value] of Object.entries(edited)) {
    const own = fieldOf(written, field)
    const lay = LAYERS[field] ?? layWhole
    const node = own && isSame(own, value) ? own : lay({ field, value, own, settings })
    setField(made, field, node)
  }
  return made
}

interface Layer {
  readonly field: string
  /** What the edited kustomization says. */
  readonly value: Value
  /** What the kustomization says itself. */
  readonly own: Traced | undefined
  readonly settings: Traced
}

const LAYERS: Readonly<Record<string, (layer: Layer) => Traced>> = {
  // The graph reads them; what charts render to stands among them, and nowhere else.
  resources: ({ own, settings }) => own ?? { kind: 'sequence', items: [], origin: settings.origin },
  images: layer => layItems(layer, (value, index) => layImage(value, index, layer)),
  replicas: layer =>
    layItems(layer, value => {
      const name = fieldAt(value, 'name')
      const entry = itemsOf(layer.settings, 'replicas').findLast(one => textAt(one, 'name') === name)
      if (entry?.kind !== 'mapping') return undefined
      // Argo CD takes a number from a text as well.
      const count = fieldOf(entry, 'count')
      if (count) setField(entry, 'count', scalar(fieldAt(value, 'count'), count.origin, 'int'))
      return entry
    }),
  patches: layer => layAppended(layer, itemsOf(layer.settings, 'patches')),
  components: layer =>
    layItems(layer, value => itemsOf(layer.settings, 'components').find(one => textOf(one) === value)),
  labels: layer => layAppended(layer, [makeLabels(layer)]),
  commonLabels: layer => layPairs(layer),
  commonAnnotations: layer => layPairs(layer),
}

function layWhole({ field, value, settings }: Layer): Traced {
  const node = fieldOf(settings, field)
  if (node && isSame(node, value)) return node
  throw new StepError(`${field} stands neither in the kustomization nor in the Application`)
}

function layItems(layer: Layer, find: (value: Value, index: number) => Traced | undefined): Traced {
  const values = Array.isArray(layer.value) ? layer.value : []
  const own = layer.own?.kind === 'sequence' ? layer.own.items : []
  const items = values.map((value, index) => {
    const node = own.find(one => isSame(one, value)) ?? find(value, index)
    if (!node)
      throw new StepError(`an item of ${layer.field} stands neither in the kustomization nor in the Application`)
    return node
  })
  return { kind: 'sequence', items, origin: layer.own?.origin ?? layer.settings.origin }
}

/** What the Application adds comes behind what is there. */
function layAppended(layer: Layer, added: readonly Traced[]): Traced {
  const own = layer.own?.kind === 'sequence' ? layer.own.items : []
  return layItems({ ...layer, own: undefined }, (value, index) => {
    const node = index < own.length ? own[index] : added[index - own.length]
    return node && isSame(node, value) ? node : undefined
  })
}

function layPairs({ field, value, own, settings }: Layer): Mapping {
  const pairs = fieldOf(settings, field)
  const made = emptyMapping(own?.origin ?? settings.origin)
  for (const [key, text] of Object.entries(value as Fields)) {
    const node = fieldOf(pairs, key) ?? fieldOf(own, key)
    if (!node) throw new StepError(`${key} stands neither in the kustomization nor in the Application`)
    setField(made, key, scalar(String(text), node.origin))
  }
  return made
}

function makeLabels({ value, settings }: Layer): Traced {
  const last = Array.isArray(value) ? value.at(-1) : undefined
  const made = emptyMapping(settings.origin)
  const pairs = (last as Fields | undefined)?.pairs ?? {}
  setField(made, 'pairs', layPairs({ field: 'commonLabels', value: pairs, own: undefined, settings }))
  const templates = fieldOf(settings, 'labelIncludeTemplates')
  if (templates && textOf(templates) === 'true') setField(made, 'includeTemplates', templates)
  return made
}

/** `name=newName:newTag@digest`, each part where it stands in the text. */
function layImage(value: Value, _index: number, { own, settings }: Layer): Traced | undefined {
  const name = fieldAt(value, 'name')
  const isFor = (text: string): boolean => text === name || /^[=:@]/.test(text.slice(name.length))
  const setting = itemsOf(settings, 'images').findLast(one => textOf(one).startsWith(name) && isFor(textOf(one)))
  if (setting?.kind !== 'scalar') return undefined
  const before = own?.kind === 'sequence' ? own.items.find(one => textAt(one, 'name') === name) : undefined
  const made = emptyMapping(setting.origin)
  for (const [field, text] of Object.entries(value as Fields)) {
    const from = field === 'name' ? 0 : name.length
    const start =
      field === 'newName' || field === 'name'
        ? setting.text.indexOf(String(text), from)
        : setting.text.lastIndexOf(String(text))
    const kept = start < from ? fieldOf(before, field) : undefined
    setField(made, field, scalar(String(text), kept?.origin ?? originOfPart(setting, start, String(text).length)))
  }
  return made
}

function originOfPart({ origin, text }: Scalar, start: number, length: number): Origin {
  const { at } = origin
  const inner = textWithin(at.text, at.start, at.end, text)
  if (start < 0 || !inner.isExact) return origin
  return { ...origin, at: { text: inner, role: at.role, rank: at.rank, start, end: start + length } }
}

/** The words of the Application, as the words of a step of this build. */
function asStep(node: Traced, role: Role, rank: number): Traced {
  const copy = clone(node)
  const renew = (one: Traced): void => {
    one.origin = { ...one.origin, at: { ...one.origin.at, role, rank } }
    if (one.kind === 'sequence') for (const item of one.items) renew(item)
    else if (one.kind === 'mapping') for (const { value } of one.entries.values()) renew(value)
  }
  renew(copy)
  return copy
}

const fieldAt = (value: Value, field: string): string => String((value as Fields)[field] ?? '')
const isSame = (node: Traced, value: Value): boolean => canonical(toValue(node)) === canonical(value)

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
