// npm run scale -- ENVIRONMENT COUNT: changes the number of replicas in Git.
import { runCommand } from './edit/command.ts'
import { checkDelivery, propose } from './edit/propose.ts'
import { refuseUsage } from './edit/refusal.ts'
import { scale } from './edit/scale.ts'

const USAGE = `Usage: npm run scale -- ENVIRONMENT COUNT [WORKLOAD]

Changes the number of replicas of an environment: one number in overlays/ENVIRONMENT.
WORKLOAD is needed where the environment has several. Refused where an autoscaler decides the number.

  npm run scale -- prod 5
  npm run scale -- prod 5 --pull-request
`

await runCommand(USAGE, {}, async ({ root, delivery, positionals }, terminal) => {
  const [environment, count, workload, ...rest] = positionals
  if (rest.length) throw refuseUsage(`too many arguments: ${rest.join(' ')}`)
  checkDelivery(root, delivery, terminal)
  const change = await scale(root, environment, count, workload)
  if (typeof change === 'string') terminal.note(change)
  else await propose(change, delivery, terminal)
})
