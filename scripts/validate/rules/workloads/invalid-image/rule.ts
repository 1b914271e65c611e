// A reference that the runtime cannot read is accepted by the API server, and its pod never starts: what a green
// validation promises, that the server takes the tree, still holds, so that it is a warning.
import { listAt, stringAt } from '../../../../tree/model/build.ts'
import { isPlaceholder, parseImageReference } from '../../../../tree/model/image-reference.ts'
import { POD_KINDS, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'resource',
  id: 'invalid-image',
  severity: 'warning',
  summary: 'A container names an image that no container runtime can read.',
  why: 'The API server takes any text; the kubelet refuses to pull it (InvalidImageName), and the pod never starts.',
  remediation: 'Write registry/name:tag or registry/name@sha256:digest, with the name in lower case.',
  source: 'The kubelet and containerd read references with github.com/distribution/reference',
  kinds: POD_KINDS,
  *check({ resource, isSound }) {
    const template = podTemplateOf(resource)
    if (!template) return
    for (const list of ['initContainers', 'containers']) {
      for (const [index, container] of listAt(resource.object, [...template.specPath, list]).entries()) {
        const fieldPath = [...template.specPath, list, index, 'image']
        const image = stringAt(container, ['image'])
        // Empty, or with space around it: the API server refuses it, which is another finding.
        if (!image || image.trim() !== image || isPlaceholder(image) || !isSound(resource, fieldPath)) continue
        const parsed = parseImageReference(image)
        if (!('fault' in parsed)) continue
        yield {
          message: `image ${JSON.stringify(image.slice(0, 300))} ${parsed.fault}`,
          values: [image.slice(0, 300)],
          places: [{ resource, fieldPath }],
        }
      }
    }
  },
})
