// npm run init: makes the template one's own.
import { text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import { requireNoMore, runEdit } from './edit/command.ts'
import { init } from './edit/init/init.ts'

const usage = `Usage: npm run init -- [--repo-url URL] [--registry HOST/PATH] [--owner OWNER]

Makes the template one's own. Each value goes to the place that reads it; a second run changes nothing.

  --repo-url URL        argocd/repository/repository.yaml and validation.yaml; owner/name of it in the workflows' guards
                        and, where they name this repository, in README.md, action.yml and .pre-commit-hooks.yaml
  --registry HOST/PATH  the image names of the overlays, and the image that the workflow pushes
  --owner OWNER         .github/CODEOWNERS: acme keeps the teams and moves them to the organization acme,
                        @alice or @acme/developers makes that person or team the owner of everything

  npm run init -- --repo-url https://github.com/acme/api.git --registry ghcr.io/acme --owner acme
`

await runEdit({
  name: 'init',
  usage,
  options: { 'repo-url': { type: 'string' }, registry: { type: 'string' }, owner: { type: 'string' } },
  async work({ sources, values, positionals }) {
    requireNoMore(positionals)
    const [repoUrl, registry, owner] = (['repo-url', 'registry', 'owner'] as const).map(name => {
      if (values[name] === '') throw usageProblem(`--${name} is empty`)
      return text(values, name)
    })
    return init(sources, { repoUrl, registry, owner })
  },
})
