// Who asks for a container's port by its name: of a name that no container has one rule speaks, not each.
import { listAt, mappingAt, stringAt, valueAt } from '../../../tree/model/build.ts'
import { isMet, readPairs } from '../../../tree/model/label-selector.ts'
import type { PodTemplate } from '../../../tree/model/pod-template.ts'
import { isSameNamespace, type ResourceIndex } from '../../../tree/model/resource-index.ts'

/** Where a container itself asks for a port of its own. */
export const HANDLERS: readonly (readonly string[])[] = [
  ['startupProbe'],
  ['readinessProbe'],
  ['livenessProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
].flatMap(path => [
  [...path, 'httpGet', 'port'],
  [...path, 'tcpSocket', 'port'],
])

/** Whether a Service asks the pods for a port name that none of their containers has. */
export const isServed = (index: ResourceIndex, { resource, labels, specPath }: PodTemplate, name: string): boolean =>
  index.ofKind('', 'Service').some(({ object, namespace }) => {
    const requirements = readPairs(mappingAt(object, ['spec', 'selector']))
    if (requirements.length === 0 || !isSameNamespace(namespace, resource.namespace)) return false
    if (!listAt(object, ['spec', 'ports']).some(port => valueAt(port, ['targetPort']) === name)) return false
    const declares = listAt(resource.object, [...specPath, 'containers']).some(container =>
      listAt(container, ['ports']).some(port => stringAt(port, ['name']) === name),
    )
    return !declares && requirements.every(one => isMet(one, labels))
  })

/** Whether a container asks for the name itself. */
export const isProbed = ({ resource, specPath }: PodTemplate, name: string): boolean =>
  listAt(resource.object, [...specPath, 'containers']).some(container =>
    HANDLERS.some(handler => valueAt(container, handler) === name),
  )
