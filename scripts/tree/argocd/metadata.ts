// Checks the metadata of Argo CD's own objects as the API server does for every custom resource.
import { mappingAt, stringAt, valueAt } from '../model/build.ts'
import { type ArgocdFault, refused } from './fault.ts'

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/

export const isSubdomain = (text: string): boolean => text.length <= 253 && SUBDOMAIN.test(text)
export const isDnsLabel = (text: string): boolean => text.length <= 63 && LABEL.test(text)

/** A key of labels, annotations or finalizers: a name, maybe behind a domain and a slash. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split('/')
  const name = parts.at(-1) ?? ''
  if (parts.length > 2 || name === '' || name.length > 63 || !LABEL_VALUE.test(name)) return false
  return parts.length === 1 || isSubdomain(parts[0] ?? '')
}

export const isLabelValue = (text: string): boolean => text.length <= 63 && LABEL_VALUE.test(text)

/** The longest name an Application may have: the repo-server makes the name of a file of it. */
const FILE_NAME = 255
const SOURCE_FILE = '.argocd-source-.yaml'

export function* checkMetadata(object: unknown): Generator<ArgocdFault> {
  const name = stringAt(object, ['metadata', 'name'])
  if (name !== undefined && name !== '' && !isSubdomain(name)) {
    const rule = name.length > 253 ? 'at most 253 characters' : 'lower case letters, digits, - and . only'
    yield refused(['metadata', 'name'], `name ${JSON.stringify(name.slice(0, 80))} is not one of the API: ${rule}`, [
      'odd-name',
      name,
    ])
  } else if (stringAt(object, ['kind']) === 'Application' && (name?.length ?? 0) + SOURCE_FILE.length > FILE_NAME) {
    yield refused(
      ['metadata', 'name'],
      `a name of ${name?.length} characters is too long for Argo CD to look for its files`,
      ['long-name', name ?? ''],
    )
  }
  if (!name && stringAt(object, ['metadata', 'generateName'])) {
    yield refused(
      ['metadata', 'generateName'],
      'what is applied needs a name; generateName works with kubectl create only',
      ['generated-name'],
    )
  }
  for (const [key, value] of Object.entries(mappingAt(object, ['metadata', 'labels']) ?? {})) {
    if (!isQualifiedName(key))
      yield refused(['metadata', 'labels', key], `${JSON.stringify(key)} is not a label's name`, ['odd-key', key])
    else if (typeof value === 'string' && !isLabelValue(value)) {
      yield refused(['metadata', 'labels', key], `${JSON.stringify(value)} is not a label's value`, [
        'odd-value',
        value,
      ])
    }
  }
  const finalizers = valueAt(object, ['metadata', 'finalizers'])
  for (const [index, finalizer] of (Array.isArray(finalizers) ? finalizers : []).entries()) {
    if (typeof finalizer !== 'string' || isQualifiedName(finalizer)) continue
    yield refused(['metadata', 'finalizers', index], `${JSON.stringify(finalizer)} is not a finalizer's name`, [
      'odd-finalizer',
      finalizer,
    ])
  }
}
