// Which steps of the loop test are run after one has failed; the steps themselves need a cluster.
import { expect, test } from 'vitest'
import { runInOrder } from './e2e.ts'
import { type Step, steps } from './steps.ts'

async function runWith(failing: string): Promise<{ run: string; skipped: string; whole: boolean }> {
  const [run, skipped]: [Step[], Step[]] = [[], []]
  const whole = await runInOrder(
    steps,
    async step => {
      run.push(step)
      return step.id !== failing
    },
    step => skipped.push(step),
  )
  const idsOf = (list: readonly Step[]) => list.map(({ id }) => id).join('')
  return { run: idsOf(run), skipped: idsOf(skipped), whole }
}

test.each([
  ['none', { run: 'abcdef', skipped: '', whole: true }],
  ['a', { run: 'af', skipped: 'bcde', whole: false }],
  ['e', { run: 'abcdef', skipped: '', whole: false }],
  ['f', { run: 'abcdef', skipped: '', whole: true }],
])('after %s failed', async (failing, expected) => {
  expect(await runWith(failing)).toEqual(expected)
})
