// The proof lets a build fail only where the trace says the same of it: of the same fault, and of the same objects.
import { expect, test } from 'vitest'
import { isSameError } from './build-outcome.ts'

const NEVER =
  'no resource matches strategic merge patch "Deployment.v1.apps/web.[noNs]": no matches for Id Deployment.v1.apps/web.[noNs]; failed to find unique target for patch Deployment.v1.apps/web.[noNs]'
const MERGE =
  'merging from generator &{0x1 <nil>}: id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"ConfigMap", isClusterScoped:false}, Name:"files", Namespace:""} does not exist; cannot merge or replace'
const COUNT = 'resource with name web does not match a config with the following GVK [Deployment.[noVer].[noGrp]]'
const VAR =
  "var '{NAME Service.v1.[noGrp] {spec.selector.app}}' cannot be mapped to a field in the set of known resources"

test.each([
  ['a patch for Deployment web, which is there never', NEVER],
  ['there is no ConfigMap files to merge', MERGE],
  ['no workload is called web', COUNT],
  ['the var NAME has no value', VAR],
  ['the source of a replacement is not one object', 'nothing selected by Service.[noVer].[noGrp]/web.[noNs]:spec'],
  ['/spec/a leads nowhere', 'remove operation does not apply: doc is missing path: "/spec/a": missing value'],
  ['a test of a JSON patch fails', 'testing value /kind failed: test failed'],
])('%s: kustomize says the same', (said, real) => {
  expect(isSameError(said, real)).toBe(true)
})

test.each([
  ['a patch for Deployment other, which is there never', NEVER],
  ['a patch for Deployment web, which is there twice', NEVER],
  ['there is no Secret files to merge', MERGE],
  ['there is a ConfigMap files already', MERGE],
  ['no workload is called other', COUNT],
  ['the var OTHER has no value', VAR],
  ['the source of a replacement lacks the field', 'nothing selected by Service.[noVer].[noGrp]/web.[noNs]:spec'],
  ['PatchTransformer is not followed', NEVER],
])('%s: kustomize says something else', (said, real) => {
  expect(isSameError(said, real)).toBe(false)
})
