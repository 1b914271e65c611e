// Values that another program fills in are not judged, unless Argo CD sends them as they are; and how owners build counts.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeApplication } from '../../tests/application.ts'
import { useFolder } from '../../tests/folder.ts'
import { showFindings, validateTree } from '../../tests/tree.ts'
import { isFilledInLater, listSynced } from './placeholders.ts'

const folder = useFolder('placeholders')
const { write } = folder
const look = async () => {
  const validation = await validateTree(folder.root)
  return { findings: showFindings(validation), reasons: validation.report.notExamined.map(({ reason }) => reason) }
}

const SERVICE = (value: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec:\n  ports: [{ port: 80 }]\n  publishNotReadyAddresses: ${value}\n`
const APPLICATION = writeApplication({ path: 'web' })
const REASON = 'a value that another program fills in'

const asVariable = (text: string): string => `"$\{${text}}"`

test.each(['READY', 'READY:=true', ' READY ', 'web.ready', 'web.ready?c'])(
  'the variable %j is not known',
  async text => {
    write('web.yaml', SERVICE(asVariable(text)))
    expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  },
)

const BLANKS = [
  '"{{ ready }}"',
  '"<ready>"',
  '"@READY@"',
  '"__READY__"',
  '"$$ready$$"',
  '"($test.ready)"',
  '"..."',
  '"**ready or not**"',
  'replace_me',
  '_replaced_',
  '$web_ready',
  "(join('-', [$name]))",
  'ready-{}',
  '"$(cat ready | base64 -w0)"',
]
test('nor is a variable of a program that deploys', async () => {
  write('web.yaml', SERVICE('"#{Web.Ready}"'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
})

test('nor is what such a variable stands for where YAML takes it for a comment', async () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  namespace: web\n  name: '
  write('other.yaml', SERVICE('true'))
  write('web.yaml', `${account}#{ACCOUNT}\n`)
  const reasons = ['a template that is YAML by chance: what it renders is not known']
  expect(await look()).toEqual({ findings: [], reasons })
  write('web.yaml', `${account}# {ACCOUNT}\n`)
  expect((await look()).findings).toEqual([expect.stringContaining('metadata.name is required')])
})

test.each(BLANKS)('what a person fills in as %s is not known either', async value => {
  write('web.yaml', SERVICE(value))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('kustomization.yaml', 'resources: [web.yaml]\n')
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
})

test.each(['"<ready>"', asVariable('READY')])('a field that nobody knows is one, whatever fills in %s', async value => {
  write('web.yaml', SERVICE('true').replace('publishNotReadyAddresses: true', `publishReadyAddress: ${value}`))
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "publishReadyAddress"')])
})

test.each([asVariable('COMMENT').slice(1, -1), '{{comment}}', '___comment___'])(
  'nor is a field whose name %s begins',
  async variable => {
    const field = (name: string): string => SERVICE('true').replace('spec:', `spec:\n  "${name}": { a: b }`)
    write('web.yaml', field(`${variable}selector`))
    expect(await look()).toEqual({ findings: [], reasons: [REASON] })
    write('web.yaml', field('NAME_selector'))
    expect((await look()).findings).toEqual([expect.stringContaining('unknown field "NAME_selector"')])
  },
)

test('what an ApplicationSet leaves in what it makes stays there', async () => {
  write(
    'set.yaml',
    `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: web, namespace: argocd }
spec:
  generators: [{ list: { elements: [{ name: web }] } }]
  template:
    metadata: { name: "{{name}}", labels: { a: "{{other}}" } }
    spec:
      project: default
      source: { repoURL: https://example.com/acme/other.git, path: web, targetRevision: HEAD }
      destination: { server: https://kubernetes.default.svc, namespace: web }
`,
  )
  expect((await look()).findings).toEqual([expect.stringMatching(/^invalid-application .*is not a label's value$/)])
})

test('nor is a word that stands for a name', async () => {
  const account = (name: string): string =>
    `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: "${name}", namespace: web }\n`
  write('kustomization.yaml', 'resources: [web.yaml]\n')
  for (const name of [
    'web-YOUR_ID',
    'SERVICE_ACCOUNT',
    'REPLACEME-canary',
    'web-REPLACE-ME',
    'restore-TIMESTAMP',
    'WebPlaceholder',
    'replaced by kustomize',
    'FILLED BY THE OPERATOR',
  ]) {
    write('web.yaml', account(name))
    expect(await look(), name).toEqual({ findings: [], reasons: [REASON] })
  }
  for (const name of ['WebAccount', 'Web account', 'web_account', 'ACCOUNT', 'web-ACCOUNT', 'web-OUR_ID']) {
    write('web.yaml', account(name))
    expect((await look()).findings, name).toEqual([expect.stringContaining('metadata.name must be')])
  }
  write('web.yaml', SERVICE('true').replace('spec:', 'spec:\n  type: CLUSTER_IP'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec.type must be one of')])
})

test('nor is a word for what a name is made of, or a variable of a shell', async () => {
  const ingress = (host: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: web }\nspec:\n  rules: [{ host: "${host}", http: { paths: [{ path: /, pathType: Prefix, backend: { resource: { kind: Web, name: web } } }] } }]\n`
  for (const host of [
    'web.DOMAIN.COM',
    'web.MYDOMAIN.com',
    'NAMESPACE-web.example.com',
    'YOUR-HOSTNAME',
    'CLUSTERNAME',
    '$HOST',
  ]) {
    write('web.yaml', ingress(host))
    expect(await look(), host).toEqual({ findings: [], reasons: [REASON] })
  }
  for (const host of ['web.ACME.COM', 'Domain', 'SUBDOMAIN', 'web-$HOST']) {
    write('web.yaml', ingress(host))
    expect((await look()).findings, host).toEqual([expect.stringContaining('host must be')])
  }
})

test('nor is the name of a release that helm was not told', async () => {
  write('web.yaml', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: RELEASE-NAME-web, namespace: web }\n')
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('web.yaml', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: RELEASE-web, namespace: web }\n')
  expect((await look()).findings).toEqual([expect.stringContaining('metadata.name must be')])
})

test('nor is a number for which a word stands', async () => {
  const service = (port: string): string => SERVICE('true').replace('port: 80', `port: ${port}, targetPort: ${port}`)
  write('web.yaml', service('PORT'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const port of ['"80"', 'Port', 'YES', 'http']) {
    write('web.yaml', service(port))
    const told = expect.stringContaining('spec.ports[0].port must be an integer')
    expect((await look()).findings, port).toContainEqual(told)
  }
})

test('nor is a name in braces, of which YAML makes a mapping or nothing', async () => {
  write('web.yaml', SERVICE('{ready}'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('web.yaml', SERVICE('{ready: true}'))
  expect((await look()).findings).toEqual([expect.stringContaining('must be a boolean')])
  write('other.yaml', SERVICE('true').replace('web', 'other'))
  write('web.yaml', `${SERVICE('true')}  externalName: {user}/web\n`)
  expect(await look()).toEqual({ findings: [], reasons: ['a template, not YAML: it is not rendered'] })
  write('web.yaml', `${SERVICE('true')}  externalName: {a, b]\n`)
  expect((await look()).findings).toEqual([expect.stringMatching(/^yaml-syntax/)])
})

test.each([
  'replicas: # Replace with your number\n',
  '# Change this to your number\n  # more about it\n  replicas: many\n',
])('nor is a value whose note says that it is to be replaced', async spec => {
  const web = (written: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  ${written}  selector: { matchLabels: { app: web } }\n  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: web:1 }] } }\n`
  write('web.yaml', web(spec.replace(': #', ': many #')))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const word of ['See', 'Set']) {
    write('web.yaml', web(spec.replace(': #', ': many #').replace(/replace|change/i, word)))
    expect((await look()).findings).toEqual([expect.stringContaining('spec.replicas must be an integer')])
  }
})

test('nor is a word in brackets, of which YAML makes a list', async () => {
  write('web.yaml', SERVICE('[YOUR_READY]'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const list of ['[ready]', '[YOUR_READY, YOUR_OTHER]', '[]', '[[YOUR_READY]]']) {
    write('web.yaml', SERVICE(list))
    expect((await look()).findings, list).toEqual([expect.stringContaining('must be a boolean')])
  }
})

test('nor is a key that stands for one', async () => {
  const pod = (key: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: web:1, resources: { limits: { ${key}: 1 } } }] }\n`
  write('web.yaml', pod('FILLED_BY_A_PROGRAM'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('web.yaml', pod('filled_by_hand'))
  expect((await look()).findings).toEqual([expect.stringContaining('limits.filled_by_hand must be a resource')])
})

test('nor is a replacement in a variable, of which YAML makes a key and a value', async () => {
  const account = (annotation: string): string =>
    `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  annotations:\n    ${annotation}\n`
  write('web.yaml', account('$' + '{ROLE/#arn/acme.example/role/arn: arn}'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const annotation of ['$' + '{ROLE/#arn/acme.example/role/arn: arn', '$/#arn/acme.example/role/arn: arn}']) {
    write('web.yaml', account(annotation))
    expect((await look()).findings, annotation).toEqual([expect.stringContaining('has a key that must be')])
  }
})

test('a field that holds nothing, and a name in the wrong case, are mistakes', async () => {
  const pod = (source: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: web:1, env: [{ name: A, valueFrom: ${source} }] }] }\n`
  for (const [source, message] of [
    ['{ fieldRef: null }', 'valueFrom must have one of'],
    ['{ fieldRef: { fieldPath: METADATA.NAME } }', 'fieldPath'],
  ] as const) {
    write('web.yaml', pod(source))
    expect((await look()).findings, source).toEqual([expect.stringContaining(message)])
  }
})

test('nor is a path/to something', async () => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('app.yaml', APPLICATION.replace('path: web', 'path: dir/path/to/web'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('app.yaml', APPLICATION.replace('path: web', 'path: dir/path/web'))
  expect((await look()).findings).toEqual([expect.stringMatching(/^application-path-missing/)])
})

test('nor is a name in a file that is copied and filled in', async () => {
  const service = (name: string): string => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name} }\n`
  write('web/template.yaml', service('service_name'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const [path, name] of [
    ['web/templates.yaml', 'service_name'],
    ['web/template.yaml', 'Service_name'],
  ] as const) {
    rmSync(join(folder.root, 'web'), { recursive: true })
    write(path, service(name))
    expect((await look()).findings, name).toEqual([expect.stringContaining('metadata.name must be')])
  }
})

test('an object that sops has encrypted is not judged by what is encrypted', async () => {
  const secret = (more: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: web }\ndata:\n  a: ENC[AES256_GCM,data:x,type:str]\n${more}sops: { mac: "ENC[x]" }\n`
  write('web.yaml', secret(''))
  const reason = 'an object that sops has encrypted'
  expect(await look()).toEqual({ findings: [], reasons: [reason, reason] })
  write('web.yaml', secret('dat: {}\n'))
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "dat"')])
})

test('a file that Git ignores is written before the build, unless Argo CD builds what Git has', async () => {
  write('web/kustomization.yaml', 'resources: [web.yaml, made.yaml, gone.yaml]\n')
  write('web/web.yaml', SERVICE('true'))
  write('.gitignore', 'made.*\n')
  const gone = 'kustomize-build web/kustomization.yaml:1:34 web/gone.yaml does not exist'
  expect(await look()).toMatchObject({
    findings: [gone],
    reasons: expect.arrayContaining([
      'a file that another program writes or fills in before the build',
      'a build that is rendered in part',
    ]),
  })
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('app.yaml', APPLICATION)
  expect((await look()).findings).toEqual([expect.stringContaining('web/made.yaml does not exist'), gone])
})

test.each(['mkdir -p "$TMP/other"', 'git clone --depth 1 https://example.com/acme/other.git $HERE/other'])(
  'what a script beside it makes by %s is written before the build, too',
  async line => {
    write('hack/dev/kustomization.yaml', 'resources: [../other/base, web.yaml]\n')
    write('hack/dev/web.yaml', SERVICE('true'))
    const missing = [expect.stringContaining('hack/other/base does not exist')]
    write('scripts/set-up.sh', `${line}\n`)
    expect((await look()).findings).toEqual(missing)
    write('hack/set-up.sh', `${line}2\n`)
    expect((await look()).findings).toEqual(missing)
    write('hack/set-up.sh', `#!/bin/sh\n  ${line}\n`)
    expect(await look()).toMatchObject({
      findings: [],
      reasons: expect.arrayContaining(['a file that another program writes or fills in before the build']),
    })
  },
)

test.each(['in', 'tmpl', 'example'])('what is missing is made of a file beside it that ends with .%s', async ending => {
  write('web/kustomization.yaml', 'resources: [web.yaml, made.yaml]\n')
  write('web/web.yaml', SERVICE('true'))
  write(`web/made.yaml.old`, '')
  write(`web/other.yaml.${ending}`, '')
  expect((await look()).findings).toEqual([expect.stringContaining('web/made.yaml does not exist')])
  write(`web/made.yaml.${ending}`, '')
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a file that another program writes or fills in before the build']),
  })
})

test('a recipe that names a folder writes beside a copy of it what is missing', async () => {
  const recipe = (folder: string): string =>
    `out:\n\tyq . ${folder}/kustomization.yaml > $(OUT)/kustomization.yaml\n\tkustomize build web > $(OUT)/made.yaml\n`
  write('hack/image/kustomization.yaml', 'resources: [made.yaml]\n')
  write('Makefile', recipe('hack/other'))
  expect((await look()).findings).toEqual([expect.stringContaining('hack/image/made.yaml does not exist')])
  write('Makefile', recipe('hack/image'))
  expect((await look()).findings).toEqual([])
})

test('nor does a folder lack a kustomization that Git ignores', async () => {
  write('web/kustomization.yaml', 'resources: [manager, web.yaml]\n')
  write('web/web.yaml', SERVICE('true'))
  write('web/manager/kustomization.yaml.in', '')
  expect((await look()).findings).toEqual([expect.stringContaining('web/manager has no kustomization.yaml')])
  write('.gitignore', 'web/*/kustomization.yaml\n')
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a file that another program writes or fills in before the build']),
  })
})

test('nor is a folder missing of which Git ignores the kustomization', async () => {
  write('web/kustomization.yaml', 'resources: [crd, web.yaml]\n')
  write('web/web.yaml', SERVICE('true'))
  expect((await look()).findings).toEqual([expect.stringContaining('web/crd does not exist')])
  write('web/.gitignore', 'crd/bases/\ncrd/kustomization.yaml\n')
  expect((await look()).findings).toEqual([])
})

test('what is written for one line of a workload is a patch', async () => {
  const deployment = (containers: string, more = ''): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { ${more}template: { spec: { containers: [${containers}] } } }\n`
  write('web.yaml', deployment('{ name: web, volumeMounts: [] }'))
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a patch that no kustomization reads']),
  })
  for (const text of [
    deployment('{ name: web, image: web:1 }'),
    deployment('{ name: web }', 'selector: { matchLabels: { app: web } }, '),
    deployment('{ name: web, imag: web:1 }').replace('Deployment', 'DaemonSet'),
  ]) {
    write('web.yaml', text)
    expect((await look()).findings, text).not.toEqual([])
  }
})

test('of a template of pods Spark makes them', async () => {
  const pod = (container: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: driver }\nspec: { containers: [${container}] }\n`
  write('spark/driver-pod-template.yaml', pod('{ name: spark }'))
  expect((await look()).findings).toEqual([])
  write('spark/driver-pod-template.yaml', pod('{ name: spark }, { name: a, image: a:1 }'))
  expect((await look()).findings).toEqual([expect.stringContaining('image is required')])
  rmSync(join(folder.root, 'spark'), { recursive: true })
  write('spark/driver.yaml', pod('{ name: spark }'))
  expect((await look()).findings).toEqual([expect.stringContaining('image is required')])
})

test('a note says what comes in its place', async () => {
  const secret = (lines: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: web }\ndata:\n  a: |\n${lines}`
  write('web.yaml', secret('    # The key, encoded\n    # in base64\n'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('web.yaml', secret('    # The key\n    key: a\n'))
  expect((await look()).findings).toEqual([expect.stringContaining('must be base64')])
})

test.each([
  ['Makefile', '\t@echo "PASSWORD=$(PASSWORD)" > web/base/made.txt', 'web/base/made.txt'],
  ['Makefile', '\t$(OPERATOR_SDK) generate kustomize manifests -q', 'config/manifests/bases/web.yaml'],
  ['Makefile', '\t$(CONTROLLER_GEN) rbac webhook paths="./..."', 'config/webhook/manifests.yaml'],
  ['hack/make.sh', `cp "$ROOT/$FILE" $\{NAME}/base/made.yaml`, 'web/base/made.yaml'],
  ['web/make.sh', 'helm template web chart > made.yaml', 'web/made.yaml'],
  ['hack/make.sh', 'curl -sSL "$URL" -o web/base/made.yaml', 'web/base/made.yaml'],
  ['lib/deploy.ts', "const steps = ['cp web/base/x.yaml web/base/made.yaml', 'kustomize build']", 'web/base/made.yaml'],
  [
    '.github/workflows/deploy.yml',
    'steps:\n  - run: |\n      kubectl get x | tee web/base/made.yaml',
    'web/base/made.yaml',
  ],
])('%s that says %s writes %s', async (path, text, made) => {
  const [folder = '', name = ''] = [made.slice(0, made.lastIndexOf('/')), made.slice(made.lastIndexOf('/') + 1)]
  const root = folder.replace(/\/bases$/, '')
  write(`${root}/kustomization.yaml`, `resources: [${root === folder ? '' : 'bases/'}${name}, web.yaml]\n`)
  write(`${root}/web.yaml`, SERVICE('true'))
  write(
    path,
    `${text.replace(name, `other-${name}`).replace('kustomize manifests', 'others').replace('webhook', 'x')}\n`,
  )
  const missing = [expect.stringContaining(`${made} does not exist`)]
  expect((await look()).findings).toEqual(missing)
  write(path, `${text}\n`)
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a file that another program writes or fills in before the build']),
  })
})

test.each([
  ['web/make.sh', 'echo made.yaml'],
  ['hack/make.sh', 'curl -o made.yaml "$URL"'],
  ['hack/make.sh', 'cp web.yaml "$FOLDER/made.yaml"'],
  ['hack/make.sh', 'kubectl apply -f web/made.yaml'],
])('%s that says %s writes nothing that is missed', async (path, text) => {
  write('web/kustomization.yaml', 'resources: [made.yaml, web.yaml]\n')
  write('web/web.yaml', SERVICE('true'))
  write(path, `${text}\n`)
  expect((await look()).findings).toEqual([expect.stringContaining('web/made.yaml does not exist')])
})

test('a var that a partial build lost is not what stands there', async () => {
  write('web/kustomization.yaml', 'resources: [web.yaml, gone.yaml]\n')
  write('web/web.yaml', SERVICE('$(ready)'))
  expect((await look()).findings).toEqual([expect.stringContaining('gone.yaml does not exist')])
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringContaining('must be a boolean')])
})

test('nor is a var of a file that no kustomization here lists', async () => {
  write('web.yaml', SERVICE('$(ready)'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('kustomization.yaml', 'resources: [web.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringContaining('must be a boolean')])
})

test.each(['inputs', 'inputs/web.yaml'])('what a plugin reads from %s may be the part of an object', async path => {
  const plugin = `apiVersion: policy.example.com/v1\nkind: PolicyGenerator\nmetadata: { name: web }\npolicies: [{ manifests: [{ path: ${path} }] }]\n`
  write('web/kustomization.yaml', 'generators: [policy.yaml]\n')
  write('web/policy.yaml', plugin)
  write(
    'web/inputs/web.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nstatus: { replicas: 1 }\n',
  )
  const refused = expect.stringContaining('PolicyGenerator would run a program')
  expect(await look()).toMatchObject({
    findings: [refused],
    reasons: expect.arrayContaining(['an object that a plugin completes']),
  })
  write('web/inputs/web.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspek: {}\n')
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "spek"'), refused])
  write('web/policy.yaml', plugin.replace(path, 'others'))
  write('web/inputs/web.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n')
  expect((await look()).findings).toEqual([expect.stringContaining('spec is required'), refused])
})

test.each(['$(ready)', asVariable('READY')])('nor is %s in a build that fails', async value => {
  write('web/kustomization.yaml', 'resources: [web.yaml, web.yaml]\n')
  write('web/web.yaml', SERVICE(value))
  expect(await look()).toMatchObject({
    findings: [expect.stringMatching(/^duplicate-resource/)],
    reasons: ['a build that is not rendered'],
  })
  write('web/web.yaml', SERVICE('"true"'))
  expect((await look()).findings).toContainEqual(expect.stringContaining('must be a boolean'))
})

test('what a Kustomization of Flux patches may lack what the patch adds', async () => {
  const flux = (path: string, kind: string): string =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps, namespace: flux-system }\nspec:\n  interval: 1m\n  prune: true\n  path: ./apps/${path}\n  sourceRef: { kind: GitRepository, name: tree }\n  patches: [{ target: { kind: ${kind} }, patch: "spec: { interval: 5m }" }]\n`
  write('apps/dev/00/kustomization.yaml', 'resources: [release.yaml]\n')
  const release = (spec: string): string =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: web, namespace: web }\nspec:\n  chart: { spec: { chart: web, sourceRef: { kind: HelmRepository, name: charts } } }\n${spec}`
  write('apps/dev/00/release.yaml', release(''))
  const reasons = ['an object that Flux patches: what it lacks is not known']
  for (const path of ['dev/00', `$\{ENVIRONMENT}/$\{CLUSTER}`]) {
    write('clusters/apps.yaml', flux(path, 'HelmRelease'))
    expect(await look(), path).toEqual({ findings: [], reasons })
  }
  write('apps/dev/00/release.yaml', release('  interval: 5\n'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec.interval')])
  write('apps/dev/00/release.yaml', release(''))
  for (const [path, kind] of [
    ['dev/00', 'HelmRepository'],
    ['prod/00', 'HelmRelease'],
  ] as const) {
    write('clusters/apps.yaml', flux(path, kind))
    expect((await look()).findings, path).toEqual([expect.stringContaining('spec.interval is required')])
  }
})

test('a scheme that several values of Secrets share is that of a program that looks them up', async () => {
  const secret = (...values: readonly string[]): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: web }\ndata:\n${values.map((value, index) => `  k${index}: "${value}"\n`).join('')}`
  write('web.yaml', secret('store:2:one', 'store:2:two', 'store:2:three'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON, REASON, REASON] })
  const notBase64 = expect.stringContaining('must be base64')
  write('web.yaml', secret('admin:one', 'store:2:two', 'store:2:three'))
  expect((await look()).findings).toEqual([notBase64, notBase64, notBase64])
  write('web.yaml', secret('redis://one', 'redis://two', 'redis://three'))
  expect((await look()).findings).toEqual([notBase64, notBase64, notBase64])
})

test('what is missing stands beside it, to be filled in', async () => {
  const binding = (note: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: web }
subjects:
  - kind: ServiceAccount
    ${note}
    name: web
roleRef: { kind: ClusterRole, name: view, apiGroup: rbac.authorization.k8s.io }
`
  write('web.yaml', binding('# namespace: <your-namespace>'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  for (const note of ['# namespace: web', '# apiGroup: <your-group>']) {
    write('web.yaml', binding(note))
    expect((await look()).findings, note).toEqual([expect.stringContaining('subjects[0].namespace is required')])
  }
})

test("an empty spec in samples is kubebuilder's, and a mistake elsewhere", async () => {
  write('crd.yaml', DEFINITION)
  const sample = 'apiVersion: example.com/v1\nkind: Web\nmetadata: { name: web }\nspec:\n'
  const told = [expect.stringContaining('spec is required and is empty here')]
  write('config/web/web.yaml', sample)
  write('config/web/kustomization.yaml', 'resources: [web.yaml]\n')
  expect((await look()).findings).toEqual(told)
  rmSync(join(folder.root, 'config'), { recursive: true })
  for (const kustomization of ['', 'resources: [web.yaml]\n']) {
    write('config/samples/web.yaml', sample)
    if (kustomization) write('config/samples/kustomization.yaml', kustomization)
    expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  }
  const sized = 'type: object, required: [size], properties: { size: { type: string } } }'
  write('crd.yaml', DEFINITION.replace('spec: { type: object }', `spec: { ${sized}`))
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: { size: }'))
  expect((await look()).findings).toEqual([])
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: { size: 1 }'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec.size must be a string')])
  write('crd.yaml', DEFINITION)
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: []'))
  expect((await look()).findings).toEqual([expect.stringContaining('spec must be a mapping')])
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: { foo: bar }'))
  expect((await look()).findings).toEqual([])
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: { food: bar }'))
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "food"')])
  rmSync(join(folder.root, 'config'), { recursive: true })
  // A build elsewhere may read the samples.
  write('config/web/kustomization.yaml', 'resources: [../samples]\n')
  write('config/samples/kustomization.yaml', 'resources: [web.yaml]\n')
  write('config/samples/web.yaml', sample.replace('spec:', 'spec: { foo: bar }'))
  expect((await look()).findings).toEqual([])
})

test('a definition without a group, names and a scope is a part that a generator merges', async () => {
  const definition = (more: string): string =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: webs.example.com }\nspec:\n${more}  versions: [{ name: v1 }]\n`
  write('api/web.yaml', definition(''))
  expect((await look()).findings).toEqual([])
  write('api/web.yaml', definition('  scope: Namespaced\n'))
  expect((await look()).findings).not.toEqual([])
  write('api/web.yaml', definition('').replace('name: v1', 'name: v1, served: true'))
  expect((await look()).findings).not.toEqual([])
  write('api/web.yaml', definition('').replace('name: v1', 'name: v1, subresources: { scales: {} }'))
  expect((await look()).findings).toEqual([expect.stringContaining('scales')])
  write('api/web.yaml', definition('').replace(/versions:.*/, 'versions: []'))
  expect((await look()).findings).not.toEqual([])
})

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: webs.example.com }
spec:
  group: example.com
  names: { kind: Web, plural: webs, singular: web, listKind: WebList }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, required: [spec], properties: { spec: { type: object } } }
`

test('a word is not the certificates of an authority, and may be a password in clear text', async () => {
  const webhook = (bundle: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: web }
webhooks:
  - name: web.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig: { url: "https://web.example.com", caBundle: "${bundle}" }
`
  write('web.yaml', webhook('CRT'))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  const notBase64 = [expect.stringContaining('must be base64')]
  write('web.yaml', webhook('-----BEGIN'))
  expect((await look()).findings).toEqual(notBase64)
  write('web.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: { name: web }\ndata: { password: ADMIN }\n')
  expect((await look()).findings).toEqual(notBase64)
})

test('a template that a kustomization reads is written first, a mistake elsewhere in it is one', async () => {
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  const template = `${SERVICE('true')}\n<MORE_OF_IT>\n`
  write('web/web.yaml', template)
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a file that another program writes or fills in before the build']),
  })
  write('web/web.yaml', `# {{ name }}\n\n\n${SERVICE('true')}a: b: c\n`)
  expect((await look()).findings).toEqual([expect.stringMatching(/^yaml-syntax web\/web.yaml:/)])
})

test('a loose manifest that lacks what a build has is a patch of it', async () => {
  const deployment = (spec: string, name = 'web'): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec:\n${spec}`
  const pods = 'template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: web, args: [a] }] } }'
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  write(
    'web/web.yaml',
    deployment(`  selector: { matchLabels: { a: b } }\n  ${pods.replace('args: [a]', 'image: "web:1"')}\n`),
  )
  write('more/over.yaml', deployment(`  ${pods}\n`))
  expect(await look()).toMatchObject({
    findings: [],
    reasons: expect.arrayContaining(['a patch that no kustomization reads']),
  })
  write('more/over.yaml', deployment(`  ${pods}\n`, 'other'))
  expect((await look()).findings).toContainEqual(expect.stringContaining('spec.selector is required'))
})

test.each(['"$READY"', asVariable('')])('%s is what it is', async value => {
  write('web.yaml', SERVICE(value))
  expect((await look()).findings).toEqual([expect.stringContaining('publishNotReadyAddresses must be a boolean')])
})

test.each([asVariable('READY'), ...BLANKS])('Argo CD fills in nothing: %s', async value => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  write('web/web.yaml', SERVICE(value))
  write('app.yaml', APPLICATION)
  expect(await look()).toEqual({ findings: [expect.stringMatching(/^schema-validation web\/web.yaml:6/)], reasons: [] })
})

test('a plugin of Argo CD fills in variables', async () => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app.yaml', APPLICATION)
  write('argocd/values.yaml', 'repoServer: { extraContainers: [{ command: [/var/run/argocd/argocd-cmp-server] }] }\n')
  write('web/web.yaml', SERVICE(asVariable('SECRET:READY')))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
  write('web/web.yaml', SERVICE('READY'))
  expect((await look()).findings).toHaveLength(1)
})

test('a recipe that lifts the restriction of kustomize is how the owners build', async () => {
  write('app/kustomization.yaml', 'resources: [../shared.yaml]\n')
  write('shared.yaml', SERVICE('true'))
  expect((await look()).findings).toEqual([expect.stringContaining('is not in or below app')])
  write('Makefile', 'build:\n\tkustomize build app --load-restrictor LoadRestrictionsNone\n')
  expect((await look()).findings).toEqual([])
  rmSync(join(folder.root, 'Makefile'))
  const restricted = [expect.stringContaining('is not in or below app')]
  expect((await look()).findings).toEqual(restricted)
  write(
    'app/kustomization.yaml',
    '# kustomize build --load-restrictor=LoadRestrictionsNone app\nresources: [../shared.yaml]\n',
  )
  expect((await look()).findings).toEqual([])
  // Argo CD does not ask it.
  write('app.yaml', writeApplication({ path: 'app' }))
  expect((await look()).findings).toEqual(restricted)
  rmSync(join(folder.root, 'app.yaml'))
  // Of another folder it says nothing.
  write('web/kustomization.yaml', 'resources: [../shared.yaml]\n')
  expect((await look()).findings).toEqual([expect.stringContaining('is not in or below web')])
})

/** By the words that stand in the place of what comes later. */
const OF_NAME = { ruleId: 'api-validation', values: ['metadata/name'] }
const OF_TYPE = { ruleId: 'schema-validation', values: ['type'] }

test.each<readonly [value: unknown, isFilledIn: boolean]>([
  [`$\{NAME}`, true],
  [`web-$\{NAME:-a}-b`, true],
  [`$\{ NAME := a }`, true],
  [`$\{1}`, false],
  ['$(NAME)', true],
  ['$(a b)', false],
  ['SERVICE_ACCOUNT', true],
  ['REPLACE-ME', true],
  ['REPLACEME', true],
  ['web-TIMESTAMP', true],
  ['TIMESTAMP', false],
  ['NamespacePlaceholder', true],
  ['CRON_TZ=UTC', false],
  ['web', false],
  ['Web', false],
  ['a_b', false],
  [5, false],
  [undefined, false],
])('%j is filled in: %s', (value, expected) => {
  expect(isFilledInLater(value, OF_NAME)).toBe(expected)
  expect(isFilledInLater(value, OF_TYPE)).toBe(expected)
})

test.each([
  ['a choice, by a word', { ruleId: 'schema-validation', values: ['enum'] }, 'SERVICE_TYPE', false],
  ['a choice, by a variable', { ruleId: 'schema-validation', values: ['enum'] }, `$\{TYPE}`, true],
  ['a field that nobody knows', { ruleId: 'schema-validation', values: ['additionalProperties'] }, `$\{TYPE}`, false],
  ['what a rule looks up, by a word', { ruleId: 'dangling-service', values: ['a'] }, 'SERVICE_ACCOUNT', false],
  ['what a rule looks up, by a variable', { ruleId: 'dangling-service', values: ['a'] }, '$(NAME)', true],
])('%s', (_, fault, value, expected) => {
  expect(isFilledInLater(value, fault)).toBe(expected)
})

test('what Applications bring is synced as it is', () => {
  const state = (kind: string, ...ids: readonly string[]) => ({ state: { kind, builds: ids.map(id => ({ id })) } })
  const applications = [{ sources: [state('builds', 'a', 'b'), state('unknown', 'c')] }, { sources: [] }]
  expect([...listSynced({ applications } as never)]).toEqual(['a', 'b'])
})

test('a build of which a chart is made is judged by the chart', async () => {
  write('chart/kustomization.yaml', 'resources: [web.yaml]\n')
  const map = (name: string): string =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: "${name}", labels: { release: web } }\nBLOCK_OF_WEB: ""\n`
  write('chart/web.yaml', map('web'))
  expect((await look()).findings).toEqual([expect.stringContaining('unknown field "BLOCK_OF_WEB"')])
  write('chart/web.yaml', `${map('web')}${map('{{ .Values.name }}')}`)
  const { findings, reasons } = await look()
  expect(findings).toEqual([])
  expect(new Set(reasons)).toEqual(new Set(['an object of which a template of a Helm chart is made']))
  write('app.yaml', writeApplication({ path: 'chart' }))
  expect((await look()).findings).toEqual(
    expect.arrayContaining([expect.stringContaining('unknown field "BLOCK_OF_WEB"')]),
  )
})

test('an Application that is filled in itself syncs what is filled in with it', async () => {
  write('web/kustomization.yaml', 'resources: [web.yaml]\n')
  write('web/web.yaml', SERVICE(`$\{READY}`))
  write('app.yaml', writeApplication({ path: 'web' }))
  expect((await look()).findings).toHaveLength(1)
  write('app.yaml', writeApplication({ path: 'web', repoURL: `"$\{URL}/tree"` }))
  expect(await look()).toEqual({ findings: [], reasons: [REASON] })
})
