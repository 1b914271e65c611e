// Variables of containers, and the fields and resources that variables and files may be taken from.
// Source: EnvVar, EnvFromSource, ObjectFieldSelector and ResourceFieldSelector of core/v1.

import { all, anyText, each, required, setFields, shape, struct, text } from '../check.ts'
import { type ApiFault, type Check, choose, missing, refuse, warn, withoutVolume, wrong } from '../fault.ts'
import { get, isSet, itemsOf, type Node, textOf } from '../node.ts'
import { canonical, readQuantity } from '../../../../tree/model/quantity.ts'
import {
  annotationKey,
  asPrefix,
  configKey,
  dnsLabel,
  dnsSubdomain,
  qualifiedName,
  variableName,
  withoutBackstep,
} from '../text.ts'

const VARIABLE_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const FILE_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.annotations', 'metadata.uid']
const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'].flatMap(name => [`limits.${name}`, `requests.${name}`]).sort()
const CPU_DIVISORS = ['1m', '1']
const SIZE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
/** What the API can convert; others are refused before they are compared with the list. */
const CONVERTIBLE = new Set([
  ...VARIABLE_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'status.nominatedNodeName',
  'spec.hostNetwork',
])

function fieldRef(fields: readonly string[]): Check {
  return shape({}, function* (node) {
    const version = textOf(get(node, 'apiVersion'))
    const field = get(node, 'fieldPath')
    const path = textOf(field)
    if (path === '') {
      yield missing(field)
      return
    }
    if (version !== '' && version !== 'v1') {
      yield wrong(get(node, 'apiVersion'), 'must be v1', field)
      return
    }
    const subscript = /^(.*)\['(.*)'\]$/s.exec(path)
    if (subscript) {
      const [, base = '', key = ''] = subscript
      if (base !== 'metadata.labels' && base !== 'metadata.annotations') {
        yield wrong(
          field,
          'must be metadata.labels or metadata.annotations to have a [key]',
          CONVERTIBLE.has(path) ? node : field,
        )
        return
      }
      const problem = base === 'metadata.labels' ? qualifiedName(key) : annotationKey(key)
      if (problem !== undefined) yield wrong(field, `has a key that ${problem}`, node)
      return
    }
    if (!fields.includes(path)) yield choose(field, fields)
  })
}

export const variableFieldRef = fieldRef(VARIABLE_FIELDS)
export const fileFieldRef = fieldRef(FILE_FIELDS)

/** In files the container must be named; a variable is of its own container. */
export function resourceFieldRef(isFile: boolean): Check {
  return shape({}, function* (node) {
    const resource = get(node, 'resource')
    const name = textOf(resource)
    const isHuge = /^(limits|requests)\.hugepages-/.test(name)
    if (isFile && textOf(get(node, 'containerName')) === '') yield missing(get(node, 'containerName'))
    else if (name === '') yield missing(resource)
    else if (!isHuge && !RESOURCES.includes(name)) yield choose(resource, RESOURCES)
    const divisor = get(node, 'divisor')
    const value = readQuantity(divisor.value)
    if (value === undefined || value === 0n) return
    const allowed = /\.cpu$/.test(name) ? CPU_DIVISORS : isHuge || RESOURCES.includes(name) ? SIZE_DIVISORS : undefined
    if (allowed && !allowed.includes(canonical(divisor.value) ?? '')) yield choose(divisor, allowed)
  })
}

const keySelector: Check = shape({
  name: node => anyText(dnsSubdomain)({ ...node, value: textOf(node) }),
  key: required(text(configKey)),
})

const fileKeyRef: Check = shape({
  key: required(text(variableName)),
  volumeName: required(text(dnsLabel)),
  path: required(text(withoutBackstep)),
})

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']

const valueFrom: Check = shape(
  {
    fieldRef: variableFieldRef,
    resourceFieldRef: resourceFieldRef(false),
    configMapKeyRef: keySelector,
    secretKeyRef: keySelector,
    fileKeyRef,
  },
  function* (node) {
    const set = setFields(node, SOURCES)
    const value = node.up ? textOf(get(node.up, 'value')) : ''
    if (set.length === 0) yield refuse(node, `must have one of ${SOURCES.join(', ')}`)
    else if (value !== '') yield refuse(node, 'must not be set beside value: a variable has one source')
    else if (set.length > 1) yield refuse(node, `must have one of ${set.join(' and ')}, not both`)
  },
)

export const environment: Check = all(
  each(struct({ name: required(text(variableName)), valueFrom })),
  function* (node) {
    const seen = new Map<string, Node>()
    for (const item of itemsOf(node)) {
      const name = textOf(get(item, 'name'))
      if (name === '') continue
      const first = seen.get(name)
      if (first && !usesItself(item, name))
        yield warn(
          item,
          `sets ${name} a second time: what is written first is hidden, and may be dropped when it is applied`,
        )
      seen.set(name, item)
    }
  },
)

/** `PATH: $(PATH):/opt` goes on from what is before it. */
const usesItself = (item: Node, name: string): boolean => textOf(get(item, 'value')).includes(`$(${name})`)

const sourceName: Check = shape({ name: required(text(asPrefix(dnsSubdomain))) })

export const environmentFrom: Check = each(
  struct(
    { prefix: text(variableName), configMapRef: sourceName, secretRef: sourceName },
    function* (node): Iterable<ApiFault> {
      const set = setFields(node, ['configMapRef', 'secretRef'])
      // The server names the list.
      const list = node.up ?? node
      if (set.length === 0) yield refuse(node, 'must have configMapRef or secretRef', list)
      if (set.length > 1) yield refuse(node, 'must have configMapRef or secretRef, not both', list)
    },
  ),
)

/** Files that variables are read from lie in an emptyDir of the pod. */
export function* checkFileSources(container: Node, volumes: ReadonlyMap<string, Node>): Iterable<ApiFault> {
  for (const item of itemsOf(get(container, 'env'))) {
    const source = get(item, 'valueFrom', 'fileKeyRef')
    if (!isSet(source)) continue
    const volumeName = get(source, 'volumeName')
    const volume = volumes.get(textOf(volumeName))
    if (!volume) yield withoutVolume(wrong(volumeName, 'must be a volume of the pod'))
    else if (!isSet(get(volume, 'emptyDir'))) yield wrong(volumeName, 'must be a volume of type emptyDir')
  }
}
