// Inputs of tests and examples of pages: what is wrong in them is a warning, unless an Application brings it.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeApplication } from '../../tests/application.ts'
import { useFolder } from '../../tests/folder.ts'
import { validateTree } from '../../tests/tree.ts'

const folder = useFolder('examples')
const { write } = folder
const WRONG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: web }\ndata: []\n'
const look = async () =>
  (await validateTree(folder.root)).report.findings.map(({ severity, message }) => `${severity} ${message}`)
const MESSAGE = 'data must be a mapping, not a list'
const TEST = [`warning ${MESSAGE} (an input of a test)`]

test.each([
  ...['testdata', 'testData', 'test-data', 'testutils', 'internal/test', 'testing', 'fake', 'golden'],
  ...['e2e', 'system-tests', 'load_test', 'test-infra', 'mock_data', 'conformance'],
])('the %s of Go', async name => {
  write(`pkg/${name}/deep/web.yaml`, WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('go.mod', 'module example.com/web\n')
  expect(await look()).toEqual(TEST)
  write(`pkg/${name}/deep/kustomization.yaml`, 'resources: [web.yaml]\n')
  expect(await look()).toEqual(TEST)
})

test('what Go has of other programs', async () => {
  write('vendor/example.com/web/web.yaml', WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('vendor/modules.txt', '# example.com/web v1.0.0\n')
  expect(await look()).toEqual([`warning ${MESSAGE} (a part of a vendored program)`])
})

test('what generators of a program hand on', async () => {
  write('api/zz_generated.manifests/web.yaml', WRONG)
  write('api/generated/web.yaml', WRONG)
  expect(await look()).toEqual([
    `error ${MESSAGE}`,
    `warning ${MESSAGE} (what a generator of a program writes for another one)`,
  ])
})

test('what jsonnet-bundler brings', async () => {
  write('monitoring/vendor/example.com/web/web.yaml', WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('monitoring/jsonnetfile.json', '{ "version": 1, "dependencies": [] }\n')
  expect(await look()).toEqual([`warning ${MESSAGE} (a part of a vendored program)`])
})

test('the resources of tests in Java', async () => {
  write('server/src/test/resources/web.yaml', WRONG)
  expect(await look()).toEqual(TEST)
})

test.each(['kuttl.dev/v1beta1', 'chainsaw.kyverno.io/v1alpha1', 'cli.kyverno.io/v1alpha1'])(
  'the folder of a case of %s',
  async apiVersion => {
    write('tests/web/resources/web.yaml', WRONG)
    write('tests/other/web.yaml', WRONG)
    write('tests/web/case.yaml', `apiVersion: ${apiVersion}\nkind: Test\nmetadata: { name: web }\n`)
    expect(await look()).toEqual([`error ${MESSAGE}`, ...TEST])
  },
)

test.each(['00-assert.yaml', '03-errors.yml', '1-assert-more.yaml'])('the folder of a case with %s', async name => {
  write('tests/web/00-install.yaml', WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write(`tests/web/${name}`, 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n')
  expect(await look()).toEqual(TEST)
})

test('the tests of a program, and not a cluster for tests', async () => {
  write('test/remote/web.yaml', WRONG)
  write('test/e2e/web_test.go', 'package e2e\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('go.mod', 'module example.com/web\n')
  expect(await look()).toEqual(TEST)
  rmSync(join(folder.root, 'test/e2e/web_test.go'))
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test('tests that are a program of their own', async () => {
  write('e2e/package.json', '{}\n')
  write('e2e/specs/web.spec.ts', '')
  write('e2e/app/web.yaml', WRONG)
  expect(await look()).toEqual(TEST)
})

test.each(['integrationtests', 'integration-tests', 'e2e-test'])('the tests of a program in %s', async suite => {
  write('package.json', '{}\n')
  write(`${suite}/assets/web.yaml`, WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write(`${suite}/apply/web.spec.ts`, '')
  expect(await look()).toEqual(TEST)
})

test.each(['run', 'case/run.sh'])('the tests of a program in %s', async script => {
  for (const suite of ['e2e-tests', 'test']) {
    write(`${suite}/conf/web.yaml`, WRONG)
    write(`${suite}/${script}`, '#!/bin/sh\n')
  }
  expect(await look()).toEqual([`error ${MESSAGE}`, `error ${MESSAGE}`])
  write('go.mod', 'module example.com/web\n')
  expect(await look()).toEqual([...TEST, `error ${MESSAGE}`])
})

test('releases that a program keeps beside its last one', async () => {
  write('install/v0.9.0/web.yaml', WRONG)
  write('install/v0.10.0/web.yaml', WRONG)
  const both = [`error ${MESSAGE}`, `error ${MESSAGE}`]
  expect(await look()).toEqual(both)
  write('install/v0.10.0-rc1/web.yaml', WRONG)
  const earlier = `warning ${MESSAGE} (an earlier version beside later ones)`
  expect(await look()).toEqual([earlier, `error ${MESSAGE}`, earlier])
  write('clusters/dev/kustomization.yaml', 'resources: [../../install/v0.9.0/web.yaml]\n')
  rmSync(join(folder.root, 'install/v0.10.0-rc1'), { recursive: true })
  expect(await look()).toContain(`error ${MESSAGE}`)
})

test('the earlier versions of an operator in a catalog', async () => {
  write('catalog/web/1.0.0/web.yaml', WRONG)
  write('catalog/web/1.1.0/web.yaml', WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`, `error ${MESSAGE}`])
  write('catalog/web/web.package.yaml', 'packageName: web\nchannels:\n  - name: alpha\n    currentCSV: web.v1.1.0\n')
  expect(await look()).toEqual([`warning ${MESSAGE} (an earlier version that a catalog keeps)`, `error ${MESSAGE}`])
})

test.each(['tests/fixtures/web.yaml', 'tools/lint/test/fixtures/deep/web.yaml', 'fixtures/valid/web.yaml'])(
  '%s',
  async path => {
    write(path, WRONG)
    expect(await look()).toEqual(TEST)
    rmSync(join(folder.root, path.split('/')[0] ?? ''), { recursive: true })
    write(path.replace('fixtures', 'cluster'), WRONG)
    expect(await look()).toEqual([`error ${MESSAGE}`])
  },
)

test('a manual that explains nearly each line of a manifest', async () => {
  const lines = (count: number, note: string): string =>
    Array.from({ length: count }, (_, index) => `# field${index}: a${note}\n`).join('')
  write('docs/spec/web.yaml', `${WRONG}${lines(30, '')}`)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('docs/spec/web.yaml', `${WRONG}${lines(30, ' # what it is for')}`)
  expect(await look()).toEqual([`warning ${MESSAGE} (an example that a page shows)`])
  write('docs/spec/web.yaml', `${WRONG}${lines(20, ' # what it is for')}`)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  rmSync(join(folder.root, 'docs'), { recursive: true })
  write('clusters/web.yaml', `${WRONG}${lines(30, ' # what it is for')}`)
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test('a hidden folder', async () => {
  write('.archive/web/web.yaml', WRONG)
  write('.archive/web/kustomization.yaml', 'resources: [web.yaml]\n')
  expect(await look()).toEqual([`warning ${MESSAGE} (in a hidden folder, of which nothing is deployed)`])
  write('clusters/dev/kustomization.yaml', 'resources: [../../.archive/web]\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test('the tests of a package in a module', async () => {
  write('server/tests/mocks/web.yaml', WRONG)
  write('server/tests/web_test.go', 'package tests\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('go.mod', 'module example.com/web\n')
  expect(await look()).toEqual(TEST)
})

test.each([
  'ci/invalidWeb.yaml',
  'ci/web-invalid.yaml',
  'invalid/web.yaml',
  'demo/bad/web.yaml',
  '02-invalid-web/app/web.yaml',
])('%s, which says what it is', async path => {
  write(path, WRONG)
  write('ci/invalidation.yaml', WRONG.replace('web', 'other'))
  expect(await look()).toEqual(expect.arrayContaining([...TEST, `error ${MESSAGE}`]))
})

test('snapshots', async () => {
  write('tests/__snapshot__/web.yaml', WRONG)
  expect(await look()).toEqual(TEST)
})

test.each([
  ['e2e/web_test.go', 'apply("@cases/web.yaml")', TEST],
  ['e2e/cases/web_test.go', 'read("web.yaml")', TEST],
  ['e2e/test_web.py', 'read("cases/web")', TEST],
  ['e2e/Web.stories.jsx', "import web from './cases/web.yaml'", TEST],
  ['e2e/web_test.go', 'read("web.yaml")', TEST],
  ['e2e/web_test.go', 'read("other/web.yaml")', [`error ${MESSAGE}`]],
  ['e2e/web_test.go', 'read("./cases/" + name + ".yaml")', TEST],
  ['e2e/web_test.go', 'read("./other/" + name + ".yaml")', [`error ${MESSAGE}`]],
  ['e2e/cases/web_test.go', 'read("./" + name)', [`error ${MESSAGE}`]],
  ['e2e/web.go', 'read("./cases/" + name + ".yaml")', [`error ${MESSAGE}`]],
  ['web.test.ts', 'read("./e2e/cases/" + name)', [`error ${MESSAGE}`]],
  ['e2e/web.go', 'apply("cases/web.yaml")', [`error ${MESSAGE}`]],
  // A test of what is deployed.
  ['tests/web.test.ts', 'read("../e2e/cases/web.yaml")', [`error ${MESSAGE}`]],
  ['web.test.ts', 'read("e2e/cases/web.yaml")', [`error ${MESSAGE}`]],
])('%s that says %s', async (path, text, expected) => {
  write('e2e/cases/web.yaml', WRONG)
  write(path, text)
  expect(await look()).toEqual(expected)
})

test('a test beside the kustomization that is deployed', async () => {
  write('platform/cache/prod/web.yaml', WRONG)
  write('platform/cache/prod/test_web.bats', 'cat "prod/web.yaml"\n')
  expect(await look()).toEqual(TEST)
  write('platform/cache/prod/kustomization.yaml', 'resources: [web.yaml]\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test.each([
  `{% include 'web.yaml' %}`,
  '{!docs/snippets/web.yaml!}',
  '--8<-- "web.yaml"',
  '.. literalinclude:: ../web.yaml',
  'import Web from "!!raw-loader!../snippets/web.yaml";',
])('a page that says %s', async text => {
  write('docs/snippets/web.yaml', WRONG)
  write('docs/web.md', `Apply it: \`kubectl apply -f web.yaml\`\n`)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('docs/web.md', `# Web\n\n${text}\n`)
  expect(await look()).toEqual([`warning ${MESSAGE} (an example that a page shows)`])
})

test.each([
  ['a name that others have, too', 'more/web.yaml', WRONG, 'web.yaml'],
  ['another folder', 'docs/other/x.yaml', WRONG, 'other/web.yaml'],
  ['a kustomization', 'docs/snippets/kustomization.yaml', 'resources: [web.yaml]\n', 'kustomization.yaml'],
])('a page that names %s', async (_, path, content, named) => {
  write('docs/snippets/web.yaml', WRONG)
  write(path, content)
  write('docs/web.md', `{% include "${named}" %}\n`)
  expect(new Set(await look())).toEqual(new Set([`error ${MESSAGE}`]))
})

test('what an Application brings is meant', async () => {
  write('validation.yaml', 'repository: { urls: [https://example.com/acme/tree.git] }\n')
  write('go.mod', 'module example.com/web\n')
  write('testdata/web/web.yaml', WRONG)
  write('app.yaml', writeApplication({ path: 'testdata/web' }))
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

const BESIDE = [`warning ${MESSAGE} (nothing here deploys it)`]

test('an example of which operator-sdk makes a part of a bundle, and not what a build deploys', async () => {
  write('config/samples/web.yaml', WRONG)
  write('config/samples/kustomization.yaml', 'resources: [web.yaml]\n')
  write('config/manifests/kustomization.yaml', 'resources: [../samples]\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write(
    'config/manifests/version.yaml',
    'apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata: { name: web }\n',
  )
  write('config/manifests/kustomization.yaml', 'resources: [../samples, version.yaml]\n')
  expect(await look()).toEqual(BESIDE)
  write('deploy/kustomization.yaml', 'resources: [../config/samples]\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test.each(['examples/web', 'docs/web', 'config/samples', 'Demo'])('%s beside what is deployed', async example => {
  write(`${example}/web.yaml`, WRONG)
  // All that the tree has is meant.
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', WRONG.replace('[]', '{}'))
  expect(await look()).toEqual(BESIDE)
  write(`${example}/kustomization.yaml`, 'resources: [web.yaml]\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test.each(['deploy', 'exampled', 'clusters/test'])('%s may be applied by hand', async folderOfManifests => {
  write(`${folderOfManifests}/web.yaml`, WRONG)
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', WRONG.replace('[]', '{}'))
  expect(await look()).toEqual([`error ${MESSAGE}`])
})

test.each(['go.mod', 'controller/go.mod'])('what a program carries beside its %s', async module => {
  write('controller/assets/web.yaml', WRONG)
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', WRONG.replace('[]', '{}'))
  write('other/go.mod', 'module example.com/other\n')
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write(module, 'module example.com/web\n')
  expect(await look()).toEqual(BESIDE)
})

test('what a program carries beside its chart, and not what shows how to use it', async () => {
  write('go.mod', 'module example.com/web\n')
  write('pkg/api/web.yaml', WRONG)
  expect(await look()).toEqual([`error ${MESSAGE}`])
  write('charts/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n')
  expect(await look()).toEqual(BESIDE)
  write('examples/web.yaml', WRONG.replace('name: web', 'name: other'))
  expect(await look()).toEqual([`error ${MESSAGE}`, ...BESIDE])
})

test('an example that an Application brings is deployed', async () => {
  write('examples/web/web.yaml', WRONG)
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', WRONG.replace('[]', '{}'))
  write('app.yaml', writeApplication({ path: 'examples/web' }))
  expect(await look()).toEqual([expect.stringMatching(/^error data must be a mapping/)])
})

test.each([
  ['./examples', 'error'],
  ['./', 'error'],
  ['./apps', 'warning'],
])('an example below %s, which Flux applies, is judged with an %s', async (path, severity) => {
  write('examples/web/web.yaml', WRONG)
  write('clusters/kustomization.yaml', 'resources: [apps.yaml]\n')
  write(
    'clusters/apps.yaml',
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps, namespace: flux-system }\nspec: { interval: 1m, prune: true, path: ${path}, sourceRef: { kind: GitRepository, name: apps } }\n`,
  )
  expect((await look()).filter(one => one.includes(MESSAGE))).toEqual([expect.stringMatching(`^${severity} `)])
})

test.each([
  ['Makefile', 'kubectl apply -f examples/web', 'error'],
  ['examples/run.sh', 'kubectl --context kind apply -n web -f web/web.yaml', 'error'],
  ['.github/workflows/deploy.yaml', 'oc apply -k ./examples/', 'error'],
  ['Makefile', 'kubectl apply -f examples/webs', 'warning'],
  ['Makefile', 'cat examples/web', 'warning'],
])('%s that says %s makes an example deployed, or not', async (path, command, severity) => {
  write('examples/web/web.yaml', WRONG)
  write('app/kustomization.yaml', 'resources: [web.yaml]\n')
  write('app/web.yaml', WRONG.replace('[]', '{}'))
  write(path, path.endsWith('.yaml') ? `steps:\n  - run: ${command}\n` : `deploy:\n\t${command}\n`)
  expect((await look()).filter(one => one.includes(MESSAGE))).toEqual([expect.stringMatching(`^${severity} `)])
})

test.each(['archive', '_archived', 'deprecated', 'old', 'Legacy', 'manifests-old', 'WEB-OLD'])(
  'what lies in %s, unless something takes from it',
  async name => {
    const file = `apps/${name}/web.yaml`
    write(file, WRONG)
    expect(await look()).toEqual([`warning ${MESSAGE} (in an archive)`])
    write(`apps/${name}/kustomization.yaml`, 'resources: [web.yaml]\n')
    expect(await look()).toEqual([`warning ${MESSAGE} (in an archive)`])
    write('web/kustomization.yaml', `resources: [../apps/${name}]\n`)
    expect(await look()).toEqual([`error ${MESSAGE}`])
    rmSync(join(folder.root, 'web'), { recursive: true })
    write('deploy.sh', `#!/bin/sh\nkubectl apply -k apps/${name}\nkubectl apply -f ${file}\n`)
    expect(await look()).toEqual([`error ${MESSAGE}`])
  },
)

test('what an Application brings of an archive', async () => {
  write('apps/old/web.yaml', WRONG)
  write('app.yaml', writeApplication({ path: 'apps/old' }))
  expect(await look()).toContain(`error ${MESSAGE}`)
})
