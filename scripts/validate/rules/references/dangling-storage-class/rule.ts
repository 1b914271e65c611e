// A claim of a class that does not exist is never bound.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-storage-class',
  severity: 'error',
  summary: 'A claim or volume names a StorageClass that is not there.',
  why: 'Nothing provisions the volume: the claim stays pending and so do its pods.',
  remediation: 'Name a StorageClass of the cluster, or leave the field out for the default one.',
  source: 'persistent volume controller: storageclass.storage.k8s.io not found',
  kinds: [],
  check: context => findDangling(context, isTo('storage.k8s.io/StorageClass')),
})
