// The hook of .pre-commit-hooks.yaml must run for every commit: pre-commit itself is not installed here to show it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { PROJECT } from './tree.ts'

test('no commit passes the hook by, also none that only deletes or renames files', () => {
  const [hook] = parse(readFileSync(join(PROJECT, '.pre-commit-hooks.yaml'), 'utf8')) as Record<string, unknown>[]
  expect(hook).toMatchObject({ always_run: true, pass_filenames: false })
  for (const filter of ['files', 'exclude', 'types', 'types_or']) expect(hook).not.toHaveProperty(filter)
})
