// The JSON Schema of validation.yaml, whose part on rules is made of the catalogue: `npm run explain -- --write` writes it down.
import { RULES } from './rules/index.ts'
import written from './validation.schema.json' with { type: 'json' }

/** What the file should say; a test holds it to that. */
export function makeConfigSchema() {
  const rules = Object.fromEntries(
    RULES.map(({ id, summary }) => [id, { description: summary, enum: ['error', 'warning', 'off', false] }]),
  )
  const { properties } = written
  return { ...written, properties: { ...properties, rules: { ...properties.rules, properties: rules } } }
}
