// The recovered schemas say what the compiled validators of the packages say, on thousands of broken documents; the
// strict ones refuse those as well.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openDefinitions } from '../definitions.ts'
import { type Draft, documents, modulesFolder, mutate, openTestSchemas, seededRandom } from '../testing.ts'
import { createPackageLookup } from './lookup.ts'
import { recoverModule } from './recover.ts'
import { replacementFor } from './strict.ts'

const { ownerOf } = createPackageLookup(modulesFolder)

const rounds = 1500

test.each(documents)('%s', async (definition, document) => {
  const path = join(modulesFolder, ownerOf(definition), '_schemas', `${definition}.js`)
  const original = (await import(pathToFileURL(path).href)) as { validate: (data: unknown) => boolean }
  const recovered = openDefinitions({
    lookupCustom: id =>
      replacementFor(id) ??
      recoverModule(id, readFileSync(join(modulesFolder, ownerOf(id), '_schemas', `${id}.js`), 'utf8')),
    onTooLong: () => {},
  })
  const strict = await openTestSchemas()
  const random = seededRandom(36)
  const disagreements: unknown[] = []
  let refused = 0
  expect(original.validate(document)).toBe(true)
  for (let round = 0; round < rounds; round++) {
    const mutant = mutate(document, random) as Draft
    const accepted = original.validate(mutant)
    if (!accepted) refused++
    if ((recovered.check(definition, mutant).length === 0) !== accepted) disagreements.push(mutant)
    if (accepted || mutant.apiVersion !== document.apiVersion || mutant.kind !== document.kind) continue
    if (strict.validate(mutant)?.length === 0) disagreements.push(mutant)
  }
  expect(refused).toBeGreaterThan(rounds / 3)
  expect(disagreements).toEqual([])
})
