// Annotations of a pod that the API server knows, most of which became fields. Source: podSpecAnnotations of core/v1.

import { type ApiFault, refuse, wrong } from '../fault.ts'
import { get, isSet, type Node, textOf } from '../node.ts'
import { relativePath } from '../text.ts'

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'

const isSeccomp = (value: string): boolean =>
  ['runtime/default', 'docker/default', 'unconfined'].includes(value) ||
  (value.startsWith('localhost/') && relativePath(value.slice('localhost/'.length)) === undefined)

/** Annotations that once were fields, held against the pod. `metadataName`: where the server says that they are. */
export function* checkPodAnnotations(
  metadata: Node,
  podSpec: Node,
  containers: readonly Node[],
  named: Node,
): Iterable<ApiFault> {
  const annotations = get(metadata, 'annotations')
  const value = annotations.value
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    const node = get(annotations, key)
    const place = { value: undefined, up: { value: undefined, up: named, key: 'annotations' }, key }
    const text = textOf(node)
    if (key === 'kubernetes.io/config.mirror' && textOf(get(podSpec, 'nodeName')) === '')
      yield refuse(node, 'must not be set without spec.nodeName', place)
    if (key === 'controller.kubernetes.io/pod-deletion-cost' && !isInt32(text))
      yield wrong(node, 'must be a whole number of 32 bits', place)
    if ((key === SECCOMP || key.startsWith(SECCOMP_CONTAINER)) && !isSeccomp(text))
      yield wrong(node, 'must be runtime/default, unconfined or localhost/<path>', place)
    if (key.startsWith(APPARMOR)) {
      const name = key.slice(APPARMOR.length)
      if (!containers.some(container => textOf(get(container, 'name')) === name))
        yield refuse(node, 'must name a container of the pod', place)
      if (!['', 'runtime/default', 'unconfined'].includes(text) && !text.startsWith('localhost/'))
        yield wrong(node, 'must be runtime/default, unconfined or localhost/<profile>', place)
    }
  }
  yield* checkOldProfiles(annotations, podSpec, containers)
}

/** Where both are there the annotation and the field say the same. */
function* checkOldProfiles(annotations: Node, podSpec: Node, containers: readonly Node[]): Iterable<ApiFault> {
  const pairs: [string, Node][] = [[SECCOMP, get(podSpec, 'securityContext', 'seccompProfile')]]
  for (const container of containers)
    pairs.push([
      `${SECCOMP_CONTAINER}${textOf(get(container, 'name'))}`,
      get(container, 'securityContext', 'seccompProfile'),
    ])
  for (const [key, field] of pairs) {
    const annotation = get(annotations, key)
    if (isSet(annotation) && isSet(field)) yield* compareProfile(textOf(annotation), field, 'runtime/default')
  }
  if (textOf(get(podSpec, 'os', 'name')) === 'windows') return
  const ofPod = get(podSpec, 'securityContext', 'appArmorProfile')
  for (const container of containers) {
    const own = get(container, 'securityContext', 'appArmorProfile')
    const annotation = get(annotations, `${APPARMOR}${textOf(get(container, 'name'))}`)
    if (isSet(annotation) && (isSet(own) || isSet(ofPod)))
      yield* compareProfile(textOf(annotation), isSet(own) ? own : { ...own, value: ofPod.value }, 'runtime/default')
  }
}

function* compareProfile(annotation: string, field: Node, runtimeDefault: string): Iterable<ApiFault> {
  const type = get(field, 'type')
  const profileName = get(field, 'localhostProfile')
  const prefix = 'localhost/'
  switch (textOf(type)) {
    case 'Unconfined':
      if (annotation !== 'unconfined') yield refuse(type, 'must say the same as the annotation')
      return
    case 'RuntimeDefault':
      if (annotation !== runtimeDefault && annotation !== 'docker/default')
        yield refuse(type, 'must say the same as the annotation')
      return
    case 'Localhost':
      if (!annotation.startsWith(prefix)) yield refuse(type, 'must say the same as the annotation')
      else if (annotation.slice(prefix.length) !== textOf(profileName))
        yield refuse(profileName, 'must say the same as the annotation')
  }
}

const isInt32 = (text: string): boolean =>
  /^[+-]?(0|[1-9]\d{0,9})$/.test(text) && !/^\+/.test(text) && Math.abs(Number(text) + 0.5) <= 2 ** 31
