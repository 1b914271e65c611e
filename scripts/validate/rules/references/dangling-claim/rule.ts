// A pod whose claim does not exist is never scheduled.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-claim',
  severity: 'error',
  summary: 'A volume names a PersistentVolumeClaim that is not there.',
  why: 'The scheduler leaves the pod pending until somebody makes the claim.',
  remediation: 'Name a claim that is deployed to the same namespace, or add it.',
  source:
    'kube-scheduler, VolumeBinding: persistentvolumeclaim not found; StatefulSets make the claims of their templates',
  kinds: [],
  check: context => findDangling(context, isTo('/PersistentVolumeClaim', '/PersistentVolume')),
})
