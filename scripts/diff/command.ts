// `npm run diff`: arguments in, the changes to stdout, everything else to stderr, an exit code back.
import { resolve } from 'node:path'
import { type Command, repositoryRoot, text } from '../command/frame.ts'
import type { Tab } from '../command/page.ts'
import { usageProblem } from '../command/problem.ts'
import { diffSources } from './diff.ts'
import { FORMATS } from './report/index.ts'
import { openRevisions } from './open.ts'
import { isAtLeast, judgeRisks } from './risks/index.ts'
import { findRevisions } from './revisions.ts'

const usage = `Usage: npm run diff -- [options] [BASE] [HEAD]

Renders two versions of the tree, without a checkout and without a cluster, and says which objects change in which
environment, field by field, each with the line that did it.

  npm run diff                      what this branch and the files as they are change
  npm run diff -- main              the files as they are, against main
  npm run diff -- v1.4.0 v1.5.0     two commits; A..B and A...B as for git diff

BASE is by default the commit at which HEAD left the default branch of the remote; HEAD is the files as they are.

  --root DIR       the tree (default: this repository); a folder of a checkout, too
  --format NAME    ${Object.keys(FORMATS).join(', ')} (default: stylish)
  --fail-on LEVEL  danger, caution or never (default): exit 1 for a risk of that level or above
  --whole          print objects that are added or removed with all their fields
  --no-cache       render every build anew
  -h, --help       this text

Exit code: 0 compared, whatever changes; 1 a risk that --fail-on names; 2 wrong usage, commit or machine;
3 a fault of the program.
`

/** `findings` makes the tab that stands beside the diff on a page, of the files as they are; none where they cannot be judged. */
export const createCommand = (findings: (root: string) => Promise<Tab | undefined>): Command => ({
  name: 'diff',
  usage,
  options: {
    root: { type: 'string' },
    format: { type: 'string' },
    'fail-on': { type: 'string' },
    whole: { type: 'boolean' },
    'no-cache': { type: 'boolean' },
  },
  takesPositionals: true,
  async run(values, { positionals, start, terminal }) {
    const name = text(values, 'format') ?? 'stylish'
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
    if (!format) throw usageProblem(`unknown format ${name}: choose one of ${Object.keys(FORMATS).join(', ')}`)
    const failOn = readLevel(text(values, 'fail-on'))
    const given = text(values, 'root')
    const root = given === undefined ? repositoryRoot : resolve(start, given)
    const revisions = findRevisions(root, positionals)
    const { base, head } = openRevisions(root, revisions)
    const diff = await diffSources(base, head, { root, cache: values['no-cache'] !== true, judge: judgeRisks })
    const print = await format()
    const isPage = name === 'html' && revisions.head.commit === undefined
    const tab = isPage ? await findings(root) : undefined
    terminal.print(
      print(diff, {
        names: { base: revisions.base.name, head: revisions.head.name },
        colour: terminal.hasColor,
        whole: values.whole === true,
        ...(tab && { tabs: [tab] }),
      }),
    )
    return isAtLeast(diff.risks, failOn) ? 1 : 0
  },
})

function readLevel(level = 'never'): 'danger' | 'caution' | 'never' {
  if (level === 'danger' || level === 'caution' || level === 'never') return level
  throw usageProblem(`unknown level ${level}: choose danger, caution or never`)
}
