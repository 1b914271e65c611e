// Self-heal takes back what an autoscaler does, within seconds and for ever.
import { findScaled } from '../scaled-workloads.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'self-heal-fights-hpa',
  severity: 'warning',
  summary: 'A self-healing Application sets the replicas of a workload that is scaled automatically.',
  why: 'Argo CD sets the number back as soon as the autoscaler changes it, so the workload is never scaled.',
  remediation:
    'Delete spec.replicas, or name /spec/replicas under ignoreDifferences with the option RespectIgnoreDifferences=true.',
  source: 'Argo CD: automated sync with selfHeal; leaving room for imperativeness',
  *check(context) {
    for (const { workload, scaler, isHealed } of findScaled(context)) {
      if (!isHealed) continue
      const message = `Argo CD heals the replicas of ${workload.kind} ${workload.name}, which HorizontalPodAutoscaler ${scaler.name} changes`
      yield { message, values: [scaler.name], places: [{ resource: workload, fieldPath: ['spec', 'replicas'] }] }
    }
  },
})
