// A release goes through the environments in their order: what runs in one has run in the one before.
import { showReference } from '../../../../tree/model/image-reference.ts'
import { mayDiffer } from '../may-differ.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'promotion-order',
  severity: 'warning',
  summary: 'An environment runs an image that the environment before it never ran.',
  why: 'Nobody has seen this version work in the stage that was made for that, and its fault meets the users first.',
  remediation: 'Promote the image to the environment before, or name the image under environments.mayDiffer.',
  source: 'environments.order in validation.yaml',
  *check({ environments: { skipped, declaration } }) {
    for (const { build, before, resource, container, past } of skipped) {
      const { fieldPath, image, reference } = container
      if (past !== 'never' || !reference || mayDiffer(declaration, build, resource, fieldPath)) continue
      const { commits } = declaration
      const ever = commits ? ` and did not in the last ${commits} commits` : ''
      const stage = `${before.environment.name}, which comes before ${build.environment.name},`
      const message = `${stage} does not run ${showReference(reference)}${ever}`
      yield { message, values: [image, before.environment.name], places: [{ resource, fieldPath }] }
    }
  },
})
