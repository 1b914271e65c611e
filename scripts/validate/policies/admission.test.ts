// What of a policy cannot be known is told, and why; the rest is in the fixtures of the rule admission-policy.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useFolder } from '../../../tests/folder.ts'
import { validateTree } from '../../../tests/tree.ts'
import { pluralOf } from './match.ts'

const folder = useFolder('admission')
const { write } = folder

const GROUP = 'admissionregistration.k8s.io/v1'
const RULE = '{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps] }'
const policy = (expression: string, more = '', rule = RULE): string => `apiVersion: ${GROUP}
kind: ValidatingAdmissionPolicy
metadata: { name: one }
spec:
  matchConstraints: { resourceRules: [${rule}] }
  validations: [{ expression: ${JSON.stringify(expression)}, message: data.a is wrong }]
${more}
`
const binding = (more = '', actions = 'Deny'): string =>
  `---\napiVersion: ${GROUP}\nkind: ValidatingAdmissionPolicyBinding\nmetadata: { name: one }\nspec: { policyName: one, validationActions: [${actions}]${more} }\n`
const CONFIG = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: shop }\ndata: { a: b }\n'

async function look(text: string) {
  write('all.yaml', text)
  const { report } = await validateTree(folder.root)
  return {
    findings: report.findings.map(({ severity, ruleId, fieldPath }) => `${severity} ${ruleId} ${fieldPath.join('.')}`),
    unknown: report.notExamined.filter(({ reason }) => /Policy/.test(reason)).map(({ detail }) => detail),
  }
}
const skipped = (why: string) => ({ findings: [], unknown: [`one: ${why}`] })

test.each([
  ['object.data.a == request.userInfo.username', 'it asks for request.userInfo'],
  ['authorizer.group("").resource("pods").check("get").allowed()', 'it asks what the sender may do'],
  ['object.data.b == ""', 'an expression fails (No such key: b)'],
  ['url(object.data.a).getHost() == ""', 'an expression fails (is not a URL: it is relative)'],
  ['type(ip(object.data.a)) == net.IP', 'an expression is not known here: Unknown variable: net'],
])('%s is not examined', async (expression, why) => {
  expect(await look(policy(expression) + binding() + CONFIG)).toEqual(skipped(why))
})

test('a namespace that is not in the tree', async () => {
  const selector = (key: string) => binding(`, matchResources: { namespaceSelector: { matchLabels: { ${key} } } }`)
  const by = (key: string) => look(policy('false') + selector(key) + CONFIG)
  expect(await by('team: a')).toEqual(skipped('the labels of namespace shop are not known'))
  expect(await by('kubernetes.io/metadata.name: shop')).toMatchObject({ findings: ['error admission-policy data.a'] })
  expect(await by('kubernetes.io/metadata.name: other')).toEqual({ findings: [], unknown: [] })
})

test('parameters that are not in the tree', async () => {
  const params = (action: string) =>
    binding(`, paramRef: { name: p, namespace: x, parameterNotFoundAction: ${action} }`)
  const of = (action: string) =>
    look(policy('false', '  paramKind: { apiVersion: v1, kind: ConfigMap }') + params(action) + CONFIG)
  expect(await of('Deny')).toEqual(skipped('its parameters, ConfigMap p, are not in the tree'))
  expect(await of('Allow')).toEqual({ findings: [], unknown: [] })
})

test('changes alone', async () => {
  const rule = RULE.replace('CREATE', 'UPDATE')
  expect(await look(policy('false', '', rule) + binding() + CONFIG)).toEqual(skipped('it is about changes alone'))
})

test.each([
  ['Deny', 'error'],
  ['Warn', 'warning'],
  ['Audit', 'warning'],
])('%s is an %s', async (action, severity) => {
  const { findings } = await look(policy('object.data.a == "c"') + binding('', action) + CONFIG)
  expect(findings).toEqual([`${severity} admission-policy data.a`])
})

test('a policy of another cluster is not asked', async () => {
  const application = (name: string, server: string) => `---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: default
  source: { repoURL: https://example.com/tree.git, path: ${name}, targetRevision: HEAD }
  destination: { server: ${server}, namespace: shop }
`
  const config = { path: 'validation.yaml', bytes: Buffer.from('repository: { urls: [https://example.com/tree.git] }') }
  const of = async (server: string) => {
    write('apps/all.yaml', application('policies', 'https://one.example') + application('shop', server))
    write('apps/kustomization.yaml', 'resources: [all.yaml]\n')
    write('policies/kustomization.yaml', 'resources: [policy.yaml]\n')
    write('policies/policy.yaml', policy('false') + binding())
    write('shop/kustomization.yaml', 'resources: [config.yaml]\n')
    write('shop/config.yaml', CONFIG)
    const { report } = await validateTree(folder.root, { config })
    return report.findings.map(({ severity, ruleId }) => `${severity} ${ruleId}`)
  }
  expect(await of('https://two.example')).toEqual([])
  expect(await of('https://one.example')).toEqual(['error admission-policy'])
})

test.each([
  ['Ingress', 'ingresses'],
  ['NetworkPolicy', 'networkpolicies'],
  ['Gateway', 'gateways'],
  ['Endpoints', 'endpoints'],
  ['EndpointSlice', 'endpointslices'],
  ['StorageClass', 'storageclasses'],
])('%s are %s', (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural)
})

const DIGESTS = policy(
  'object.kind == "Secret" || variables.loose == []',
  `  variables:
    - { name: pod, expression: 'object.kind == "Pod" ? object.spec : object.spec.template.spec' }
    - { name: loose, expression: 'variables.pod.containers.map(c, c.image).filter(i, !i.contains("@"))' }`,
  '{ apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE], resources: [pods, deployments] }',
).replace('message: data.a is wrong', `messageExpression: '"no digest: " + variables.loose.join(", ")'`)
const WORKLOAD = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'shop/web:v1' }] }
`

test('a workload that is refused makes no pods, and stands where the value is that the message quotes', async () => {
  const { findings } = await look(DIGESTS + binding() + WORKLOAD)
  expect(findings.filter(one => one.includes('admission-policy'))).toEqual([
    'error admission-policy spec.template.spec.containers.0.image',
  ])
  const ofPods = DIGESTS.replace(', deployments]', ']')
  expect((await look(ofPods + binding() + WORKLOAD)).findings).toContain(
    'error admission-policy spec.template.spec.containers.0.image',
  )
})

test('the policy of an example judges the example alone', async () => {
  const base = CONFIG.replace(', namespace: shop', '')
  const inFolder = async (where: string) => {
    const selector = binding(
      ', matchResources: { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } } }',
    )
    write(`${where}/kustomization.yaml`, 'resources: [policy.yaml]\n')
    write(`${where}/policy.yaml`, policy('object.data.a == "c"') + selector)
    write('app/kustomization.yaml', 'resources: [map.yaml]\nnamespace: shop\n')
    write('app/map.yaml', base)
    // Nobody says where it goes.
    write('other/kustomization.yaml', 'resources: [map.yaml]\n')
    write('other/map.yaml', base)
    const { findings, unknown } = await look('')
    rmSync(join(folder.root, where), { recursive: true })
    return { findings: findings.filter(one => one.includes('admission-policy')), unknown }
  }
  expect(await inFolder('bootstrap')).toEqual({ findings: ['warning admission-policy data.a'], unknown: [] })
  expect(await inFolder('examples/policy')).toEqual({ findings: [], unknown: [] })
})
