// A replica count beside an autoscaler is set back with every sync.
import { findScaled } from '../scaled-workloads.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'replicas-with-hpa',
  severity: 'warning',
  summary: 'A workload with an autoscaler says how many replicas it has.',
  why: 'Each sync sets the number back, whatever the load is, until the autoscaler has its way again.',
  remediation: 'Delete spec.replicas; the autoscaler keeps minReplicas.',
  source: 'Kubernetes: HorizontalPodAutoscaler, migrating Deployments to horizontal autoscaling',
  *check(context) {
    for (const { workload, scaler, isHealed } of findScaled(context)) {
      if (isHealed) continue
      const message = `HorizontalPodAutoscaler ${scaler.name} decides on the replicas of ${workload.kind} ${workload.name}`
      yield { message, values: [scaler.name], places: [{ resource: workload, fieldPath: ['spec', 'replicas'] }] }
    }
  },
})
