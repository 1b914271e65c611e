// Takes a small tree shaped like this repository's, breaks one thing, and expects exactly the findings that follow.
import { cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FROZEN_TREE, showFindings, validateTree } from './tree.ts'

class Copy {
  readonly root = mkdtempSync(join(tmpdir(), 'mutation-'))

  constructor() {
    cpSync(FROZEN_TREE, this.root, { recursive: true })
  }

  text(file: string): string {
    return readFileSync(join(this.root, file), 'utf8')
  }

  /** Replaces the first occurrence after a mark; fails when the text is not there. */
  replace(file: string, from: string, to: string, after = ''): void {
    const text = this.text(file)
    const start = text.indexOf(after)
    const at = start < 0 ? -1 : text.indexOf(from, start + after.length)
    if (at < 0) throw new Error(`${file} has no "${from}" after "${after}"`)
    this.write(file, text.slice(0, at) + to + text.slice(at + from.length))
  }

  append(file: string, text: string): void {
    this.write(file, `${this.text(file)}${text}`)
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text)
  }

  remove(file: string): void {
    unlinkSync(join(this.root, file))
  }

  /** The line on which the n-th occurrence of a text stands, after the mutation. */
  line(file: string, text: string, after = ''): string {
    const content = this.text(file)
    const at = content.indexOf(text, content.indexOf(after) + after.length)
    if (at < 0) throw new Error(`${file} has no "${text}"`)
    return `${file}:${content.slice(0, at).split('\n').length}`
  }
}

interface Mutation {
  readonly name: string
  mutate(copy: Copy): void
  /** Rule and place of every finding; the place as `file` and a text on the line. */
  expected(copy: Copy): readonly (readonly [rule: string, place: string, message: RegExp])[]
}

const DEPLOYMENT = 'base/deployment.yaml'
const SERVICE = 'base/service.yaml'
const DEV = 'overlays/dev/kustomization.yaml'
const RESOURCES = 'overlays/dev/patches/resources.yaml'

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'nothing',
    mutate: () => undefined,
    expected: () => [],
  },
  {
    name: 'misspelt selector in the base',
    mutate: copy => copy.replace(DEPLOYMENT, 'app: flask-api', 'app: flask-apii', 'matchLabels:'),
    expected: copy => [['mismatching-selector', copy.line(DEPLOYMENT, 'app: flask-apii'), /asks for app=flask-apii/]],
  },
  {
    name: 'misspelt label of the pod template',
    mutate: copy => copy.replace(DEPLOYMENT, 'app: flask-api', 'app: flaskapi', 'template:\n    metadata:'),
    expected: copy => [['mismatching-selector', copy.line(DEPLOYMENT, 'app: flaskapi'), /has app=flaskapi/]],
  },
  {
    name: 'label changed by a JSON patch of an overlay',
    mutate: copy =>
      copy.append(RESOURCES, '- op: replace\n  path: /spec/template/metadata/labels/app\n  value: other\n'),
    expected: copy => [['mismatching-selector', copy.line(RESOURCES, 'value: other'), /has app=other/]],
  },
  {
    name: 'label changed by an inline strategic merge patch of an overlay',
    mutate: copy =>
      copy.append(
        DEV,
        [
          '  - patch: |-',
          '      apiVersion: apps/v1',
          '      kind: Deployment',
          '      metadata:',
          '        name: flask-api-deployment',
          '      spec:',
          '        template:',
          '          metadata:',
          '            labels:',
          '              app: other',
          '',
        ].join('\n'),
      ),
    expected: copy => [['mismatching-selector', copy.line(DEV, 'app: other'), /has app=other/]],
  },
  {
    name: 'misspelt selector of the Service',
    mutate: copy => copy.replace(SERVICE, 'app: flask-api', 'app: flask-ap', 'selector:'),
    expected: copy => [['dangling-service', copy.line(SERVICE, 'app: flask-ap', 'selector:'), /app=flask-ap:/]],
  },
  {
    name: 'wrong port name in the Service',
    mutate: copy => copy.replace(SERVICE, 'targetPort: http', 'targetPort: htpp'),
    expected: copy => [['dangling-target-port', copy.line(SERVICE, 'targetPort:'), /"htpp"/]],
  },
  {
    name: 'renamed container port',
    mutate: copy => copy.replace(DEPLOYMENT, '- name: http', '- name: web'),
    expected: copy => [['dangling-target-port', copy.line(DEPLOYMENT, '- name: web'), /"http"/]],
  },
  {
    name: 'wrong kind',
    mutate: copy => copy.replace(DEPLOYMENT, 'kind: Deployment', 'kind: Deploymnt'),
    expected: copy => [['unknown-kind', copy.line(DEPLOYMENT, 'kind: Deploymnt'), /Deploymnt.*Deployment/]],
  },
  {
    name: 'wrong apiVersion',
    mutate: copy => copy.replace(DEPLOYMENT, 'apiVersion: apps/v1', 'apiVersion: apps/v1beta2'),
    expected: copy => [['unknown-kind', copy.line(DEPLOYMENT, 'apiVersion:'), /apps\/v1/]],
  },
  {
    name: 'misspelt field',
    mutate: copy => copy.replace(DEPLOYMENT, 'minReadySeconds:', 'minReadySecond:'),
    expected: copy => [['schema-validation', copy.line(DEPLOYMENT, 'minReadySecond:'), /minReadySeconds/]],
  },
  {
    name: 'misspelt required field',
    mutate: copy => copy.replace(DEPLOYMENT, '  selector:', '  selectr:'),
    expected: copy => [['schema-validation', copy.line(DEPLOYMENT, 'selectr:'), /selector/]],
  },
  {
    name: 'text for a number',
    mutate: copy => copy.replace(DEPLOYMENT, 'containerPort: 5000', 'containerPort: "5000"'),
    expected: copy => [['schema-validation', copy.line(DEPLOYMENT, 'containerPort:'), /integer/]],
  },
  {
    name: 'value out of its list',
    mutate: copy => copy.replace(DEPLOYMENT, 'imagePullPolicy: IfNotPresent', 'imagePullPolicy: Sometimes'),
    expected: copy => [['schema-validation', copy.line(DEPLOYMENT, 'imagePullPolicy:'), /IfNotPresent/]],
  },
  {
    name: 'bad quantity in a patch',
    mutate: copy => copy.replace(RESOURCES, 'value: 64Mi', 'value: 64Mib'),
    expected: copy => [['schema-validation', copy.line(RESOURCES, 'value: 64Mib'), /64Mib/]],
  },
  {
    name: 'duplicate key in a manifest',
    mutate: copy => copy.replace(DEPLOYMENT, '  minReadySeconds: 5', '  minReadySeconds: 5\n  minReadySeconds: 6'),
    expected: copy => [['yaml-syntax', copy.line(DEPLOYMENT, 'minReadySeconds: 6'), /written twice/]],
  },
  {
    name: 'duplicate key in a kustomization',
    mutate: copy => copy.append(DEV, '\nresources:\n  - namespace.yaml\n'),
    expected: copy => [['yaml-syntax', copy.line(DEV, 'resources:', 'patches:'), /resources is written twice/]],
  },
  {
    name: 'missing patch file',
    mutate: copy => copy.remove(RESOURCES),
    expected: copy => [['kustomize-build', copy.line(DEV, 'path: patches/resources.yaml'), /does not exist/]],
  },
  {
    name: 'missing resource file of the base',
    mutate: copy => copy.remove(SERVICE),
    expected: copy => [['kustomize-build', copy.line('base/kustomization.yaml', 'service.yaml'), /does not exist/]],
  },
  {
    name: 'patch that names a path which is not there',
    mutate: copy =>
      copy.replace(RESOURCES, 'containers/0/resources/requests/cpu', 'container/0/resources/requests/cpu'),
    expected: copy => [
      ['kustomize-build', copy.line(RESOURCES, 'container/0'), /has no container; did you mean containers/],
    ],
  },
  {
    name: 'replicas for a workload that is not there',
    mutate: copy => copy.replace(DEV, 'name: flask-api-deployment', 'name: flask-api', 'replicas:'),
    expected: copy => [['unmatched-replica', copy.line(DEV, 'name: flask-api', 'replicas:'), /no workload is named/]],
  },
  {
    name: 'unknown field of a kustomization',
    mutate: copy => copy.replace(DEV, 'replicas:', 'replica:'),
    expected: copy => [['kustomize-build', copy.line(DEV, 'replica:'), /did you mean "replicas"/]],
  },
  {
    name: 'field of a kustomization in another case',
    mutate: copy => copy.replace(DEV, 'namespace:', 'nameSpace:'),
    expected: copy => [['kustomize-build', copy.line(DEV, 'nameSpace:'), /write "namespace"/]],
  },
  {
    name: 'remote base with an option for git in its ref',
    mutate: copy => copy.replace(DEV, '../../base', 'https://github.com/your-org/repo//base?ref=--upload-pack=x'),
    expected: copy => [['refused-input', copy.line(DEV, 'https://'), /remote/]],
  },
  {
    name: 'one resource in two files',
    mutate: copy => {
      copy.write('base/copy.yaml', copy.text(SERVICE))
      copy.replace('base/kustomization.yaml', '- service.yaml', '- service.yaml\n  - copy.yaml')
    },
    expected: copy => [['duplicate-resource', copy.line('base/copy.yaml', 'name: flask-api-service'), /base\/service/]],
  },
  {
    name: 'Application for a folder that is gone',
    mutate: copy => copy.replace('apps/qa.yaml', 'path: overlays/qa', 'path: overlays/test'),
    expected: copy => [
      ['application-path-missing', copy.line('apps/qa.yaml', 'path: overlays/test'), /does not exist/],
    ],
  },
  {
    name: 'Application for another namespace',
    mutate: copy => copy.replace('apps/qa.yaml', 'namespace: flask-api-qa', 'namespace: flask-api-test'),
    expected: copy => [
      ['application-namespace-mismatch', copy.line('apps/qa.yaml', 'namespace: flask-api-test'), /flask-api-qa/],
    ],
  },
  {
    name: 'overlay for another namespace',
    mutate: copy => copy.replace('overlays/qa/kustomization.yaml', 'namespace: flask-api-qa', 'namespace: flask-qa'),
    expected: copy => [
      ['application-project-mismatch', copy.line('overlays/qa/kustomization.yaml', 'namespace: flask-qa'), /flask-qa/],
    ],
  },
  {
    name: 'two Applications for one overlay',
    mutate: copy => {
      copy.replace('apps/qa.yaml', 'path: overlays/qa', 'path: overlays/dev')
      copy.replace('apps/qa.yaml', 'namespace: flask-api-qa', 'namespace: flask-api-dev')
    },
    expected: copy => [['shared-resource', copy.line('apps/qa.yaml', 'path: overlays/dev'), /flask-api-dev renders/]],
  },
  {
    name: 'misspelt field of an Application',
    mutate: copy => copy.replace('apps/dev.yaml', 'selfHeal: true', 'selfheal: true'),
    expected: copy => [['schema-validation', copy.line('apps/dev.yaml', 'selfheal: true'), /selfHeal/]],
  },
]

let copy: Copy
beforeEach(() => {
  copy = new Copy()
})
afterEach(() => rmSync(copy.root, { recursive: true, force: true }))

test.each(MUTATIONS.map(mutation => [mutation.name, mutation] as const))('%s', async (_, { mutate, expected }) => {
  mutate(copy)
  const validation = await validateTree(copy.root)
  const wanted = expected(copy)
  expect(
    validation.report.findings.map(({ ruleId, location }) => `${ruleId} ${location.file}:${location.line}`),
    showFindings(validation).join('\n'),
  ).toEqual(wanted.map(([rule, place]) => `${rule} ${place}`))
  for (const [index, [, , message]] of wanted.entries()) {
    expect(validation.report.findings[index]?.message).toMatch(message)
  }
})
