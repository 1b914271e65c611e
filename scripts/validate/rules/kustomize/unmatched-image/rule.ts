// An image of a kustomization that no container has: kustomize changes nothing and says nothing.
import { listAt, stringAt } from '../../../../tree/model/build.ts'
import { containersOf } from '../containers.ts'
import { didYouMean } from '../near-name.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-image',
  severity: 'warning',
  summary: 'An entry of images matches no image.',
  why: 'kustomize changes nothing then and says nothing: the tag that it was to set is never deployed.',
  remediation: 'Write the name as the manifests have it, without a tag, or delete the entry.',
  source: 'kustomize: the image transformer passes over what does not match (kubernetes-sigs/kustomize#2798)',
  *check({ kustomization, readers, roots, effects }) {
    for (const field of ['images', 'imageTags']) {
      for (const [index, entry] of listAt(kustomization.value, [field]).entries()) {
        const name = stringAt(entry, ['name'])
        if (name === undefined || effects.sum(roots, kustomization, [field, index])?.matched !== 0) continue
        const images = readers.flatMap(({ build }) => (build ? [...containersOf(build)] : []))
        const fieldPath = [field, index, 'name']
        yield {
          message: `no image is called ${name}${didYouMean(name, images)}`,
          values: [name],
          places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
          builds: roots,
        }
      }
    }
  },
})
