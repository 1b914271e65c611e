import { describe, expect, test } from 'vitest'
import { container, type Draft, deployment, messagesOf, openTestSchemas } from './testing.ts'

const schemas = await openTestSchemas()

const pod = (draft: Draft): Draft => draft.spec.template.spec
const object = (apiVersion: string, kind: string, fields: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  ...fields,
})

describe('a Deployment is accepted', () => {
  test.each<[string, (draft: Draft) => void]>([
    ['as it is', () => {}],
    [
      'with quantities as numbers',
      draft => Object.assign(container(draft).resources.limits, { cpu: 0.5, memory: 1e9 }),
    ],
    ['with a percentage', draft => (draft.spec.strategy = { rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } })],
    ['with a named port', draft => (container(draft).livenessProbe.httpGet.port = 8080)],
    ['with a whole number written as a fraction', draft => (draft.spec.replicas = 3.0)],
    [
      'with an empty emptyDir',
      draft =>
        (pod(draft).volumes = [
          { name: 'a', emptyDir: {} },
          { name: 'b', emptyDir: null },
        ]),
    ],
    [
      'as kubectl create --dry-run prints it',
      draft => {
        draft.metadata.creationTimestamp = null
        draft.spec.template.metadata.creationTimestamp = null
        draft.spec.strategy = {}
        draft.status = {}
        container(draft).resources = {}
      },
    ],
    [
      'with empty optional keys',
      draft => {
        draft.spec.replicas = null
        draft.spec.strategy = null
        draft.metadata.labels = null
        draft.metadata.annotations = { note: null }
        container(draft).args = null
        container(draft).env = [{ name: 'A', value: null }]
        container(draft).resources.limits.cpu = null
        pod(draft).nodeSelector = null
      },
    ],
    [
      'with an empty text for a choice',
      draft => {
        container(draft).imagePullPolicy = ''
        pod(draft).restartPolicy = ''
        pod(draft).tolerations = [{ key: 'a', operator: '', effect: '' }]
      },
    ],
    ['with empty items of texts', draft => (container(draft).args = [null, 'a'])],
    [
      'with a status as the cluster prints it',
      draft => {
        draft.status = { observedGeneration: 1, replicas: 2, conditions: [{ type: 'Available', status: 'True' }] }
      },
    ],
    ['with a status that is not complete', draft => (draft.status = { conditions: [{}] })],
    [
      'with managed fields',
      draft => {
        draft.metadata.managedFields = [{ manager: 'x', operation: 'Update', fieldsV1: { 'f:spec': { '.': {} } } }]
      },
    ],
  ])('%s', (_, change) => expect(messagesOf(schemas, deployment(change))).toEqual([]))
})

describe('a Deployment is refused, in one line a fault', () => {
  test.each<[(draft: Draft) => unknown, ...string[]]>([
    [draft => (draft.spec.replica = 1), 'unknown field "replica" in spec: did you mean "replicas"?'],
    [draft => (draft.spec.replica = null), 'unknown field "replica" in spec: did you mean "replicas"?'],
    [draft => (draft.sepc = {}), 'unknown field "sepc": did you mean "spec"?'],
    [
      draft => (container(draft).livenessprobe = {}),
      'unknown field "livenessprobe" in containers[0]: did you mean "livenessProbe"?',
    ],
    [draft => (draft.replicas = 3), 'unknown field "replicas": it belongs to spec'],
    [draft => (draft.metadata.replicas = 3), 'unknown field "replicas" in metadata: it belongs to spec'],
    [draft => (pod(draft).replicas = 3), 'unknown field "replicas" in spec.template.spec: it belongs to spec'],
    [draft => (draft.spec.containers = []), 'unknown field "containers" in spec: it belongs to spec.template.spec'],
    [draft => (draft.spec.metadata = {}), 'unknown field "metadata" in spec: it belongs to the top level'],
    [
      draft => (pod(draft).image = 'x'),
      'unknown field "image" in spec.template.spec: it belongs to spec.template.spec.containers',
    ],
    [draft => (draft.spec.frobnicate = 1), 'unknown field "frobnicate" in spec'],
    [draft => (draft.spec.replicas = 'five'), 'spec.replicas must be an integer, not the string "five"'],
    [draft => (draft.spec.replicas = '5'), 'spec.replicas must be an integer, not the string "5": remove the quotes'],
    [draft => (draft.spec.replicas = 1.5), 'spec.replicas must be an integer, not the number 1.5'],
    [draft => (draft.spec.replicas = true), 'spec.replicas must be an integer, not the boolean true'],
    [
      draft => (draft.spec.replicas = 3_000_000_000),
      'spec.replicas must be between -2147483648 and 2147483647, not 3000000000',
    ],
    [draft => delete draft.spec.selector, 'spec.selector is required'],
    [draft => (draft.spec.selector = null), 'spec.selector is required and is empty here'],
    [draft => delete draft.spec, 'spec is required'],
    [draft => (draft.spec = []), 'spec must be a mapping, not a list'],
    [draft => (pod(draft).containers = 'web'), 'spec.template.spec.containers must be a list, not the string "web"'],
    [draft => (pod(draft).containers = [null]), 'containers[0].name is required'],
    [draft => (pod(draft).containers = null), 'spec.template.spec.containers is required and is empty here'],
    [
      draft => (container(draft).ports = { containerPort: 80 }),
      'containers[0].ports must be a list, not a mapping: start each item with "- "',
    ],
    [
      draft => (container(draft).imagePullPolicy = 'Sometimes'),
      'containers[0].imagePullPolicy must be one of Always, IfNotPresent, Never, not "Sometimes"',
    ],
    [
      draft => (container(draft).imagePullPolicy = 'always'),
      'containers[0].imagePullPolicy must be one of Always, IfNotPresent, Never, not "always": did you mean Always?',
    ],
    [
      draft => (container(draft).livenessProbe.httpGet.port = true),
      'containers[0].livenessProbe.httpGet.port must be an integer or a string, not the boolean true: quote it',
    ],
    [
      draft => (container(draft).resources.limits.memory = '2Gx'),
      'containers[0].resources.limits.memory: "2Gx" is not a quantity (examples: 500m, 2Gi)',
    ],
    [
      draft => (container(draft).resources.limits.memory = '2GB'),
      'containers[0].resources.limits.memory: "2GB" is not a quantity (examples: 500m, 2Gi): did you mean 2Gi or 2G?',
    ],
    [
      draft => (container(draft).resources.limits.memory = '1 Gi'),
      'containers[0].resources.limits.memory: "1 Gi" is not a quantity (examples: 500m, 2Gi): did you mean 1Gi?',
    ],
    [
      draft => (container(draft).resources.limits.memory = true),
      'containers[0].resources.limits.memory must be a quantity such as 500m or 2Gi, not the boolean true',
    ],
    [
      draft => (draft.metadata.labels['app.kubernetes.io/tier'] = 1),
      'metadata.labels["app.kubernetes.io/tier"] must be a string, not the number 1: quote it',
    ],
    [draft => (draft.metadata.nmae = 'x'), 'unknown field "nmae" in metadata: did you mean "name"?'],
    [draft => (draft.metadata = 'x'), 'metadata must be a mapping, not the string "x"'],
    [
      draft => (draft.metadata.creationTimestamp = 'yesterday'),
      'metadata.creationTimestamp: "yesterday" is not a date and time (example: 2026-01-31T12:00:00Z)',
    ],
    [
      draft => (pod(draft).hostNetwork = 'no'),
      'spec.template.spec.hostNetwork must be a boolean, not the string "no": kustomize keeps yes/no/on/off as strings; write true or false',
    ],
    [
      draft => (pod(draft).hostNetwork = 'true'),
      'spec.template.spec.hostNetwork must be a boolean, not the string "true": remove the quotes',
    ],
    [
      draft => (container(draft).env = [{ name: 'PORT', value: 5000 }]),
      'containers[0].env[0].value must be a string, not the number 5000: quote it',
    ],
    [
      draft => (draft.spec.strategy = { rollingUpdate: { maxSurge: '1' } }),
      'spec.strategy.rollingUpdate.maxSurge must be an integer or a percentage such as 25%, not "1": remove the quotes',
    ],
    [draft => (draft.status = { replicas: 'x' }), 'status.replicas must be an integer, not the string "x"'],
    [draft => (draft.status = { ready: 1 }), 'unknown field "ready" in status'],
    [
      draft => Object.assign(draft.spec, { replica: 1, replicas: 'x', paused: 'y' }),
      'spec.replicas must be an integer, not the string "x"',
      'unknown field "replica" in spec: did you mean "replicas"?',
      'spec.paused must be a boolean, not the string "y": kustomize keeps yes/no/on/off as strings; write true or false',
    ],
  ])('%s', (change, ...messages) => {
    expect(messagesOf(schemas, deployment(change))).toEqual(messages)
  })
})

describe('other kinds', () => {
  const subject = (fields: object) => object('rbac.authorization.k8s.io/v1', 'RoleBinding', fields)
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }
  const application = (spec: object) =>
    object('argoproj.io/v1alpha1', 'Application', {
      spec: { project: 'p', destination: { namespace: 'n' }, source: { repoURL: 'u', path: 'p' }, ...spec },
    })
  const claim = (requests: object) =>
    object('resource.k8s.io/v1beta2', 'ResourceClaim', {
      spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'c', capacity: { requests } } }] } },
    })
  const webhook = (failurePolicy: string) =>
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        { name: 'a.b.c', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: {}, failurePolicy },
      ],
    })
  const project = (spec: object) => object('argoproj.io/v1alpha1', 'AppProject', { spec })
  const monitor = (spec: object) =>
    object('monitoring.coreos.com/v1', 'ServiceMonitor', { spec: { selector: {}, endpoints: [], ...spec } })

  test.each([
    // Values of a Secret are nobody's to read.
    [
      object('v1', 'Secret', { data: { password: 'hunter2!' } }),
      'data.password must be base64: encode it, or move it to stringData',
    ],
    [
      object('v1', 'Secret', { stringData: { port: 5432 } }),
      'stringData.port must be a string, not a number: quote it',
    ],
    [object('v1', 'Secret', { data: { a: 'aGk=\n' }, stringData: { b: 'x', c: null } })],
    [object('v1', 'ConfigMap', { data: { PORT: 5000 } }), 'data.PORT must be a string, not the number 5000: quote it'],
    [object('v1', 'ConfigMap', { data: null, binaryData: { a: 'aGk=' }, immutable: true })],
    [
      object('v1', 'Service', { spec: { ports: [{ port: 80, protocol: 'tcp' }] } }),
      'spec.ports[0].protocol must be one of SCTP, TCP, UDP, not "tcp": did you mean TCP?',
    ],
    [
      object('v1', 'Service', { spec: { ports: [{ port: '80' }] } }),
      'spec.ports[0].port must be an integer, not the string "80": remove the quotes',
    ],
    [object('v1', 'Service', { spec: { ports: [{ port: 80, targetPort: 'http' }], type: 'NodePort' } })],
    [
      object('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 'half' } }),
      'spec.minAvailable must be an integer or a percentage such as 25%, not "half"',
    ],
    [subject({ roleRef, subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'n' }] })],
    [
      subject({ roleRef: { ...roleRef, kind: 'Rol' } }),
      'roleRef.kind must be one of Role, ClusterRole, not "Rol": did you mean Role?',
    ],
    [subject({}), 'roleRef is required'],
    [object('scheduling.k8s.io/v1', 'PriorityClass', { value: 1, description: 'x' })],
    [object('storage.k8s.io/v1', 'CSIDriver')],
    [object('resource.k8s.io/v1beta2', 'DeviceClass', { spec: { selectors: [] } })],
    [
      object('resource.k8s.io/v1beta2', 'DeviceClass', { spec: { selector: [] } }),
      'unknown field "selector" in spec: did you mean "selectors"?',
    ],
    [claim({ memory: 1, cpu: '500m' })],
    [
      claim({ memory: '1Gx' }),
      'spec.devices.requests[0].exactly.capacity.requests.memory: "1Gx" is not a quantity (examples: 500m, 2Gi)',
    ],
    [webhook('Fail')],
    [webhook(''), 'webhooks[0].failurePolicy must be one of Fail, Ignore, not ""'],
    [application({})],
    [
      application({
        source: { repoURL: 'u', path: 'p', tagPrefix: 'a/', directory: { disableExtensionFilter: true } },
      }),
    ],
    [application({ source: { path: 'p' } }), 'spec.source.repoURL is required'],
    [
      application({ syncPolicy: { automated: { prune: 'yes' } } }),
      'spec.syncPolicy.automated.prune must be a boolean, not the string "yes": kustomize keeps yes/no/on/off as strings; write true or false',
    ],
    [application({ syncPolicy: null })],
    [
      project({
        description: 'x',
        roles: [{ name: 'r', description: 'y' }],
        sourceIntegrity: { git: { policies: [] } },
      }),
    ],
    [project({ syncWindows: [{ kind: 'allow', syncOverrun: true, description: 'x' }] })],
    [project({ descripton: 'x' }), 'unknown field "descripton" in spec: did you mean "description"?'],
    [monitor({ endpoints: [{ port: 'http', interval: '30s' }], sampleLimit: 0 })],
    [
      monitor({ endpoints: [{ interval: '30 sec' }] }),
      'spec.endpoints[0].interval: "30 sec" is not a duration (examples: 30s, 5m, 1h30m)',
    ],
    [monitor({ sampleLimit: -1 }), 'spec.sampleLimit must be at least 0, not -1'],
    [
      object('monitoring.coreos.com/v1', 'Prometheus', {
        spec: { storage: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1Gi' } } } } } },
      }),
    ],
    [
      object('gateway.networking.k8s.io/v1', 'HTTPRoute', { spec: { rules: [{ timeouts: { request: '5 m' } }] } }),
      'spec.rules[0].timeouts.request: "5 m" is not a duration (examples: 30s, 5m, 1h30m)',
    ],
    [
      object('gateway.networking.k8s.io/v1', 'GatewayClass', {
        spec: { controllerName: 'a.b/c', description: 'x'.repeat(65) },
      }),
      'spec.description must have at most 64 characters, has 65',
    ],
  ] as [object, ...string[]][])('%j', (document, ...messages) => {
    expect(messagesOf(schemas, document)).toEqual(messages)
  })
})

test('a fault says where it is: the key, the value, or the object around what is missing', () => {
  const faults = schemas.validate(
    deployment(draft => {
      draft.spec.replica = 1
      draft.metadata.labels['a.b/c'] = 1
      delete container(draft).name
    }),
  )
  expect(faults?.map(({ fieldPath, keyword, at }) => [fieldPath, keyword, at])).toEqual([
    [['metadata', 'labels', 'a.b/c'], 'type', 'value'],
    [['spec', 'template', 'spec', 'containers', 0], 'required', 'key'],
    [['spec', 'replica'], 'additionalProperties', 'key'],
  ])
  expect(faults?.[1]).toMatchObject({ missing: 'name' })
})

describe('hostile values', () => {
  test('a message is one line that a terminal does not act on', () => {
    const control = '\u001b[31m\n\u202e\u0085'
    const [message] = messagesOf(
      schemas,
      deployment(draft => (draft.spec[`${control}${'x'.repeat(500)}`] = 1)),
    )
    expect(message).toMatch(/^unknown field "\\u001b\[31m\\n\\u202e\\u0085x+…" in spec$/)
    const [other] = messagesOf(
      schemas,
      deployment(draft => (draft.spec.replicas = `${control}${'x'.repeat(500)}`)),
    )
    expect(other).toMatch(/^spec\.replicas must be an integer, not the string "\\u001b\[31m\\n\\u202e\\u0085x+…"$/)
    expect((message?.length ?? 0) + (other?.length ?? 0)).toBeLessThan(300)
  })

  test('a key __proto__ is a key like any other', () => {
    const labels = JSON.parse('{"__proto__": 5, "a": null}')
    expect(
      messagesOf(
        schemas,
        deployment(draft => (draft.metadata.labels = labels)),
      ),
    ).toEqual(['metadata.labels.__proto__ must be a string, not the number 5: quote it'])
    const spec = JSON.parse('{"__proto__": {"selector": {}}}')
    expect(
      messagesOf(
        schemas,
        deployment(draft => (draft.spec = spec)),
      ),
    ).toEqual(['spec.selector is required', 'spec.template is required', 'unknown field "__proto__" in spec'])
  })

  test('a hundred thousand unknown fields cost little', () => {
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, index]))
    const started = performance.now()
    const messages = messagesOf(
      schemas,
      deployment(draft => Object.assign(draft.spec, fields)),
    )
    expect(performance.now() - started).toBeLessThan(5000)
    expect(messages.length).toBe(51)
    expect(messages[50]).toBe('at least 150 more faults in this object')
  })

  test('ten thousand broken containers are not all looked into', () => {
    const containers = Array.from({ length: 10_000 }, (_, index) => ({ name: `c${index}`, imag: 'x' }))
    const messages = messagesOf(
      schemas,
      deployment(draft => Object.assign(pod(draft), { containers })),
    )
    expect(messages.length).toBe(51)
    expect(messages[50]).toBe('at least 150 more faults in this object')
  })

  test('some dozens are counted', () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, index]))
    const messages = messagesOf(
      schemas,
      deployment(draft => Object.assign(draft.spec, fields)),
    )
    expect(messages[50]).toBe('10 more faults in this object')
  })

  test('a kind is not looked up in what every object has', () => {
    expect(schemas.isKnown({ apiVersion: '__proto__', kind: 'constructor' })).toBe(false)
    for (const word of ['__proto__', 'constructor', 'toString', '']) {
      expect(schemas.isKnown({ apiVersion: word, kind: 'Pod' })).toBe(false)
      expect(schemas.isKnown({ apiVersion: 'v1', kind: word })).toBe(false)
      expect(schemas.explainUnknown({ apiVersion: word, kind: word })).not.toBe('')
    }
  })
})
