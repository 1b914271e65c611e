// Secrets that stand in Git as anybody can read them. What is found is named by its kind; its value is shown nowhere.
import { listAt, pairsAt, type Resource, stringAt, valueAt } from '../../../tree/model/build.ts'
import { POD_KINDS } from '../../../tree/model/pod-template.ts'
import type { Found, Practice } from './practice.ts'
import { type PodView, viewPod } from './pod-view.ts'
import { findForm, findRegistryLogin, isPlausible, isRandom, isSecretName } from './secret-forms.ts'

const READ = 'everybody who can read the repository, or its history, has it'

function* findVariables({ containers }: PodView): Generator<Found> {
  for (const { name: container, value, path } of containers) {
    for (const [index, variable] of listAt(value, ['env']).entries()) {
      const name = stringAt(variable, ['name']) ?? ''
      const text = stringAt(variable, ['value']) ?? ''
      const what =
        findForm(text) ?? (isSecretName(name) && isPlausible(text, name) ? 'a secret by its name' : undefined)
      if (what === undefined) continue
      const message = `container ${container} has ${what} in the variable ${name}: ${READ}; write valueFrom.secretKeyRef, and give out a new one`
      yield { path: [...path, 'env', index, 'value'], message, values: [name] }
    }
  }
}

/** `--password=...`, and tokens of any kind. */
function findInArgument(text: string): string | undefined {
  const flag = /^--?([\w.-]{1,100})=([\s\S]+)$/.exec(text)
  const [, name = '', value = ''] = flag ?? []
  return (
    findForm(text) ?? (isSecretName(name) && isPlausible(value, name) ? `a secret by its name (${name})` : undefined)
  )
}

function* findArguments({ containers }: PodView): Generator<Found> {
  for (const { name, value, path } of containers) {
    for (const list of ['command', 'args']) {
      for (const [index, argument] of listAt(value, [list]).entries()) {
        const what = typeof argument === 'string' ? findInArgument(argument) : undefined
        if (what === undefined) continue
        const message = `container ${name} has ${what} in ${list}: ${READ}; write $(NAME) with a variable of a Secret, and give out a new one`
        yield { path: [...path, list, index], message, values: [] }
      }
    }
  }
}

function* findInConfigMap({ object }: Resource): Generator<Found> {
  for (const [key, text] of Object.entries(pairsAt(object, ['data']))) {
    const isNamed = isSecretName(key) && isPlausible(text, key)
    const what = findForm(text) ?? (isNamed ? 'a secret by its name' : undefined)
    if (what === undefined) continue
    const message = `key ${key} has ${what}: ${READ}, and in the cluster everybody who may read ConfigMaps; move it into a Secret that is not in Git`
    yield { path: ['data', key], message, values: [key] }
  }
}

function* findInSecret({ object }: Resource): Generator<Found> {
  // What SOPS has encrypted.
  if (valueAt(object, ['sops']) !== undefined) return
  for (const field of ['data', 'stringData']) {
    for (const [key, written] of Object.entries(pairsAt(object, [field]))) {
      const text = field === 'data' ? Buffer.from(written.slice(0, 200_000), 'base64').toString() : written
      const isPlain = (isSecretName(key) && isPlausible(text, key)) || isRandom(text)
      const what = findForm(text) ?? (key.startsWith('.docker') ? findRegistryLogin(text) : undefined)
      if (what === undefined && !isPlain) continue
      const message = `key ${key} has ${what ?? 'a secret'} in clear text (base64 hides nothing): ${READ}; keep it out of Git (SealedSecret, ExternalSecret, SOPS), and give out a new one`
      yield { path: [field, key], message, values: [key] }
    }
  }
}

export const SECRETS: readonly Practice[] = [
  {
    id: 'env-var-secret',
    hidesSource: true,
    summary: 'A variable of a container holds a secret in clear text.',
    why: 'Whoever can read the repository has it, now and in its history, and so does who may read pods in the cluster.',
    remediation:
      'Keep the value in a Secret that is not in Git, name it by valueFrom.secretKeyRef, and give out a new value.',
    source: 'kube-linter env-var-secret, polaris sensitiveContainerEnvVar',
    of: 'pods',
    find: findVariables,
  },
  {
    id: 'plaintext-secret',
    hidesSource: true,
    summary: 'A Secret, a ConfigMap or an argument holds a secret in clear text.',
    why: 'Whoever can read the repository has it, now and in its history; base64 is a spelling and hides nothing.',
    remediation: 'Keep the value out of Git: a SealedSecret, an ExternalSecret or SOPS; then give out a new value.',
    source: 'polaris sensitiveConfigmapContent; Kubernetes: good practices for Secrets',
    of: 'objects',
    kinds: ['/Secret', '/ConfigMap', ...POD_KINDS],
    find(resource) {
      if (resource.kind === 'Secret') return findInSecret(resource)
      if (resource.kind === 'ConfigMap') return findInConfigMap(resource)
      const pod = viewPod(resource)
      return pod ? findArguments(pod) : []
    },
  },
]
