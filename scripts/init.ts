// npm run init: makes the template one's own.
import { runCommand } from './edit/command.ts'
import { init } from './edit/init.ts'
import { checkDelivery, propose } from './edit/propose.ts'
import { refuseUsage } from './edit/refusal.ts'

const USAGE = `Usage: npm run init -- [--repo-url URL] [--registry HOST/PATH] [--owner OWNER]

Makes the template one's own. Each value goes to the place that reads it; a second run changes nothing.

  --repo-url URL        argocd/repository/repository.yaml and validation.yaml; owner/name of it in the workflows' guards
                        and, where they name this repository, in README.md, action.yml and .pre-commit-hooks.yaml
  --registry HOST/PATH  the image names of the overlays, and the image that the workflow pushes
  --owner OWNER         .github/CODEOWNERS: acme keeps the teams and moves them to the organization acme,
                        @alice or @acme/developers makes that person or team the owner of everything

  npm run init -- --repo-url https://github.com/acme/api.git --registry ghcr.io/acme --owner acme
`

const FLAGS = { 'repo-url': { type: 'string' }, registry: { type: 'string' }, owner: { type: 'string' } } as const

await runCommand(USAGE, FLAGS, async ({ root, delivery, positionals, flags }, terminal) => {
  if (positionals.length) throw refuseUsage(`too many arguments: ${positionals.join(' ')}`)
  const [repoUrl, registry, owner] = (['repo-url', 'registry', 'owner'] as const).map(name => {
    const value = flags[name]
    if (value === '') throw refuseUsage(`--${name} is empty`)
    return typeof value === 'string' ? value : undefined
  })
  checkDelivery(root, delivery, terminal)
  const change = await init(root, { repoUrl, registry, owner })
  if (typeof change === 'string') terminal.note(change)
  else await propose(change, delivery, terminal)
})
