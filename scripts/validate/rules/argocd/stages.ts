// What reading and rendering Applications finds before any rule runs, described as the rules are.
import { defineRule, type StageRule } from '../rule.ts'

export const ARGOCD_STAGES: readonly StageRule[] = [
  defineRule({
    scope: 'stage',
    id: 'application-source',
    severity: 'error',
    summary: 'A source of an Application cannot be rendered.',
    why: 'The repo-server stops at it: the Application shows ComparisonError, and no commit reaches the cluster any more.',
    remediation: 'Correct the setting of the source, or the file that it names.',
    source: 'Argo CD: repository.GenerateManifests',
  }),
  defineRule({
    scope: 'stage',
    id: 'application-without-manifests',
    severity: 'warning',
    summary: 'A file or a source of an Application holds nothing that Argo CD applies.',
    why: 'Argo CD passes over it without a word; with automated pruning an Application that renders nothing deletes what it had.',
    remediation: 'Name the folder and the files that are meant, or keep other files elsewhere.',
    source: 'Argo CD: repository.findManifests',
  }),
  defineRule({
    scope: 'stage',
    id: 'application-of-kustomizations',
    severity: 'error',
    summary: 'An Application takes kustomizations for plain manifests.',
    why: 'Settings of a directory turn kustomize off: each file is applied as it stands, bases and patches too, and no API server takes a Kustomization.',
    remediation: 'Make one Application for each kustomization, or an ApplicationSet with a git directory generator.',
    source: 'Argo CD: ApplicationSource.ExplicitType, repository.findManifests',
  }),
  defineRule({
    scope: 'stage',
    id: 'ineffective-source-setting',
    severity: 'warning',
    summary: 'A kustomize setting of an Application changes nothing.',
    why: 'An image or a target that nobody has is passed over without a word, so the old version stays deployed.',
    remediation: 'Write the name as the manifests of the folder have it, or delete the setting.',
    source: 'kustomize: image and patch transformers pass over what they do not find',
  }),
  defineRule({
    scope: 'stage',
    id: 'invalid-applicationset',
    severity: 'error',
    summary: 'An ApplicationSet makes no Applications, or not those that are meant.',
    why: 'The ApplicationSet shows ErrorOccurred, and the Applications it made before stay as they are.',
    remediation: 'Correct the generator or the template.',
    source: 'Argo CD: template.GenerateApplications, generators.Transform, validateGeneratedApplications',
  }),
  defineRule({
    scope: 'stage',
    id: 'ignore-differences-without-effect',
    severity: 'warning',
    summary: 'A rule of ignoreDifferences ignores nothing.',
    why: 'Argo CD keeps reporting the difference, and with self-heal takes it back; an expression that does not parse stops every comparison.',
    remediation: 'Name group, kind and field as the object has them; a pointer begins with a slash.',
    source: 'Argo CD: normalizers.NewIgnoreNormalizer, diff.ExtractIgnoreDifferencesFromAnnotations',
  }),
]
