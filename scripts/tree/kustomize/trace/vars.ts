// `vars`: `$(NAME)` in the fields that may hold it, replaced by the value of a field.
import { type FieldSpec, walkSpec } from './field-spec.ts'
import {
  effectiveNamespace,
  findByAnyId,
  isClusterScoped,
  isSameKind,
  splitApiVersion,
  type TracedObject,
} from './object.ts'
import { splitSmart } from './replacements.ts'
import { StepError } from './step.ts'
import { fieldOf, type Origin, scalar, textAt, type Traced } from './value.ts'

export interface Var {
  readonly name: string
  readonly fieldPath: string
  readonly entry: Traced
}

/** Marks the object that each var takes its value from. */
export function declareVars(objects: readonly TracedObject[], entries: readonly Traced[]): readonly Var[] {
  return entries.map(entry => {
    const reference = fieldOf(entry, 'objref')
    const { group, version } = splitApiVersion(textAt(reference, 'apiVersion'))
    const id = {
      group: textAt(reference, 'group') || group,
      version: textAt(reference, 'version') || version,
      kind: textAt(reference, 'kind'),
      name: textAt(reference, 'name'),
      namespace: textAt(reference, 'namespace'),
    }
    const isExact = id.namespace !== '' || isClusterScoped(id)
    const found = findByAnyId(
      objects,
      one =>
        one.name === id.name && isSameKind(one, id) && (!isExact || effectiveNamespace(one) === effectiveNamespace(id)),
    )
    const name = textAt(entry, 'name')
    if (found.length > 1) throw new StepError(`the var ${name} is not one object`)
    found[0]?.vars.push(name)
    return {
      name,
      fieldPath: textAt(entry, 'fieldref', 'fieldpath') || textAt(entry, 'fieldref', 'fieldPath') || 'metadata.name',
      entry,
    }
  })
}

export function resolveVars(objects: readonly TracedObject[], vars: readonly Var[], specs: readonly FieldSpec[]): void {
  if (vars.length === 0) return
  const values = new Map<string, Traced & { kind: 'scalar' }>()
  for (const { name, fieldPath } of vars) {
    const object = objects.find(one => one.vars.includes(name))
    if (!object) throw new StepError(`the var ${name} has no value`)
    let node: Traced | undefined = object.root
    for (const raw of splitSmart(fieldPath)) {
      const [, field = raw, index] = /^(.*?)\[(\d+)\]$/.exec(raw) ?? []
      node = node?.kind === 'sequence' ? node.items[Number(field)] : fieldOf(node, field)
      if (index !== undefined && node?.kind === 'sequence') node = node.items[Number(index)]
    }
    if (node === undefined) throw new StepError(`the var ${name} has no value`)
    if (node.kind === 'scalar') values.set(name, node)
  }
  const write = (node: Traced, put: (made: Traced) => void): void => {
    if (node.kind !== 'scalar' || node.tag !== 'str') return
    const made = expand(node, values)
    if (made) put(made)
  }
  for (const object of objects) {
    for (const spec of specs) {
      walkSpec(object, spec, {
        origin: object.root.origin,
        set: (node, put) => {
          if (node.kind === 'scalar') write(node, put)
          else if (node.kind === 'sequence')
            for (const [index, item] of node.items.entries())
              write(item, made => {
                node.items[index] = made
              })
          else
            for (const entry of node.entries.values())
              write(entry.value, made => {
                entry.value = made
              })
        },
      })
    }
  }
}

function expand(
  node: Traced & { kind: 'scalar' },
  values: ReadonlyMap<string, Traced & { kind: 'scalar' }>,
): Traced | undefined {
  if (!node.text.includes('$')) return undefined
  const used: Origin[] = []
  const whole = /^\$\(([^)]*)\)$/.exec(node.text)?.[1]
  const only = whole === undefined ? undefined : values.get(whole)
  const origin = (): Origin => ({ ...node.origin, from: [...(node.origin.from ?? []), ...used], via: 'var' })
  if (only) {
    used.push(only.origin)
    return { kind: 'scalar', text: only.text, tag: only.tag === 'null' ? 'str' : only.tag, origin: origin() }
  }
  const text = node.text.replace(/\$(?:\$|\(([^)]*)\))/g, (written, name: string | undefined) => {
    if (name === undefined) return '$'
    const value = values.get(name)
    if (!value) return written
    used.push(value.origin)
    return value.text
  })
  return text === node.text ? undefined : scalar(text, origin())
}
