// Carries out the operations of a JSON patch (RFC 6902), as the library that kustomize uses does.
import { StepError } from './step.ts'
import { clone, fieldOf, type Mapping, type Origin, type Sequence, textAt, toValue, type Traced } from './value.ts'

/** The changed object; the operations are a list of mappings. */
export function applyOperations(root: Traced, operations: Traced): Traced {
  if (operations.kind !== 'sequence') throw new StepError('a JSON patch is a list of operations')
  let made = root
  for (const operation of operations.items) made = applyOperation(made, operation)
  return made
}

const readPointer = (pointer: string): readonly string[] => {
  if (pointer === '') return []
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function applyOperation(root: Traced, operation: Traced): Traced {
  const path = readPointer(textAt(operation, 'path'))
  const value = fieldOf(operation, 'value')
  const origin = operation.origin
  switch (textAt(operation, 'op')) {
    case 'add':
      return put(root, path, clone(needed(value)), 'add')
    case 'replace':
      return put(root, path, clone(needed(value)), 'replace')
    case 'remove':
      takeOut(root, path)
      return root
    case 'move': {
      const from = readPointer(textAt(operation, 'from'))
      const moved = takeOut(root, from)
      moved.origin = { at: origin.at, before: moved.origin, keeps: true }
      return put(root, path, moved, 'add')
    }
    case 'copy': {
      const from = readPointer(textAt(operation, 'from'))
      return put(root, path, clone(needed(valueAt(root, from))), 'add')
    }
    case 'test': {
      const found = valueAt(root, path)
      if (JSON.stringify(found ? toValue(found) : null) !== JSON.stringify(value ? toValue(value) : null)) {
        throw new StepError('a test of a JSON patch fails')
      }
      return root
    }
    default:
      throw new StepError(`the operation ${textAt(operation, 'op')} is not known`)
  }
}

function needed(value: Traced | undefined): Traced {
  if (value === undefined) throw new StepError('an operation of a JSON patch lacks its value')
  return value
}

function indexIn(list: Sequence, segment: string, isNew: boolean): number {
  if (segment === '-') return list.items.length
  const index = Number(segment)
  const real = index < 0 ? index + list.items.length + (isNew ? 1 : 0) : index
  if (!Number.isInteger(real) || real < 0 || real > list.items.length)
    throw new StepError(`a list has no item ${segment}`)
  return real
}

function step(node: Traced | undefined, segment: string): Traced | undefined {
  if (node?.kind === 'sequence') return node.items[indexIn(node, segment, false)]
  return fieldOf(node, segment)
}

function valueAt(root: Traced, path: readonly string[]): Traced | undefined {
  let node: Traced | undefined = root
  for (const segment of path) node = step(node, segment)
  return node
}

function parentOf(root: Traced, path: readonly string[]): Mapping | Sequence {
  const parent = valueAt(root, path.slice(0, -1))
  if (parent?.kind === 'mapping' || parent?.kind === 'sequence') return parent
  throw new StepError(`/${path.join('/')} leads nowhere`)
}

function put(root: Traced, path: readonly string[], value: Traced, how: 'add' | 'replace'): Traced {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = parentOf(root, path)
  if (parent.kind === 'sequence') {
    const index = indexIn(parent, last, how === 'add')
    if (how === 'add') parent.items.splice(index, 0, value)
    else {
      const old = parent.items[index]
      if (!old) throw new StepError(`/${path.join('/')} is not there`)
      remember(value, old.origin)
      parent.items[index] = value
    }
    return root
  }
  // A field that is not there is replaced all the same: so does kustomize's library.
  const known = parent.entries.get(last)
  if (known) {
    remember(value, known.value.origin)
    known.value = value
  } else parent.entries.set(last, { value, origin: value.origin })
  return root
}

function remember(value: Traced, before: Origin): void {
  value.origin = { ...value.origin, before }
}

function takeOut(root: Traced, path: readonly string[]): Traced {
  const last = path.at(-1)
  if (last === undefined) throw new StepError('a JSON patch takes the whole object away')
  const parent = parentOf(root, path)
  if (parent.kind === 'sequence') {
    const [taken] = parent.items.splice(indexIn(parent, last, false), 1)
    if (taken) return taken
  } else {
    const taken = parent.entries.get(last)
    if (taken) {
      parent.entries.delete(last)
      return taken.value
    }
  }
  throw new StepError(`/${path.join('/')} is not there`)
}
