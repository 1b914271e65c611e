// What devices and claims of them share: names of drivers, attributes and effects.
import { duplicates, required, text } from '../../check.ts'
import { type ApiFault, type Check, refuse } from '../../fault.ts'
import { bytesOf, get, itemsOf, type Node, textOf } from '../../node.ts'
import { anyCaseSubdomain, both, dnsLabel } from '../../text.ts'

export const atMost =
  (most: number) =>
  (value: string): string | undefined =>
    bytesOf(value) > most ? `must have at most ${most} bytes` : undefined

export const driver: Check = required(text(both(anyCaseSubdomain, atMost(63))))

export const label: Check = required(text(dnsLabel))

/** Tolerations and taints of devices know an effect more than those of nodes, and one less. */
export const EFFECTS = ['NoExecute', 'NoSchedule', 'None']

export const duplicateNames = (list: Node): Iterable<ApiFault> =>
  duplicates(
    itemsOf(list),
    item => textOf(get(item, 'name')) || undefined,
    item => refuse(item, 'is a duplicate: a name is given once'),
  )

export function attributeName(value: string, needsDomain: boolean): string | undefined {
  const parts = value.split('/')
  // The server looks at nothing that has more parts.
  if (parts.length > 2) return undefined
  if (parts.length < 2 && needsDomain) return 'must be a domain and a name, as example.com/model'
  const [domain, name = ''] = parts.length < 2 ? [undefined, value] : parts
  if (domain !== undefined) {
    if (domain === '') return 'must have a domain before the "/"'
    const problem = anyCaseSubdomain(domain) ?? atMost(63)(domain)
    if (problem !== undefined) return 'must begin with a domain of at most 63 bytes'
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'must have a name of letters, digits and "_"'
  return atMost(32)(name)
}
