// Which objects a patch or a replacement is meant for.
import { compileGoExpression } from '../../model/go-expression.ts'
import { matchesLabelSelector } from './label-query.ts'
import {
  currentId,
  effectiveNamespace,
  type Id,
  labelsOf,
  originalId,
  splitApiVersion,
  type TracedObject,
} from './object.ts'
import { StepError } from './step.ts'
import { textAt, type Traced } from './value.ts'

export interface Selector {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly labelSelector: string
  readonly annotationSelector: string
}

export function readSelector(node: Traced | undefined): Selector {
  const text = (name: string): string => textAt(node, name)
  const fromApiVersion = text('apiVersion') === '' ? { group: '', version: '' } : splitApiVersion(text('apiVersion'))
  return {
    group: text('group') || fromApiVersion.group,
    version: text('version') || fromApiVersion.version,
    kind: text('kind'),
    name: text('name'),
    namespace: text('namespace'),
    labelSelector: text('labelSelector'),
    annotationSelector: text('annotationSelector'),
  }
}

const expressions = new Map<string, (text: string) => boolean>()

/** The whole text matches a pattern; an empty pattern matches all. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '' || pattern === text) return true
  // A name is nearly always meant as one.
  if (/^[\w/-]*$/.test(pattern)) return false
  let expression = expressions.get(pattern)
  if (!expression) {
    try {
      expression = compileGoExpression(`^(?:${pattern})$`)
    } catch {
      throw new StepError(`the pattern ${pattern} cannot be read here`)
    }
    expressions.set(pattern, expression)
  }
  return expression(text)
}

export const matchesKind = (selector: Selector, id: Id): boolean =>
  matchesPattern(selector.group, id.group) &&
  matchesPattern(selector.version, id.version) &&
  matchesPattern(selector.kind, id.kind)

/** As patches select: by the name it had first or has now. */
export function isSelected(selector: Selector, object: TracedObject): boolean {
  const current = currentId(object)
  const original = originalId(object)
  return (
    (matchesPattern(selector.namespace, effectiveNamespace(original)) ||
      matchesPattern(selector.namespace, effectiveNamespace(current))) &&
    (matchesPattern(selector.name, original.name) || matchesPattern(selector.name, current.name)) &&
    matchesKind(selector, current) &&
    matchesLabelSelector(selector.labelSelector, labelsOf(object, 'labels')) &&
    matchesLabelSelector(selector.annotationSelector, labelsOf(object, 'annotations'))
  )
}
