// npm run rollback -- ENVIRONMENT: takes back the last change of an environment, in Git.
import { runCommand } from './edit/command.ts'
import { checkDelivery, propose } from './edit/propose.ts'
import { refuseUsage } from './edit/refusal.ts'
import { rollback } from './edit/rollback.ts'

const USAGE = `Usage: npm run rollback -- ENVIRONMENT

Takes back the last commit that changed what ENVIRONMENT renders, as a new change. Of that commit only the files that
the environment reads are put back; other environments, the API's source and all later changes stay. A commit that
changed nothing rendered (a comment) is passed over. So is a change that was taken back already, with the commit, merge
or squash that took it back: a second rollback goes one change further back. Of a change that was taken back in part,
in other files, the rest is taken back.

  npm run rollback -- prod                  puts the files back; look at them, then commit
  npm run rollback -- prod --commit --yes   and commits: push it, and Argo CD does the rest

  --all-environments   also when the change to take back is in files that other environments read (base, components)
`

const FLAGS = { 'all-environments': { type: 'boolean' } } as const

await runCommand(USAGE, FLAGS, async ({ root, delivery, positionals, flags }, terminal) => {
  const [environment, ...rest] = positionals
  if (rest.length) throw refuseUsage(`too many arguments: ${rest.join(' ')}`)
  checkDelivery(root, delivery, terminal)
  await propose(await rollback(root, environment, flags['all-environments'] === true), delivery, terminal)
})
