// Which image pods run from now on: an older one, one that may change under its name, one from elsewhere.
import { valueAt } from '../../tree/model/build.ts'
import { isPlaceholder, type ImageReference, parseImageReference } from '../../tree/model/image-reference.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import type { ComparedObject, Comparison } from '../model.ts'
import { listContainers, podsOf, twinOf } from './pods.ts'
import type { ObjectRule } from './risk.ts'
import { commitOf, compareVersions } from './versions.ts'

export interface ImageChange {
  readonly container: string
  /** Undefined where the container is new. */
  readonly before: ImageReference | undefined
  readonly after: ImageReference
  readonly text: string
  readonly fieldPath: FieldPath
}

/** The images that are others than before, or new. */
export function listImages(object: ComparedObject): readonly ImageChange[] {
  const pods = podsOf(object)
  if (!pods) return []
  return listContainers(pods.after).flatMap(container => {
    const [old, next] = [twinOf(container, pods.before), container].map(one => one && valueAt(one.value, ['image']))
    const after = readImage(next)
    if (!after || next === old || typeof next !== 'string') return []
    return [
      { container: container.name, before: readImage(old), after, text: next, fieldPath: [...container.path, 'image'] },
    ]
  })
}

function readImage(text: unknown): ImageReference | undefined {
  if (typeof text !== 'string' || isPlaceholder(text)) return undefined
  const reference = parseImageReference(text)
  return 'fault' in reference ? undefined : reference
}

export const imageGoesBack: ObjectRule = {
  id: 'image-goes-back',
  level: 'danger',
  summary: 'an image of a lower version than before',
  why: 'Data and clients may have moved on with the newer one; meant as a rollback it is right.',
  *check(object, comparison) {
    for (const { before, after, container, fieldPath } of listImages(object)) {
      if (!before || nameFully(before.repository) !== nameFully(after.repository)) continue
      const isLower = compareVersions(after.tag, before.tag) < 0
      if (!isLower && !isEarlierCommit(after, before, comparison)) continue
      const how = isLower ? '' : ', an earlier commit'
      yield { says: `goes back from ${before.tag} to ${after.tag}${how} (container ${container})`, fieldPath }
    }
  },
}

/** Where tags are commits of this very repository; of others nothing is known here. */
function isEarlierCommit(after: ImageReference, before: ImageReference, { isAncestor }: Comparison): boolean {
  const [next, old] = [commitOf(after.tag), commitOf(before.tag)]
  return next !== undefined && old !== undefined && isAncestor(next, old)
}

/** Tags that are moved by habit. */
const MOVING =
  /^(?:latest|main|master|head|trunk|dev|develop|devel|edge|nightly|canary|stable|snapshot|test|qa|staging|prod|production|release)$/i

const isPinned = ({ tag, digest }: ImageReference): boolean =>
  digest !== undefined || (tag !== undefined && !MOVING.test(tag))

export const imageNotPinned: ObjectRule = {
  id: 'image-not-pinned',
  level: 'caution',
  summary: 'an image without a digest or a version, or one that no longer has the digest it had',
  why: 'What runs then depends on when a node pulls it: two pods of one commit may run two programs.',
  *check(object) {
    for (const { before, after, container, text, fieldPath } of listImages(object)) {
      if (!isPinned(after) && (!before || isPinned(before))) {
        yield { says: `runs ${text}, whose content may change under its name (container ${container})`, fieldPath }
      } else if (before?.digest !== undefined && after.digest === undefined) {
        yield { says: `no longer names its image by digest (container ${container})`, fieldPath }
      }
    }
  },
}

/** The host that an image is pulled from. */
function registryOf({ repository }: ImageReference): string {
  const [first = '', ...rest] = repository.split('/')
  return rest.length && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io'
}

const isBelow = (repository: string, place: string): boolean =>
  repository === place || repository.startsWith(`${place}/`)

export const imageOfAnotherRegistry: ObjectRule = {
  id: 'image-of-another-registry',
  level: 'caution',
  summary: 'an image from another registry than before, or from one that the environment does not name',
  why: 'Who may push there decides what runs here, and the nodes must be able to pull from it.',
  *check(object, comparison) {
    const allowed = registriesOf(object, comparison)
    for (const { before, after, container, fieldPath } of listImages(object)) {
      const repository = registryOf(after) === 'docker.io' ? nameFully(after.repository) : after.repository
      if (allowed.length && !allowed.some(place => isBelow(repository, place) || isBelow(after.repository, place))) {
        const says = `runs ${after.repository}, which is not one of ${allowed.join(', ')} (container ${container})`
        yield { says, level: 'danger', fieldPath }
      } else if (before && registryOf(before) !== registryOf(after)) {
        yield {
          says: `pulls from ${registryOf(after)} instead of ${registryOf(before)} (container ${container})`,
          fieldPath,
        }
      }
    }
  },
}

const nameFully = (repository: string): string => {
  const bare = repository.replace(/^(?:index\.)?docker\.io\//, '')
  return `docker.io/${bare.includes('/') ? bare : `library/${bare}`}`
}

const registriesOf = ({ change }: ComparedObject, { head }: Comparison): readonly string[] =>
  head.environments.find(({ name }) => name === change.environment)?.registries ?? []
