// Trees that the trace is proved on, each made to be hard to follow: many layers, old forms, odd ways of writing YAML.
import type { Files } from './hostile/base.ts'
import { FORMED_TREES } from './hostile/forms.ts'
import { PATCHED_TREES } from './hostile/patches.ts'
import { SCHEMA_TREES } from './hostile/schemas.ts'
import { STEPPED_TREES } from './hostile/steps.ts'

export const HOSTILE_TREES: Readonly<Record<string, Files>> = {
  ...PATCHED_TREES,
  ...STEPPED_TREES,
  ...FORMED_TREES,
  ...SCHEMA_TREES,
}
