// What policies find, described as the rules are: those of validation.yaml and those that the cluster will hold.
import { defineRule, type StageRule } from '../rule.ts'

export const POLICIES: readonly StageRule[] = [
  defineRule({
    scope: 'stage',
    id: 'own-policy',
    severity: 'error',
    summary: 'An object does not keep a policy of this repository.',
    why: 'The people of the repository wrote it down under policies in validation.yaml.',
    remediation: 'Do as the policy says, or change it where it is wrong.',
    source: 'policies in validation.yaml',
  }),
  defineRule({
    scope: 'stage',
    id: 'admission-policy',
    severity: 'error',
    summary: 'A ValidatingAdmissionPolicy of the tree refuses an object of the tree.',
    why: 'The API server asks the policy before it takes the object: the sync stops there, or its pods are never made.',
    remediation: 'Do as the policy says, or let its binding pass over the object.',
    source:
      'Kubernetes: ValidatingAdmissionPolicy (matchConstraints, matchConditions, variables, validations) and its bindings',
  }),
]
