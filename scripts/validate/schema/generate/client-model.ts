// Alpha and beta kinds are missing from kubernetes-models; the official client has their field names and types, though
// neither enums nor quantities.

import type { JsonSchema } from '../json-schema.ts'
import { refTo } from '../json-schema.ts'

/** Models of the client that kubernetes-models has too, with more in them. */
const better: Readonly<Record<string, string>> = {
  V1ObjectMeta: 'IoK8sApimachineryPkgApisMetaV1ObjectMeta',
  V1LabelSelector: 'IoK8sApimachineryPkgApisMetaV1LabelSelector',
  V1Condition: 'IoK8sApimachineryPkgApisMetaV1Condition',
  V1NodeSelector: 'IoK8sApiCoreV1NodeSelector',
  V1MicroTime: 'IoK8sApimachineryPkgApisMetaV1MicroTime',
  IntOrString: 'IoK8sApimachineryPkgUtilIntstrIntOrString',
}

const scalars: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  any: {},
}

/** To the client a quantity is a string; in these models of dynamic resource allocation every string is one. */
const hasQuantities = /(Counter|DeviceCapacity|CapacityRequirements|CapacityRequestPolicy|CapacityRequestPolicyRange)$/

const attribute = /\{\s*"name": "[^"]*",\s*"baseName": ("[^"]*"),\s*"type": "([^"]*)",\s*"format": "([^"]*)"\s*\}/g

/** Reads one model: `javascript` is its class, `declaration` its `.d.ts`, which alone knows what is required. */
export function recoverClientModel(model: string, javascript: string, declaration: string): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  for (const [, name, type, format] of javascript.matchAll(attribute)) {
    properties[JSON.parse(name as string) as string] = toSchema(model, type as string, format as string)
  }
  const required = [...declaration.matchAll(/^ {4}'([^']+)': /gm)].map(match => match[1] as string)
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}

function toSchema(model: string, type: string, format: string): JsonSchema {
  const list = /^Array<(.+)>$/.exec(type)?.[1]
  if (list) return { type: 'array', items: toSchema(model, list, format) }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (map) return { type: 'object', additionalProperties: toSchema(model, map, format) }
  const scalar = scalars[type]
  if (type === 'number' && /^int(32|64)$/.test(format)) return { type: 'integer', format }
  if (type === 'string' && hasQuantities.test(model)) return { type: ['number', 'string'], format: 'quantity' }
  if (scalar) return format === 'byte' ? { ...scalar, format } : { ...scalar }
  if (!/^\w+$/.test(type)) throw new Error(`${model}: type ${type}`)
  return refTo(better[type] ?? type)
}
