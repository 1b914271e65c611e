// npm run scale -- ENVIRONMENT COUNT: changes the number of replicas in Git.
import { text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import { describeEdits } from './diff/describe.ts'
import { readWords, runEdit } from './edit/command.ts'
import { scale } from './edit/scale/scale.ts'
import { parseCount, WORDS } from './edit/scale/wishes.ts'

const usage = `Usage: npm run scale -- ENVIRONMENT COUNT [WORKLOAD] [ENVIRONMENT COUNT [WORKLOAD]]...

Changes the number of replicas of an environment: one number, on the line that decides it.
WORKLOAD is needed where the environment has several. Where an autoscaler decides (a HorizontalPodAutoscaler, a ScaledObject
of KEDA), MINIMUM..MAXIMUM sets its bounds in that environment.

  npm run scale -- prod 5
  npm run scale -- prod 5 qa 2 --pull-request
  npm run scale -- prod 3..10

  --from N          only where it is N now
  --force           also out of the bounds that validation.yaml sets for the environment
`

await runEdit(
  {
    name: 'scale',
    usage,
    // --replicas is how kubectl has it.
    options: { from: { type: 'string' }, force: { type: 'boolean' }, replicas: { type: 'string' } },
    async work({ sources, values, positionals }) {
      if (values.replicas !== undefined) throw usageProblem('the number is a word, and no option', WORDS)
      const from = text(values, 'from')
      const count =
        from === undefined ? undefined : readWords('--from N: only where it is N now', () => parseCount(from))
      if (typeof count === 'object') throw usageProblem('--from is one number')
      return scale(sources, positionals, { from: count, force: values.force === true })
    },
  },
  describeEdits,
)
