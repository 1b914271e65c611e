// The faults that the stages find before any rule runs, described as the rules are.
import { defineRule, type StageRule } from '../rule.ts'

export const STAGES: readonly StageRule[] = [
  defineRule({
    scope: 'stage',
    id: 'yaml-syntax',
    severity: 'error',
    summary: 'A file is not YAML, or writes a key twice.',
    why: 'No reader takes the file, or two readers take different values from it.',
    remediation: 'Correct the text at this place.',
    source: 'YAML 1.2; duplicate keys: YAML 1.2.2 section 3.2.1.3',
  }),
  defineRule({
    scope: 'stage',
    id: 'refused-input',
    severity: 'error',
    summary: 'A file asks for something that is never done for a pull request.',
    why: 'Remote bases are fetched with git, which a crafted ref makes run commands; plugins and charts run programs; and a file that two readers understand differently passes a check it should not.',
    remediation: 'Keep what a build reads in the repository, as plain files.',
    source: 'CVE-2026-113708 (remote kustomize refs); kustomize decodes keys without regard to case',
  }),
  defineRule({
    scope: 'stage',
    id: 'kustomize-build',
    severity: 'error',
    summary: 'kustomize cannot build the folder.',
    why: 'Argo CD runs the same build: the Application shows ComparisonError, and no commit reaches the cluster any more.',
    remediation: 'Correct the kustomization, or the file it reads.',
    source: 'kustomize build',
  }),
  defineRule({
    scope: 'stage',
    id: 'unknown-kind',
    severity: 'error',
    summary: 'No schema is known for the kind of an object.',
    why: 'The API server refuses kinds it does not serve, and a kind without a schema passes every check unseen.',
    remediation:
      'Correct apiVersion and kind, put the CustomResourceDefinition into the tree, or list the kind under unknownKinds.allow in validation.yaml.',
    source: 'Kubernetes API discovery: "no matches for kind"',
  }),
  defineRule({
    scope: 'stage',
    id: 'schema-validation',
    severity: 'error',
    summary: 'An object does not fit the schema of its kind.',
    why: 'The API server refuses it, or drops the field and does something else than what is written.',
    remediation: 'Correct the field.',
    source: 'Kubernetes 1.36 and Argo CD 3.6 API schemas; strict field validation; the published schemas of operators',
  }),
  defineRule({
    scope: 'stage',
    id: 'api-validation',
    severity: 'error',
    summary: 'The API server refuses the object for what its fields say.',
    why: 'The object has the right shape, and the server checks more: names, ranges, what excludes each other and what must meet.',
    remediation: 'Correct the field.',
    source: 'Kubernetes 1.36 API validation and defaults (pkg/apis of kubernetes/kubernetes)',
  }),
]
