// `images`: new names, tags and digests for the images of containers and volumes.
import { compileGoExpression } from '../../model/go-expression.ts'
import { type FieldSpec, walkSpec } from './field-spec.ts'
import { kindOf, type TracedObject } from './object.ts'
import { type Count, overwrite, StepError } from './step.ts'
import { fieldOf, type Origin, replaceIn, scalar, textAt, textOf, type Traced } from './value.ts'

export interface ImageName {
  readonly name: string
  readonly tag: string
  readonly digest: string
}

/** Takes a reference apart as kustomize does: `host:port/name:tag@digest`. */
export function splitImage(image: string): ImageName {
  const slash = Math.max(image.indexOf('/'), 0)
  const rest = image.slice(slash)
  const at = rest.indexOf('@')
  const colon = rest.indexOf(':')
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' }
  if (at >= 0 && (at < colon || colon < 0)) {
    return { name: image.slice(0, slash + at), tag: '', digest: image.slice(slash + at + 1) }
  }
  const name = image.slice(0, slash + colon)
  if (at >= 0) return { name, tag: image.slice(slash + colon + 1, slash + at), digest: image.slice(slash + at + 1) }
  return { name, tag: image.slice(slash + colon + 1), digest: '' }
}

const patterns = new Map<string, (text: string) => boolean>()

/** The name of an entry is a pattern to kustomize. */
export function isImageMatched(image: string, name: string): boolean {
  let pattern = patterns.get(name)
  if (!pattern) {
    try {
      pattern = compileGoExpression(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
    } catch {
      throw new StepError(`the image ${name} is not a pattern`)
    }
    patterns.set(name, pattern)
  }
  return pattern(image)
}

export interface ImageStep {
  /** The entry: name, newName, newTag, tagSuffix, digest. */
  readonly entry: Traced
  readonly specs: readonly FieldSpec[]
}

/** Counts the images that the entry was meant for. */
export function applyImage(objects: readonly TracedObject[], { entry, specs }: ImageStep): Count {
  let [matched, changed] = [0, 0]
  const set = (value: Traced, put: (made: Traced) => void): void => {
    if (value.kind !== 'scalar' || !isImageMatched(value.text, textAt(entry, 'name'))) return
    const isAgain = value.origin.at.rank === entry.origin.at.rank
    if (!isAgain) matched++
    const made = rename(value.text, entry)
    if (made.text !== value.text) changed++
    else if (made.origins.length === 0 || isAgain) return
    const [last, ...others] = made.origins
    if (last) put(scalar(made.text, overwrite(last, value, made.keeps, others)))
  }
  // kustomize goes over all containers wherever they are, and then once more over the fields.
  for (const object of objects) {
    if (kindOf(object) !== 'CustomResourceDefinition') walkContainers(object.root, set)
  }
  for (const object of objects) {
    if (kindOf(object) === 'CustomResourceDefinition') continue
    for (const spec of specs) walkSpec(object, spec, { origin: entry.origin, set })
  }
  return { matched, changed }
}

/** The images in all lists that are called containers or initContainers. */
function walkContainers(node: Traced, set: (value: Traced, put: (made: Traced) => void) => void): void {
  if (node.kind === 'sequence') for (const item of node.items) walkContainers(item, set)
  if (node.kind !== 'mapping') return
  for (const [name, { value }] of node.entries) {
    walkContainers(value, set)
    if ((name !== 'containers' && name !== 'initContainers') || value.kind !== 'sequence') continue
    for (const item of value.items) {
      const image = item.kind === 'mapping' ? item.entries.get('image') : undefined
      if (image) set(image.value, made => replaceIn(image, made))
    }
  }
}

function rename(image: string, entry: Traced): { text: string; origins: readonly Origin[]; keeps: boolean } {
  let { name, tag, digest } = splitImage(image)
  const old = { name, tag, digest }
  const field = (key: string): { text: string; origin: Origin | undefined } => {
    const node = fieldOf(entry, key)
    return { text: textOf(node), origin: node?.origin }
  }
  const [newName, newTag, newDigest, suffix] = [field('newName'), field('newTag'), field('digest'), field('tagSuffix')]
  const origins: (Origin | undefined)[] = []
  if (newName.text !== '') {
    name = newName.text
    origins.push(newName.origin)
  }
  let keepsTag = true
  if (newTag.text !== '') {
    tag = newTag.text
    digest = newDigest.text
    keepsTag = false
    origins.unshift(newTag.origin)
    if (newDigest.text !== '') origins.unshift(newDigest.origin)
  } else if (newDigest.text !== '') {
    tag = ''
    digest = newDigest.text
    keepsTag = false
    origins.unshift(newDigest.origin)
  } else if (suffix.text !== '') {
    tag += suffix.text
    digest = ''
    origins.unshift(suffix.origin)
  }
  const keeps = newName.text === '' || (keepsTag && (old.tag !== '' || old.digest !== ''))
  return {
    text: `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`,
    origins: origins.filter(one => one !== undefined),
    keeps,
  }
}
