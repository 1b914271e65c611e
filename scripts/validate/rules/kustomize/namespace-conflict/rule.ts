// Two objects that differ by their namespace alone, and that a kustomization puts into one: kustomize refuses the build.
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'stage',
  id: 'namespace-conflict',
  severity: 'error',
  summary: 'A namespace of a kustomization makes two objects one.',
  why: 'They differ by their namespaces alone, which the kustomization replaces by one: kustomize refuses the build.',
  remediation: 'Give one of the objects another name, or take the namespace out of the kustomization.',
  source: 'kustomize build: "namespace transformation produces ID conflict"',
})
