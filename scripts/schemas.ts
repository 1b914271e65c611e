#!/usr/bin/env node
// npm run schemas: makes the schemas in validate/schema/definitions anew from the pinned packages.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
process.stdout.write(`${product.size} files written to scripts/validate/schema/definitions\n`)
