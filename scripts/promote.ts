// npm run promote -- SOURCE TARGET: lets an environment run the image that another one runs, in Git.
import { runCommand } from './edit/command.ts'
import { promote, promoteImage } from './edit/promote.ts'
import { checkDelivery, propose } from './edit/propose.ts'
import { refuseUsage } from './edit/refusal.ts'

const USAGE = `Usage: npm run promote -- SOURCE TARGET
       npm run promote -- --image NAME:TAG@DIGEST TARGET

Lets the environment TARGET run the image that SOURCE runs, or the image that is named.
What travels with the image is declared where it stands: a literal of a configMapGenerator in overlays/SOURCE whose
line ends in \`# promote\` is set in TARGET too, and removed there when SOURCE has it no more. Nothing else is touched.

    literals:
      - LOG_LEVEL=debug
      - MODEL_PATH=/models/2.json # promote

  npm run promote -- dev qa
  npm run promote -- dev qa --pull-request
`

const FLAGS = { image: { type: 'string' } } as const

await runCommand(USAGE, FLAGS, async ({ root, delivery, positionals, flags }, terminal) => {
  const expected = typeof flags.image === 'string' ? 1 : 2
  const rest = positionals.slice(expected)
  if (rest.length) throw refuseUsage(`too many arguments: ${rest.join(' ')}`)
  checkDelivery(root, delivery, terminal)
  const [first, second] = positionals
  const change =
    typeof flags.image === 'string' ? await promoteImage(root, flags.image, first) : await promote(root, first, second)
  if (typeof change === 'string') terminal.note(change)
  else await propose(change, delivery, terminal)
})
