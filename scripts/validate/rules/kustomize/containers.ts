// The names of the images that a build deploys, without tag and digest.
import type { Build } from '../../../tree/model/build.ts'
import { splitImage } from '../../../tree/kustomize/trace/images.ts'

export function* containersOf(build: Build): Generator<string> {
  for (const { object } of build.resources) yield* imagesIn(object)
}

function* imagesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* imagesIn(item)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      if (key === 'image' && typeof child === 'string') yield splitImage(child).name
      else yield* imagesIn(child)
    }
  }
}
