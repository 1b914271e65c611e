#!/usr/bin/env node
// npm run schemas: makes the schemas in validate/schema/definitions anew from the pinned packages, and in that of
// validation.yaml the part on rules from the catalogue.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeConfigSchema } from './validate/config-schema.ts'
import { formatJson } from './validate/schema/generate/format-json.ts'
import { makeProduct } from './validate/schema/generate/product.ts'

const modules = join(import.meta.dirname, '../node_modules')
const folder = join(import.meta.dirname, 'validate/schema/definitions')
const product = makeProduct(modules)
rmSync(folder, { recursive: true, force: true })
for (const [path, text] of product) {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
writeFileSync(join(import.meta.dirname, 'validate/validation.schema.json'), `${formatJson(makeConfigSchema())}\n`)
process.stdout.write(`${product.size} files written to scripts/validate/schema/definitions\n`)
