// The run of the other workflow, as the event describes it: what GitHub says of it, and nothing that the run itself wrote.
import { stringAt, valueAt } from '../../tree/model/build.ts'
import { Problem } from '../../command/problem.ts'

export interface Run {
  /** The repository that is asked, as `owner/name`. */
  readonly repository: string
  readonly id: number
  /** The commit that the author pushed. */
  readonly commit: string
  readonly branch: string
  /** Where the branch is; another repository for a fork. */
  readonly owner: string
  readonly fullName: string
  readonly isGood: boolean
  /** Where a person sees it. */
  readonly url: string
}

/** Undefined for what is not a run of a pull request, or was called off. Throws a Problem for another event. */
export function readRun(event: unknown, repository: string): Run | undefined {
  const at = (...path: readonly string[]): string => {
    const value = stringAt(event, ['workflow_run', ...path])
    if (value !== undefined) return value
    throw new Problem(`the event has no workflow_run.${path.join('.')}: this is for workflow_run`, { exitCode: 2 })
  }
  const id = valueAt(event, ['workflow_run', 'id'])
  if (typeof id !== 'number') throw new Problem('the event is not a workflow_run', { exitCode: 2 })
  const conclusion = at('conclusion')
  if (at('event') !== 'pull_request' || ['cancelled', 'skipped', 'action_required'].includes(conclusion))
    return undefined
  return {
    repository,
    id,
    commit: at('head_sha'),
    branch: at('head_branch'),
    owner: at('head_repository', 'owner', 'login'),
    fullName: at('head_repository', 'full_name'),
    isGood: conclusion === 'success',
    url: at('html_url'),
  }
}
