// What the Pod Security level of a namespace does to the pods that are made in it.
import { mappingAt, type Resource, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { POD_KINDS, podTemplateOf } from '../../../../tree/model/pod-template.ts'
import type { ResourceIndex } from '../../../../tree/model/resource-index.ts'
import { defineRule } from '../../rule.ts'
import { findViolations, type Level, readVersion, type Violation } from './checks.ts'

const PREFIX = 'pod-security.kubernetes.io/'
const MODES = ['enforce', 'warn', 'audit'] as const

type Mode = (typeof MODES)[number]

interface Policy {
  readonly mode: Mode
  readonly level: Level
  readonly version: string
  readonly minor: number
}

const isLevel = (text: string | undefined): text is Level =>
  text === 'privileged' || text === 'baseline' || text === 'restricted'

/** A label that cannot be read is refused by the API server; it asks for nothing here. */
function readPolicies(namespace: Resource): readonly Policy[] {
  return MODES.flatMap(mode => {
    const label = (name: string): string | undefined =>
      stringAt(namespace.object, ['metadata', 'labels', `${PREFIX}${name}`])
    const level = label(mode)
    const version = label(`${mode}-version`)
    const minor = readVersion(version)
    return isLevel(level) && minor !== undefined ? [{ mode, level, version: version ?? 'latest', minor }] : []
  })
}

function findNamespace(index: ResourceIndex, namespace: string | undefined): Resource | undefined {
  return namespace === undefined ? undefined : index.ofKind('', 'Namespace').find(({ name }) => name === namespace)
}

/** The level that a namespace says it enforces; undefined where it says none, or is not among the manifests. */
export function readLevel(index: ResourceIndex, namespace: string): Level | undefined {
  const found = findNamespace(index, namespace)
  return found && readPolicies(found).find(({ mode }) => mode === 'enforce')?.level
}

const keyOf = ({ check, path }: Violation): string => JSON.stringify([check, path])

export default defineRule({
  scope: 'resource',
  id: 'pod-security',
  severity: 'error',
  summary: 'A pod does not meet the Pod Security level of its namespace.',
  why: 'The admission plugin refuses the pod. A Deployment is taken with a warning at most, and then none of its pods is ever made.',
  remediation: 'Give the pod the security settings that the level asks for, or label the namespace otherwise.',
  source: 'Pod Security admission of Kubernetes 1.36, the checks of each policy version',
  kinds: POD_KINDS,
  *check({ resource, index }) {
    const template = podTemplateOf(resource)
    const namespace = template && findNamespace(index, resource.namespace)
    if (!template || !namespace) return
    const podPath = template.specPath.slice(0, -1)
    const metadata = mappingAt(resource.object, [...podPath, 'metadata'])
    const pod = { metadata, spec: valueAt(resource.object, template.specPath) }
    const isPod = resource.group === '' && resource.kind === 'Pod'
    const told = new Set<string>()
    for (const { mode, level, version, minor } of readPolicies(namespace)) {
      for (const violation of findViolations(level, minor, pod)) {
        if (told.has(keyOf(violation))) continue
        told.add(keyOf(violation))
        const { check, path, text } = violation
        const fieldPath = [...podPath, ...path]
        const what = `${showPath(path)} ${text}: namespace ${namespace.name} ${WORDS[mode]} ${level}${version === 'latest' ? '' : ` of ${version}`}`
        const later = mode === 'enforce' && !isPod ? `; the ${resource.kind} is taken, and its pods are refused` : ''
        yield {
          message: `${what}${later}`,
          severity: mode === 'enforce' ? 'error' : 'warning',
          values: [check, level],
          places: [{ resource, fieldPath }],
        }
      }
    }
  },
})

const WORDS: Readonly<Record<Mode, string>> = {
  enforce: 'enforces',
  warn: 'warns of what is not',
  audit: 'records what is not',
}

/** As people know it: from the containers on. */
function showPath(path: readonly (string | number)[]): string {
  return path.slice(path[0] === 'spec' ? 1 : 0).reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`
    if (!/^[A-Za-z]\w*$/.test(segment)) return `${text}[${JSON.stringify(segment)}]`
    return text === '' ? segment : `${text}.${segment}`
  }, '')
}
