// kube-linter's own way to ignore a check of an object, which holds for a rule of the same name here; and those of no use.
import { mappingAt, type Resource, stringAt } from '../../tree/model/build.ts'
import type { Fault } from '../../tree/model/place.ts'
import type { Finding, Suppression } from './finding.ts'

const PREFIX = 'ignore-check.kube-linter.io/'

/** The suppression that an object carries for a rule, where it says why. */
export function readAnnotation(resource: Resource, ruleId: string): Suppression | undefined {
  const reason = stringAt(resource.object, ['metadata', 'annotations', `${PREFIX}${ruleId}`])
  return reason?.trim() ? { by: 'annotation', reason } : undefined
}

/** Annotations for rules that ran, on objects of which they found nothing, or that give no reason. Other checks of kube-linter are its own. */
export function* listUnusedAnnotations(
  resources: readonly Resource[],
  findings: readonly Finding[],
  rules: ReadonlySet<string>,
): Generator<Fault> {
  const used = new Set(
    findings.flatMap(({ ruleId, resource, suppression }) =>
      suppression?.by === 'annotation' ? [`${ruleId} ${resource?.kind}/${resource?.name}`] : [],
    ),
  )
  for (const resource of resources) {
    for (const key of Object.keys(mappingAt(resource.object, ['metadata', 'annotations']) ?? {})) {
      const ruleId = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : ''
      if (!rules.has(ruleId) || used.has(`${ruleId} ${resource.kind}/${resource.name}`)) continue
      const isBare = stringAt(resource.object, ['metadata', 'annotations', key])?.trim() === ''
      yield {
        ruleId: 'unused-suppression',
        message: `the annotation that ignores ${ruleId} ${isBare ? 'gives no reason' : 'suppresses nothing'}`,
        values: isBare ? [ruleId, 'bare'] : [ruleId],
        places: [{ resource, fieldPath: ['metadata', 'annotations', key] }],
      }
    }
  }
}
