// Runs the validator on a folder as the command line would, for tests that look at findings.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine } from '../scripts/tree/machine.ts'
import { type Validation, type ValidateOptions, validate } from '../scripts/validate/run.ts'

export const PROJECT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** A tree like this repository's that no `init`, `scale` or `promote` of a user changes. */
export const FROZEN_TREE = join(PROJECT, 'tests/fixtures/repository')

export const MACHINE = describeMachine()

export function validateTree(root: string, options: Partial<ValidateOptions> = {}): Promise<Validation> {
  return validate({
    root,
    paths: [],
    machine: MACHINE,
    parallelism: availableParallelism(),
    tool: { name: 'gitops-validate', version: '0' },
    ...options,
  })
}

/** One line a finding, as fixtures expect them. */
export function showFindings({ report }: Validation): string[] {
  return report.findings.map(
    ({ ruleId, location, message }) => `${ruleId} ${location.file}:${location.line}:${location.column} ${message}`,
  )
}
