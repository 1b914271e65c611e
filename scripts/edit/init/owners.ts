// Changes who owns what in a CODEOWNERS file, and nothing else in it.
import { Problem, usageProblem } from '../../command/problem.ts'

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?'

/**
 * `acme`: the teams stay and move to that organization. `@alice` or `@acme/team`: this one owns everything. Comments and
 * the alignment of the columns stay.
 */
export function replaceOwner(text: string, owner: string): string {
  const isOrganization = new RegExp(`^${NAME}$`).test(owner)
  const isOwner = new RegExp(`^@${NAME}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$`).test(owner)
  if (!isOrganization && !isOwner) {
    throw usageProblem(
      `${JSON.stringify(owner)} is not an owner: write an organization (acme), a person (@alice) or a team (@acme/developers)`,
    )
  }
  return text
    .split('\n')
    .map(line => (/^\s*(?:#|$)/.test(line) ? line : replaceLine(line, owner, isOrganization)))
    .join('\n')
}

function replaceLine(line: string, owner: string, isOrganization: boolean): string {
  const [, pattern = '', owners = '', rest = ''] = /^(\s*(?:\\.|[^\s\\])+\s+)([^#]*?)(\s*(?:#.*)?)$/.exec(line) ?? []
  if (!owners) return line
  const names = owners.split(/\s+/)
  if (!isOrganization) return `${pattern}${owner}${rest}`
  const moved = names.map(name => {
    const team = /^@[^/]+\/(.+)$/.exec(name)?.[1]
    if (team) return `@${owner}/${team}`
    if (name.includes('@') && !name.startsWith('@')) return name
    throw new Problem(
      `.github/CODEOWNERS: ${name} is a person, not a team of an organization, and the teams are not known any more`,
      {
        advice: [
          'write the teams in .github/CODEOWNERS by hand, as @acme/developers, then run this again',
          '`git log -p .github/CODEOWNERS` shows the ones that were there',
        ],
      },
    )
  })
  return `${pattern}${moved.join(' ')}${rest}`
}
