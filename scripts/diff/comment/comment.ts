// One comment of a pull request, kept up to date: which pull request it is, GitHub says, and never the text.
import { listAt, stringAt, valueAt } from '../../tree/model/build.ts'
import type { Ask } from './github.ts'
import type { Run } from './run.ts'
import { neutralize } from './neutralize.ts'
import { readZipEntry } from './zip.ts'

/** By this line the comment is found again. */
const MARKER = '<!-- what this changes in the clusters -->'
/** Only a comment of this one is ever changed: a marker is quickly copied. */
const AUTHOR = 'github-actions[bot]'
const ARTIFACT = 'diff'
const FILE = 'comment.md'
const MOST_BYTES = 1024 * 1024
const MOST_PAGES = 30

/** What was done, in a line. */
export function commentOn(run: Run | undefined, ask: Ask): string {
  if (!run) return 'Not a run of a pull request: no comment.'
  const number = findPullRequest(run, ask)
  if (number === undefined) return `No open pull request stands at ${run.commit}: no comment.`
  const body = [MARKER, describeRun(run), '', readText(run, ask) ?? explainNothing(run)].join('\n')
  const known = findComment(run, number, ask)
  if (known === undefined) {
    ask(`repos/${run.repository}/issues/${number}/comments`, { method: 'POST', body: { body } })
    return `Commented on #${number}.`
  }
  ask(`repos/${run.repository}/issues/comments/${known}`, { method: 'PATCH', body: { body } })
  return `Brought the comment of #${number} up to date.`
}

const json = (answer: Buffer): unknown => JSON.parse(answer.toString('utf8'))

/** The pull request whose newest commit was rendered; a run of an older commit has nothing to say any more. */
function findPullRequest({ repository, owner, branch, commit, fullName }: Run, ask: Ask): number | undefined {
  const head = encodeURIComponent(`${owner}:${branch}`)
  const answer = json(ask(`repos/${repository}/pulls?state=open&per_page=100&head=${head}`))
  const numbers = listAt({ answer }, ['answer']).flatMap(one => {
    const isIt =
      stringAt(one, ['head', 'sha']) === commit &&
      stringAt(one, ['head', 'repo', 'full_name']) === fullName &&
      stringAt(one, ['base', 'repo', 'full_name']) === repository
    const number = valueAt(one, ['number'])
    return isIt && typeof number === 'number' ? [number] : []
  })
  // Of two with one branch nobody can say which one was rendered.
  return numbers.length === 1 ? numbers[0] : undefined
}

function findComment({ repository }: Run, number: number, ask: Ask): number | undefined {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const comments = listAt(
      { answer: json(ask(`repos/${repository}/issues/${number}/comments?per_page=100&page=${page}`)) },
      ['answer'],
    )
    for (const comment of comments) {
      const id = valueAt(comment, ['id'])
      const isOurs = stringAt(comment, ['user', 'login']) === AUTHOR
      if (isOurs && typeof id === 'number' && stringAt(comment, ['body'])?.startsWith(MARKER)) return id
    }
    if (comments.length < 100) return undefined
  }
  return undefined
}

/** The text that the run made; undefined where it made none, or one that is too large. */
function readText({ repository, id }: Run, ask: Ask): string | undefined {
  const answer = json(ask(`repos/${repository}/actions/runs/${id}/artifacts?name=${ARTIFACT}&per_page=1`))
  const [artifact] = listAt(answer, ['artifacts'])
  const [number, size] = ['id', 'size_in_bytes'].map(key => valueAt(artifact, [key]))
  if (typeof number !== 'number' || typeof size !== 'number' || size > MOST_BYTES) return undefined
  const text = readZipEntry(ask(`repos/${repository}/actions/artifacts/${number}/zip`), FILE, MOST_BYTES)
  return text && neutralize(text.toString('utf8'))
}

/** What a reader must know: the text is that of the pull request's own code. Written here, so a link may be one. */
const describeRun = ({ commit, url }: Run): string =>
  `<sub>Commit ${commit.slice(0, 10)}, rendered by [this run](${url}) with the code of the pull request.</sub>`

const explainNothing = ({ isGood }: Run): string =>
  `⚠️ **There is no diff**: ${isGood ? 'the run left none, or one that is too large' : 'the run failed'}. Its log says why.`
