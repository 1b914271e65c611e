// What the API server would refuse or warn of, at the field that has it and in a sentence that says what is allowed.

import { closest } from '../../../tree/model/closest.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import type { Severity } from '../../findings/finding.ts'
import { formatPath, quote } from '../field-path.ts'
import { get, isMapping, isSet, type Node, pathOf, rootOf } from './node.ts'

export interface ApiFault {
  /** The field as the API server names it. */
  readonly fieldPath: FieldPath
  /** The value to correct, where that is another one: the server names `labels`, one of them is wrong. */
  readonly at?: FieldPath
  readonly message: string
  readonly severity: Severity
  /** What is said is that something is not there: a misspelt field elsewhere may be it. */
  readonly isAbsence?: true
  /** How many values would do, where they are listed. */
  readonly choices?: number
  /** What is said not to be there, where another file may bring it. */
  readonly lacks?: 'field' | 'volume'
  /** The rule that says it too, and better. */
  readonly toldBy?: 'mismatching-selector'
}

/** Judges one value. What is not there, or of a type that the schema refuses, is passed over. */
export type Check = (node: Node) => Iterable<ApiFault>

export const NO_FAULTS: readonly ApiFault[] = []

/** `text` completes a sentence that begins with the field: "must be ...". */
export function refuse(node: Node, text: string, named: Node = node): ApiFault {
  return createFault(node, text, named, 'error')
}

/** As `refuse`, and shows the value. */
export function wrong(node: Node, text: string, named: Node = node): ApiFault {
  return createFault(node, `${text}${describeValue(node)}`, named, 'error')
}

/** As `refuse`, of fields that exclude each other: what is written last is to go. */
export function refuseBoth(node: Node, fields: readonly (readonly string[])[], text: string): ApiFault {
  const written = fields.map(path => get(node, ...path)).filter(isSet)
  const keys = isMapping(node.value) ? Object.keys(node.value) : []
  const last = written.reduce<Node | undefined>((late, one) => {
    const place = (of: Node): number => keys.indexOf(String(pathOf(of)[pathOf(node).length]))
    return late === undefined || place(one) >= place(late) ? one : late
  }, undefined)
  const fault = refuse(node, text)
  return last ? { ...fault, at: pathOf(last) } : fault
}

export function warn(node: Node, text: string, named: Node = node): ApiFault {
  return createFault(node, text, named, 'warning')
}

export function missing(node: Node, hint = '', named: Node = node): ApiFault {
  const isThere = node.value !== undefined && node.value !== null
  const text = `is required${isThere ? ' and is empty here' : ''}${hint && `: ${hint}`}`
  const fault: ApiFault = { ...createFault(node, text, named, 'error'), lacks: 'field' }
  return isThere ? fault : { ...fault, isAbsence: true }
}

export const asSelectorFault = (fault: ApiFault): ApiFault => ({ ...fault, toldBy: 'mismatching-selector' })

/** Says that a name leads nowhere, or that two fields do not meet. */
export function asAbsence(fault: ApiFault): ApiFault {
  return { ...fault, isAbsence: true }
}

/** Says of a mount that the pod has no volume of its name. */
export const withoutVolume = (fault: ApiFault): ApiFault => ({ ...fault, isAbsence: true, lacks: 'volume' })

export function choose(node: Node, choices: readonly string[], named: Node = node): ApiFault {
  const value = String(node.value ?? '')
  const near = choices.length > 1 ? closest(value, choices) : undefined
  const shown = choices.length > 12 ? [...choices.slice(0, 12), `${choices.length - 12} more`] : choices
  const wanted = choices.length === 1 ? `must be ${choices[0]}` : `must be one of ${shown.join(', ')}`
  const text = `${wanted}${describeValue(node)}${near === undefined ? '' : `: did you mean ${near}?`}`
  return { ...createFault(node, text, named, 'error'), choices: choices.length }
}

function createFault(node: Node, text: string, named: Node, severity: Severity): ApiFault {
  const at = pathOf(node)
  const message = `${formatPath(at) || 'the object'} ${text}`
  return named === node ? { fieldPath: at, message, severity } : { fieldPath: pathOf(named), at, message, severity }
}

function describeValue(node: Node): string {
  const { value } = node
  if (isSecret(node)) return ''
  if (typeof value === 'string') return `, not ${quote(value)}`
  return typeof value === 'number' || typeof value === 'boolean' ? `, not ${value}` : ''
}

/** Whether the value may be a password, which is never shown. */
function isSecret(node: Node): boolean {
  const { value } = rootOf(node)
  return isMapping(value) && value.kind === 'Secret' && /^(data|stringData)$/.test(String(pathOf(node)[0]))
}
