// npm run promote -- SOURCE TARGET: lets an environment run the image that another one runs, in Git.
import { text } from './command/frame.ts'
import { describeEdits } from './diff/describe.ts'
import { type EditContext, runEdit } from './edit/command.ts'
import { findCheckout } from './edit/deliver/git.ts'
import type { Environment } from './edit/environment.ts'
import { judge } from './edit/promote/judge.ts'
import { promote, promoteImage } from './edit/promote/promote.ts'
import type { Promotion } from './edit/promote/take.ts'
import { verifyImage } from './edit/promote/registry.ts'

const usage = `Usage: npm run promote -- SOURCE TARGET [TARGET]...
       npm run promote -- --image NAME:TAG@DIGEST TARGET [TARGET]...

Lets the environment TARGET run the images that SOURCE runs, or the image that is named. What is rendered counts: the line
that decides the image of a container is changed, be it an entry of images or a patch. The registry stays the target's.
What travels with the image is marked where it stands, by \`# promote\` on its line in overlays/SOURCE (scripts/edit/README.md).

  npm run promote -- dev qa
  npm run promote -- dev qa --pull-request

  --image IMAGE     this image instead of the source's, from this registry
  --force           also what skips an environment, goes back, or never ran in the environment before
  --verify          asks the registry first: the image is there, and signed
`

await runEdit(
  {
    name: 'promote',
    usage,
    options: { image: { type: 'string' }, force: { type: 'boolean' }, verify: { type: 'boolean' } },
    work(context) {
      const { sources, positionals, values } = context
      const image = text(values, 'image')
      const look = (promotion: Promotion, source: Environment | undefined, targets: readonly Environment[]) =>
        examine(context, promotion, source, targets)
      return image === undefined ? promote(sources, positionals, look) : promoteImage(sources, image, positionals, look)
    },
  },
  describeEdits,
)

async function examine(
  { root, sources, values, signal }: EditContext,
  promotion: Promotion,
  source: Environment | undefined,
  targets: readonly Environment[],
) {
  const judgement = await judge(promotion, source, targets, {
    sources,
    checkout: findCheckout(root),
    force: values.force === true,
  })
  if (values.verify !== true) return judgement
  const images = new Map(promotion.moves.map(({ wanted }) => [JSON.stringify(wanted), wanted]))
  const said = await Promise.all([...images.values()].map(wanted => verifyImage(wanted, process.env, signal)))
  return { ...judgement, notes: [...judgement.notes, ...said] }
}
