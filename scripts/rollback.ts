// npm run rollback -- ENVIRONMENT: goes back to an earlier release of an environment, in Git.
import { text } from './command/frame.ts'
import { describeEdits } from './diff/describe.ts'
import { readWords, requireNoMore, runEdit } from './edit/command.ts'
import { requireCurrent } from './edit/deliver/current.ts'
import { readCheckout } from './edit/deliver/git.ts'
import { findEnvironment } from './edit/environment.ts'
import { listReleases, summarize } from './edit/rollback/releases.ts'
import { rollback } from './edit/rollback/rollback.ts'
import { writeReleases } from './edit/rollback/table.ts'

const usage = `Usage: npm run rollback -- ENVIRONMENT

Goes back to the release before the present one, by a new change: the lines that ENVIRONMENT alone reads become those of
that release. A release is a commit at which ENVIRONMENT rendered something else than before; what a message says does not
matter. Run again, it goes to the release that it left, as \`kubectl rollout undo\` does; --to goes further back.

  npm run rollback -- prod --list           the releases: commit, date, author, images, replicas, settings that travel
  npm run rollback -- prod                  puts the lines back; look at them, then commit
  npm run rollback -- prod --commit --yes   and commits: push it, and Argo CD does the rest

  --to COMMIT|TAG      the release of this commit
  --image              the images alone
  --list               shows the releases and changes nothing (with --format json, too)
  --all-environments   also lines that other environments read (base, components)
  --force              also in a clone that is behind its remote
`

await runEdit(
  {
    name: 'rollback',
    usage,
    options: {
      to: { type: 'string' },
      image: { type: 'boolean' },
      list: { type: 'boolean' },
      force: { type: 'boolean' },
      'all-environments': { type: 'boolean' },
    },
    asksOnly: values => values.list === true,
    async work({ root, sources, values, positionals, terminal, format }) {
      const [name, ...rest] = positionals
      const environment = readWords(
        'write npm run rollback -- ENVIRONMENT, as in npm run rollback -- prod; --list shows the releases',
        () => {
          requireNoMore(rest)
          return findEnvironment(sources, name)
        },
      )
      const checkout = readCheckout(root)
      if (values.list === true) {
        const releases = []
        for await (const release of listReleases(checkout, environment)) releases.push(summarize(release, environment))
        terminal.print(
          format === 'json' ? `${JSON.stringify({ version: 1, releases }, null, 2)}\n` : writeReleases(releases),
        )
        return 'done'
      }
      const unknown = values.force === true ? undefined : requireCurrent(root, checkout.branch)
      if (unknown) terminal.note(unknown)
      return rollback(root, sources, environment, checkout, {
        to: text(values, 'to'),
        imageOnly: values.image === true,
        allEnvironments: values['all-environments'] === true,
      })
    },
  },
  describeEdits,
)
