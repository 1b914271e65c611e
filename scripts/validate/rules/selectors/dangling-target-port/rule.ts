// A Service that forwards to a port name no container has gets endpoints without that port: connections are refused.
import { listAt, mappingAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import type { FieldPath } from '../../../../tree/model/place.ts'
import { listContainerPorts } from '../../../../tree/model/container-ports.ts'
import { readPairs } from '../../../../tree/model/label-selector.ts'
import type { PodTemplate } from '../../../../tree/model/pod-template.ts'
import { defineRule, type ResourcePlace } from '../../rule.ts'
import { isOfController } from '../selecting.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-target-port',
  severity: 'error',
  summary: 'A Service forwards to a port name that no container of its pods has.',
  why: 'The endpoints of the Service lack the port, so connections to it are refused. Port numbers need not be declared; names must be.',
  remediation: 'Use the name of a container port, or the number the program listens on.',
  source: 'Kubernetes Service: a targetPort that is a name is looked up in the ports of the containers of each pod',
  kinds: ['/Service'],
  *check({ resource, index, isSound }) {
    const selector = mappingAt(resource.object, ['spec', 'selector'])
    if (!selector || !isSound(resource, ['spec', 'ports'])) return
    const requirements = readPairs(selector).filter(one => !isOfController(one))
    if (requirements.length === 0) return
    const templates = index.selectTemplates(resource.namespace, requirements)
    if (templates.length === 0) return
    for (const [position, port] of listAt(resource.object, ['spec', 'ports']).entries()) {
      const target = stringAt(port, ['targetPort'])
      if (target === undefined) continue
      const fieldPath: FieldPath = ['spec', 'ports', position, 'targetPort']
      if (/^\d+$/.test(target)) {
        const message = `targetPort "${target}" is a name because it is quoted, and no port name has digits alone`
        yield {
          message,
          values: [target],
          places: [{ resource, fieldPath }],
          remediation: `Write ${target} without quotes.`,
        }
        continue
      }
      const protocol = stringAt(port, ['protocol']) ?? 'TCP'
      const declared = templates.flatMap(listContainerPorts)
      if (declared.some(one => one.name === target && one.protocol === protocol)) continue
      if (templates.some(({ resource: owner, specPath }) => !isSound(owner, specPath))) continue
      if (declared.some(({ place }) => !isSound(place.resource, place.fieldPath.slice(0, -2)))) continue
      const other = declared.find(one => one.name === target)
      const names = [...new Set(declared.flatMap(one => (one.name && one.protocol === protocol ? [one.name] : [])))]
      // Probes that use the missing name tell that the container port is the one mistyped.
      const isUsed = templates.some(template => usesPort(template, target))
      const near = closest(target, names) ?? (isUsed || names.length === 1 ? names[0] : undefined)
      const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource, fieldPath }]
      for (const one of declared) if (one.name === near && near !== undefined) places.push(one.place)
      if (isUsed && places.length > 1) places.push(...places.splice(0, 1))
      yield {
        message: explain(target, protocol, other?.protocol, names, templates),
        values: [target, protocol],
        places,
      }
    }
  },
})

function usesPort({ resource, specPath }: PodTemplate, name: string): boolean {
  return listAt(resource.object, [...specPath, 'containers']).some(container =>
    ['startupProbe', 'readinessProbe', 'livenessProbe'].some(
      probe =>
        valueAt(container, [probe, 'httpGet', 'port']) === name ||
        valueAt(container, [probe, 'tcpSocket', 'port']) === name,
    ),
  )
}

function explain(
  target: string,
  protocol: string,
  otherProtocol: string | undefined,
  names: readonly string[],
  templates: readonly PodTemplate[],
): string {
  const owners = templates.map(({ resource }) => `${resource.kind} ${resource.name}`)
  const owner = owners.length === 1 ? owners[0] : `${owners[0]} and ${owners.length - 1} more`
  if (otherProtocol)
    return `targetPort "${target}" is a ${otherProtocol} port of ${owner}, the Service asks for ${protocol}`
  const known = names.length ? `its port names are ${names.join(', ')}` : 'it names no port'
  return `targetPort "${target}" is not a port of ${owner}: ${known}`
}
