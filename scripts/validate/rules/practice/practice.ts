// A practice is one row of a table: what it looks at, where it is not kept, what to say of it. Here rows become rules.
import type { Resource } from '../../../tree/model/build.ts'
import type { FieldPath } from '../../../tree/model/place.ts'
import { POD_KINDS } from '../../../tree/model/pod-template.ts'
import type { ResourceIndex } from '../../../tree/model/resource-index.ts'
import { isOfPlatform } from '../../../tree/model/unseen.ts'
import { readLevel } from '../namespace/pod-security/rule.ts'
import type { ResourceContext, ResourceRule, RuleDescription, RuleFinding } from '../rule.ts'
import { type ContainerView, type PodView, viewPod } from './pod-view.ts'

export interface Found {
  /** From the resource's root on; where nothing is written, the field that should be. */
  readonly path: FieldPath
  /** What is, what it endangers, what to write. */
  readonly message: string
  readonly values: readonly (string | number)[]
}

interface Row extends Omit<RuleDescription, 'severity'> {
  /** Whether pods may do it that serve the node on purpose: those of the platform, and of namespaces that permit all. */
  readonly sparesNodeAgents?: true
}

export interface ContainerPractice extends Row {
  /** `running`: without init containers, of pods that are meant to stay. */
  readonly of: 'containers' | 'running containers'
  find(container: ContainerView, pod: PodView, index: ResourceIndex): Found | undefined
}

export interface PodPractice extends Row {
  readonly of: 'pods'
  find(pod: PodView, index: ResourceIndex): Iterable<Found>
}

export interface ObjectPractice extends Row {
  readonly of: 'objects'
  /** As rules have them. */
  readonly kinds: readonly string[]
  find(resource: Resource, index: ResourceIndex): Iterable<Found>
}

export type Practice = ContainerPractice | PodPractice | ObjectPractice

export function makeRule(row: Practice): ResourceRule {
  const { id, preset, summary, why, remediation, source, toldBy, hidesSource } = row
  return {
    ...{ id, summary, why, remediation, source },
    ...(preset && { preset }),
    ...(toldBy && { toldBy }),
    ...(hidesSource && { hidesSource }),
    scope: 'resource',
    severity: 'warning',
    kinds: row.of === 'objects' ? row.kinds : POD_KINDS,
    *check(context) {
      const { resource, isSound } = context
      if (row.sparesNodeAgents && servesNode(context)) return
      for (const { path, message, values } of find(row, context)) {
        if (isSound(resource, path))
          yield { message, values, places: [{ resource, fieldPath: path }] } satisfies RuleFinding
      }
    },
  }
}

function find(row: Practice, { resource, index }: ResourceContext): Iterable<Found> {
  if (row.of === 'objects') return row.find(resource, index)
  const pod = viewPod(resource)
  if (!pod) return []
  if (row.of === 'pods') return row.find(pod, index)
  const isRunning = ({ role }: ContainerView): boolean => pod.isLongRunning && role !== 'init'
  return pod.containers
    .filter(container => row.of === 'containers' || isRunning(container))
    .flatMap(container => row.find(container, pod, index) ?? [])
}

function servesNode({ resource: { namespace }, index }: ResourceContext): boolean {
  if (namespace === undefined) return false
  return isOfPlatform(namespace) || readLevel(index, namespace) === 'privileged'
}
