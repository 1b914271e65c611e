// An image comes from a registry that its environment does not take images from.
import { listContainers } from '../../../../tree/model/containers.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'unexpected-registry',
  severity: 'warning',
  summary: 'An image comes from elsewhere than its environment takes images from.',
  why: 'The cluster cannot reach that registry, or nobody has looked at what is in it.',
  remediation: 'Name the image where the environment has it, or add its registry in validation.yaml.',
  source: 'environments.order[].registries in validation.yaml',
  *check({ environments: { builds } }) {
    for (const { environment, resources } of builds) {
      const { registries, name } = environment
      if (registries.length === 0) continue
      for (const resource of resources) {
        for (const { reference, image, fieldPath } of listContainers([resource.object])) {
          if (!reference) continue
          const written = [reference.repository, ...inDockerHub(reference.repository)]
          if (written.some(path => registries.some(one => path.startsWith(`${one.replace(/\/$/, '')}/`)))) continue
          const message = `${image} is from none of the registries of ${name}: ${registries.join(', ')}`
          yield { message, values: [image, name], places: [{ resource, fieldPath }] }
        }
      }
    }
  },
})

/** The whole name of an image that names no registry. Source: github.com/distribution/reference (normalize.go). */
function inDockerHub(repository: string): readonly string[] {
  const [first = '', ...rest] = repository.split('/')
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return []
  return [`docker.io/${rest.length > 0 ? '' : 'library/'}${repository}`]
}
