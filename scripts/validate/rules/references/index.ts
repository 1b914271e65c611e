// The rules on names that nothing stands for, in the order they are documented.
import type { Rule } from '../rule.ts'
import danglingClaim from './dangling-claim/rule.ts'
import danglingConfigReference from './dangling-config-reference/rule.ts'
import danglingCustomReference from './dangling-custom-reference/rule.ts'
import danglingGatewayBackend from './dangling-gateway-backend/rule.ts'
import danglingHorizontalPodAutoscaler from './dangling-horizontalpodautoscaler/rule.ts'
import danglingIngressBackend from './dangling-ingress-backend/rule.ts'
import danglingNetworkPolicy from './dangling-networkpolicy/rule.ts'
import danglingPodDisruptionBudget from './dangling-poddisruptionbudget/rule.ts'
import danglingPriorityClass from './dangling-priority-class/rule.ts'
import danglingProbePort from './dangling-probe-port/rule.ts'
import danglingRole from './dangling-role/rule.ts'
import danglingServiceMonitor from './dangling-servicemonitor/rule.ts'
import danglingStorageClass from './dangling-storage-class/rule.ts'
import danglingWebhook from './dangling-webhook/rule.ts'
import nonExistentServiceAccount from './non-existent-service-account/rule.ts'
import overlappingSelectors from './overlapping-selectors/rule.ts'
import serviceHitsTwoWorkloads from './service-hits-two-workloads/rule.ts'
import statefulsetWithoutHeadlessService from './statefulset-without-headless-service/rule.ts'

export const REFERENCES: readonly Rule[] = [
  danglingConfigReference,
  nonExistentServiceAccount,
  danglingClaim,
  danglingIngressBackend,
  danglingGatewayBackend,
  danglingWebhook,
  danglingRole,
  danglingPriorityClass,
  danglingStorageClass,
  danglingProbePort,
  danglingHorizontalPodAutoscaler,
  danglingNetworkPolicy,
  danglingPodDisruptionBudget,
  danglingServiceMonitor,
  danglingCustomReference,
  overlappingSelectors,
  serviceHitsTwoWorkloads,
  statefulsetWithoutHeadlessService,
]
