// An image of a kustomization that no container has: kustomize changes nothing and says nothing.
import { listAt, stringAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { containersOf } from '../containers.ts'
import { countMatches } from '../../../../tree/kustomize/trace/effects.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'kustomization',
  id: 'unmatched-image',
  severity: 'warning',
  summary: 'An entry of images matches no image.',
  why: 'kustomize changes nothing then and says nothing: the tag that it was to set is never deployed.',
  remediation: 'Write the name as the manifests have it, without a tag, or delete the entry.',
  source: 'kustomize: the image transformer passes over what does not match (kubernetes-sigs/kustomize#2798)',
  *check({ kustomization, readers, tree }) {
    const roots = readers.flatMap(({ root, build }) => (build ? [root] : []))
    if (roots.length < readers.length) return
    for (const [index, entry] of listAt(kustomization.value, ['images']).entries()) {
      const name = stringAt(entry, ['name'])
      if (name === undefined || countMatches(tree, roots, kustomization, ['images', index]) !== 0) continue
      const images = readers.flatMap(({ build }) => (build ? [...containersOf(build)] : []))
      const near = closest(name, new Set(images))
      const fieldPath = ['images', index, 'name']
      yield {
        message: `no image is called ${name}${near ? `; did you mean ${near}?` : ''}`,
        values: [name],
        places: [{ range: kustomization.file.rangeOf(0, fieldPath), fieldPath }],
        builds: roots,
      }
    }
  },
})
