// A probe of a port name that its container does not have fails for ever.
import { listAt, stringAt, valueAt } from '../../../../tree/model/build.ts'
import { closest } from '../../../../tree/model/closest.ts'
import { podTemplateOf } from '../../../../tree/model/pod-template.ts'
import { defineRule, type ResourcePlace } from '../../rule.ts'
import { HANDLERS, isServed } from '../port-names.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-probe-port',
  severity: 'error',
  summary: 'A probe or lifecycle hook asks for a port name that its container does not have.',
  why: 'The kubelet cannot resolve the name: the probe fails for ever, and the pod is never ready or is restarted.',
  remediation: 'Use the name of a port of the same container, or the number.',
  source: 'kubelet: the name of a port is looked up in the ports of the container itself, not of its neighbours',
  kinds: [],
  *check({ resource, index, isSound }) {
    const template = podTemplateOf(resource)
    if (!template) return
    for (const list of ['containers', 'initContainers']) {
      for (const [position, container] of listAt(resource.object, [...template.specPath, list]).entries()) {
        const root = [...template.specPath, list, position]
        const ports = listAt(container, ['ports'])
        const names = ports.flatMap(port => stringAt(port, ['name']) ?? [])
        const missing = HANDLERS.flatMap(handler => {
          const value = valueAt(container, handler)
          const isName = typeof value === 'string' && !/^\d*$/.test(value) && !names.includes(value)
          return isName && isSound(resource, [...root, ...handler]) ? [{ value, fieldPath: [...root, ...handler] }] : []
        })
        for (const { value, fieldPath } of isSound(resource, [...root, 'ports']) ? missing : []) {
          // The name that a Service asks for too is told once, of the Service.
          if (isServed(index, template, value)) continue
          const near = closest(value, names) ?? (names.length === 1 ? names[0] : undefined)
          const places: [ResourcePlace, ...ResourcePlace[]] = [{ resource, fieldPath }]
          const at = ports.findIndex(one => stringAt(one, ['name']) === near)
          if (at >= 0) places.push({ resource, fieldPath: [...root, 'ports', at, 'name'] })
          // Several that agree tell that it is the port that is mistyped.
          if (missing.filter(one => one.value === value).length > 1) places.reverse()
          const hint = names.length === 0 ? 'it names no port' : `its port names are ${names.join(', ')}`
          const message = `port "${value}" is not a port of container ${stringAt(container, ['name']) ?? position}: ${hint}`
          yield { message, values: [value], places }
        }
      }
    }
  },
})
