// Recovered definitions accept what the API server refuses; this closes them, and repairs what the packages are known
// to have lost.

import { applyTruth } from './api-truth.ts'
import extraFields from './extra-fields.json' with { type: 'json' }
import { type JsonSchema, type Lookup, refTo, resolveRef } from '../json-schema.ts'

const prometheus = 'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoring'
const workflows = 'ComGithubArgoprojArgoWorkflowsV4PkgApisWorkflowV1alpha1'
const argocd = 'ComGithubArgoprojArgoCdV3PkgApisApplicationV1alpha1'

/** Read in place of what the package says: self-recursive, or one idea spread over a `oneOf`. */
const replaced: Readonly<Record<string, JsonSchema>> = {
  IoK8sApimachineryPkgUtilIntstrIntOrString: { type: ['integer', 'string'], format: 'int-or-string' },
  IoK8sApimachineryPkgApiResourceQuantity: { type: ['number', 'string'], format: 'quantity' },
  // Types that read themselves from any scalar.
  [`${workflows}AnyString`]: { type: ['string', 'number', 'boolean'] },
  [`${workflows}Amount`]: { type: ['number', 'string'] },
  // A list without a key, whatever its Go type says.
  [`${workflows}ParallelSteps`]: { type: 'array', items: refTo(`${workflows}WorkflowStep`) },
  // A CustomResourceDefinition's schema is examined by crd-check.ts.
  IoK8sApiextensionsApiserverPkgApisApiextensionsV1JSONSchemaProps: { type: 'object' },
}

export function replacementFor(id: string): JsonSchema | undefined {
  return replaced[id]
}

/** Of the fields called `description`, which lookup.ts restores, what is more than a text. */
const descriptions: Readonly<Record<string, JsonSchema>> = {
  IoK8sSigsGatewayApiApisV1GatewayClassSpec: { type: 'string', maxLength: 64 },
  IoK8sSigsGatewayApiApisxV1alpha1MeshSpec: { type: 'string', maxLength: 64 },
  [`${argocd}AppProjectSpec`]: { type: 'string', maxLength: 255 },
  [`${prometheus}V1alpha1OpsGenieConfig`]: { type: 'string', minLength: 1 },
  [`${prometheus}V1alpha1PagerDutyConfig`]: { type: 'string', minLength: 1 },
}

/** prometheus-operator's `uint64` fields, whose lower limit is lost. */
const unsigned =
  /^((enforced)?(sample|target|label|labelNameLength|labelValueLength)Limit|(enforced)?keepDroppedTargets|nativeHistogramBucketLimit|modulus)$/i

function repair(id: string, schema: JsonSchema): void {
  const { properties } = schema
  if (!properties) return
  const description = descriptions[id]
  if (description) properties.description = description
  if (id.startsWith(prometheus)) {
    for (const [field, property] of Object.entries(properties)) {
      if (unsigned.test(field)) properties[field] = { ...property, minimum: 0 }
    }
  }
  // A claim inside of Prometheus or Alertmanager needs no apiVersion and kind of its own.
  if (id === `${prometheus}V1EmbeddedPersistentVolumeClaim`) delete schema.required
  if (id === `${workflows}Parameter`) {
    for (const field of ['default', 'value']) properties[field] = { ...replaced[`${workflows}AnyString`] }
  }
  for (const extra of extraFields) {
    if (extra.definition === id) properties[extra.field] ??= extra.schema as JsonSchema
  }
  applyTruth(id, schema)
}

/** Refuses unknown fields wherever fields are declared, and leaves open what declares none (RawExtension, FieldsV1). */
export function makeStrict(id: string, recovered: JsonSchema, lookup: Lookup): JsonSchema {
  const strict = close(recovered, lookup)
  repair(id, strict)
  return strict
}

function close(open: JsonSchema, lookup: Lookup): JsonSchema {
  if (open.$ref) return open
  const { allOf: _, ...schema } = merge(open, lookup)
  if (schema.items) schema.items = close(schema.items, lookup)
  if (schema.additionalProperties) schema.additionalProperties = close(schema.additionalProperties, lookup)
  if (schema.properties) {
    for (const name of Object.keys(schema.properties)) {
      schema.properties[name] = close(schema.properties[name] as JsonSchema, lookup)
    }
    schema.additionalProperties ??= false
  }
  return schema
}

/** Go embeds structs and renames types: both come as `allOf` and belong to the definition itself. */
function merge(schema: JsonSchema, lookup: Lookup): JsonSchema {
  const merged: JsonSchema = { ...schema, ...(schema.properties && { properties: { ...schema.properties } }) }
  for (const part of schema.allOf ?? []) {
    const { properties, required, ...rest } = merge(resolveRef(part, lookup), lookup)
    Object.assign(merged, { ...rest, ...merged })
    if (properties) merged.properties = { ...properties, ...merged.properties }
    if (required) merged.required = [...new Set([...(merged.required ?? []), ...required])]
  }
  return merged
}
