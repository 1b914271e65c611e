// What runs the workflows in tests/checkout must be able to fail, or its green says nothing.
import { expect, onTestFinished, test } from 'vitest'
import { Runner, type Step } from './checkout/workflow-runner.ts'

/** As workflows write it. */
const expression = (name: string): string => `\${{ ${name} }}`

function createRunner(): Runner {
  const runner = new Runner({ url: '', commit: 'abc' }, { 'inputs.x': 'given' })
  onTestFinished(() => runner.machine.remove())
  return runner
}

const run = (...steps: readonly Step[]): Promise<string> => createRunner().run(steps)

test('a command that fails is red, shows its step and the end of its output, and nothing runs after it', async () => {
  const runner = createRunner()
  const steps = [{ name: 'Count', run: 'seq 1 100; echo no >&2; exit 3' }, { run: 'touch after' }]
  const error = await runner.run(steps).catch((error: Error) => error.message)
  expect(error).toMatch(/^exit code 3\n62\n63\n[\d\n]+\n100\nno\nin the step: Count$/)
  expect(await runner.exec('ls', [])).toBe('')
})

test('a command line that fails in the middle ends the step; a pipe fails with its first command where the shell is named', async () => {
  await expect(run({ run: 'false\necho on' })).rejects.toThrow('exit code 1')
  expect(await run({ run: 'false | cat' })).toBe('')
  await expect(run({ run: 'false | cat', shell: 'bash' })).rejects.toThrow('exit code 1')
})

test('variables come from the workflow, the job, the steps before and the step itself, and outputs from a step', async () => {
  const steps = [
    {
      id: 'x',
      run: 'echo A=file >> "$GITHUB_ENV"; echo "n=$A" >> "$GITHUB_OUTPUT"; echo done >> "$GITHUB_STEP_SUMMARY"',
    },
    {
      run: `echo "$A $B ${expression('env.A')} ${expression('steps.x.outputs.n')} ${expression('inputs.x')} $C"`,
      env: { C: 'step' },
    },
  ]
  const runner = createRunner()
  expect(await runner.run(steps, { A: 'workflow', B: expression('github.sha') }, { A: 'job' })).toBe(
    'file abc file job given step\n',
  )
  expect(runner.summary).toBe('done\n')
})

test.each([
  ['an expression', { run: `echo ${expression('github.shaa')}` }, 'github.shaa'],
  ['an output', { run: 'x', env: { B: expression('steps.x.outputs.y') } }, 'steps.x.outputs.y'],
  ['a shell', { run: 'x', shell: 'pwsh' }, 'pwsh'],
  ['a file of the runner', { run: 'echo x >> "$GITHUB_PATH"' }, 'No such file'],
  ['an assignment', { run: 'echo word >> "$GITHUB_ENV"' }, 'word'],
])('%s that is not known is a failure', async (_, step: Step, shown) => {
  await expect(run(step)).rejects.toThrow(shown)
})

test('the stand-ins write down what they were asked, and refuse what they do not know', async () => {
  const runner = createRunner()
  await runner.run([{ run: 'gh --version; cosign sign --yes x' }])
  expect(runner.machine.calls()).toEqual(['gh --version', 'cosign sign --yes x'])
  await expect(runner.run([{ run: 'gh pr merge' }])).rejects.toThrow('no answer was recorded for: gh pr merge')
})
