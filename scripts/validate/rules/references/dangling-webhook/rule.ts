// The API server asks a Service before it takes an object; one that is not there makes it refuse, or answer nothing.
import { defineRule } from '../../rule.ts'
import { findDangling, isTo } from '../dangling.ts'

export default defineRule({
  scope: 'resource',
  id: 'dangling-webhook',
  severity: 'error',
  summary: 'A webhook, a conversion or an API of its own names a Service or port that is not there.',
  why: 'The API server refuses what the webhook should judge, or cannot serve the kinds of the API at all.',
  remediation: 'Name the Service in its namespace, and one of its ports.',
  source:
    'Kubernetes: webhooks[].clientConfig.service, APIService spec.service, CustomResourceDefinition spec.conversion',
  kinds: [
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    'apiregistration.k8s.io/APIService',
    'apiextensions.k8s.io/CustomResourceDefinition',
  ],
  check: context => findDangling(context, isTo('/Service')),
})
