// npm run init: makes the template one's own, or gives another repository its first validation.yaml.
import { text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'
import { describeEdits } from './diff/describe.ts'
import { requireNoMore, runEdit } from './edit/command.ts'
import { init } from './edit/init/init.ts'
import { writeValidation } from './edit/init/validation-only.ts'
import { readCheckout } from './tree/source/git-remote.ts'
import { surveyKinds } from './validate/survey.ts'

const usage = `Usage: npm run init -- [--repo-url URL] [--registry HOST/PATH] [--owner OWNER]
       npm run init -- --validation-only --root DIR

Makes the template one's own. Each value goes to the place that reads it; a second run changes nothing.

  --repo-url URL        argocd/repository/repository.yaml and validation.yaml; owner/name of it in the workflows' guards
                        and, where they name this repository, in README.md, the actions and .pre-commit-hooks.yaml
  --registry HOST/PATH  the image names of the overlays, and the image that the workflow pushes
  --owner OWNER         .github/CODEOWNERS: acme keeps the teams and moves them to the organization acme,
                        @alice or @acme/developers makes that person or team the owner of everything

  --validation-only     writes a commented validation.yaml for the repository at --root, with what was found there: URLs
                        of repositories, kinds without a definition, build options, environments. Nothing else

  npm run init -- --repo-url https://github.com/acme/api.git --registry ghcr.io/acme --owner acme
  npm run init -- --validation-only --root ../our-gitops
`

await runEdit(
  {
    name: 'init',
    usage,
    options: {
      'repo-url': { type: 'string' },
      registry: { type: 'string' },
      owner: { type: 'string' },
      'validation-only': { type: 'boolean' },
    },
    async work({ root, sources, values, positionals }) {
      requireNoMore(positionals)
      const [repoUrl, registry, owner] = (['repo-url', 'registry', 'owner'] as const).map(name => {
        if (values[name] === '') throw usageProblem(`--${name} is empty`)
        return text(values, name)
      })
      if (values['validation-only'] === true) {
        if (repoUrl || registry || owner) throw usageProblem('--validation-only goes with none of the others')
        const kinds = await surveyKinds(root)
        return writeValidation(sources, readCheckout(root)?.urls ?? [], { kinds })
      }
      return init(sources, { repoUrl, registry, owner })
    },
  },
  describeEdits,
)
